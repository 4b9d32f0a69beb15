"""One backend's part of `benchmarks/zoo.py`: reads jobs, writes what came of them, a line each."""

import functools
import gc
import hashlib
import importlib
import json
import os
import sys
import time
import traceback
import warnings
from pathlib import Path

import keras
import numpy as np

import keras_bam
from keras_bam.layers import BAM
from keras_bam.training.versions import versions

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from ecosystem import NETWORKS  # noqa: E402

SIZE_COUNTED = 224  # where the network leaves it open
NETWORK = {network.name: network for network in NETWORKS}


def insert(name, path, seed, count, run=True):
    """Builds a network, inserts into it, compares the two, and saves the copy to `path`.

    Without `run` nothing is predicted or saved.
    """
    network = NETWORK[name]
    keras.utils.set_random_seed(seed)
    try:
        model = network.build()
    except Exception as error:
        return {"not_built": _said(error)}
    before = _state(model)
    record = {"parameters": model.count_params()}
    if count:
        record["counted"] = {"plain": _counted(model)}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            places = keras_bam.bottlenecks(model)
            new = keras_bam.insert(model, BAM(layer_scale_init_value=0))
        except Exception as error:
            refused = isinstance(error, ValueError)  # with a reason
            return {**record, "refused" if refused else "failed": _said(error)}
    if count:
        record["counted"]["added"] = _counted(new)
    record |= {
        "places": places,
        "class": type(new).__name__,
        "parameters_added": new.count_params() - model.count_params(),
        "kept_weights": _kept(model, new),
        "source_untouched": _state(model) == before,
        "pyramid": _pyramid(model, new),
        "warnings": sorted({str(warning.message) for warning in caught}),
    }
    return record | _ran(model, new, _images(model, network.size, seed), path) if run else record


def _ran(model, new, images, path):
    plain = model.predict(images, verbose=0)
    return {
        "difference": _difference(new.predict(images, verbose=0), plain),
        "finite": all(np.isfinite(x).all() for x in map(np.asarray, keras.tree.flatten(plain))),
        **_saved(new, images, plain, path),
    }


def _saved(new, images, plain, path):
    """Saves with every module in full effect, so that it would be missed in what is loaded."""
    for layer in new._flatten_layers():
        if isinstance(layer, BAM):
            layer.layer_scale.assign(np.ones(layer.layer_scale.shape))
    expected = keras.tree.flatten(new.predict(images, verbose=0))
    flat = keras.tree.flatten(images)
    np.savez(f"{path}.npz", *flat, *map(np.asarray, expected), inputs=len(flat))
    new.save(path)
    return {
        "effect_of_modules": _difference(expected, plain),
        "sensitivity": _difference(new.predict(_moved(images), verbose=0), expected),
        "weights": _digest(new),
        "bytes": os.path.getsize(path),
    }


def _moved(images):
    """Larger by a millionth: what outputs change by is what rounding may change them by."""
    return keras.tree.map_structure(lambda x: x * np.float32(1 + 1e-6), images)


def plain_file(name, path):
    """Whether the plain graph, without its class and without `insert`, loads from a file."""
    model = NETWORK[name].build()
    try:
        keras.Model(model.input, model.output).save(path)
        _loaded(path)
    except Exception as error:
        return {"failed": _said(error)}
    return {}


def reload(path, library):
    """Loads what `insert` saved, here or on another backend, and compares."""
    importlib.import_module(library)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model, trusted = _loaded(path)
        except Exception as error:
            return {"failed": _said(error)}
    stored = np.load(f"{path}.npz")
    arrays = [stored[f"arr_{number}"] for number in range(len(stored.files) - 1)]
    inputs = int(stored["inputs"])
    images = keras.tree.pack_sequence_as(model.input, arrays[:inputs])
    if keras.backend.backend() == "jax":  # which compiles each operation of an eager call
        outputs = model.predict(images, verbose=0)
    else:
        outputs = model(images, training=False)
    return {
        "difference": _difference(outputs, arrays[inputs:]),
        "weights": _digest(model),
        "modules": sum(isinstance(layer, BAM) for layer in model._flatten_layers()),
        "safe_mode": not trusted,
        "warnings": sorted({str(warning.message) for warning in caught}),
    }


def _loaded(path):
    """The model, and whether it loads only if its own Python lambdas are trusted."""
    try:
        return keras.saving.load_model(path), False
    except ValueError as error:
        if "`Lambda` layer" not in str(error):
            raise
        return keras.saving.load_model(path, safe_mode=False), True


def describe():
    return versions()


def _said(error):
    return f"{type(error).__name__}: {error}"


def _counted(model):
    shapes = keras.tree.map_structure(lambda x: x.shape[1:], model.input)
    sizes = keras.tree.map_shape_structure(
        lambda shape: tuple(SIZE_COUNTED if size is None else size for size in shape), shapes
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `unknown` says it
        found = keras_bam.complexity(model, input_shape=sizes)
    return {
        "input": sizes,
        "parameters": found.parameters,
        "multiply_adds": found.multiply_adds,
        "unknown": list(found.unknown),
    }


def _images(model, size, seed):
    draw = np.random.default_rng(seed)

    def image(x):
        shape = [size if length is None else length for length in x.shape[1:]]
        return draw.uniform(0, 255, (1, *shape)).astype("float32")

    return keras.tree.map_structure(image, model.input)


def _difference(outputs, expected):
    """The largest of all outputs' differences, each over the largest number in that output."""
    largest = 0.0
    pairs = zip(keras.tree.flatten(outputs), keras.tree.flatten(expected), strict=True)
    for got, wanted in pairs:
        got, wanted = (keras.ops.convert_to_numpy(x).astype("float64") for x in (got, wanted))
        if not np.array_equal(got, wanted, equal_nan=True):
            difference = np.abs(got - wanted).max() / np.abs(wanted).max()
            largest = float(max(largest, np.nan_to_num(difference, nan=np.inf)))
    return largest


def _digest(model):
    digest = hashlib.sha256()
    for weight in model.weights:
        values = np.ascontiguousarray(keras.ops.convert_to_numpy(weight))
        # A counter has 64 bits on TensorFlow and 32 on the others.
        digest.update(values if values.dtype.kind == "f" else values.astype("int64"))
    return digest.hexdigest()


def _state(model):
    """What must not change: the configs of the model and all its layers, and the weights."""
    configs = [(layer.name, _config(layer)) for layer in model._flatten_layers()]
    written = json.dumps(configs, default=lambda leaf: type(leaf).__name__, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest(), _digest(model)


def _config(layer):
    try:
        return layer.get_config()
    except Exception as error:  # of layers that are saved within another only
        return type(error).__name__


def _kept(model, new):
    """Whether all layers are there by name, with equal weights, and all others are modules."""
    old, copies = _leaves(model), _leaves(new)
    others = [layer for path, layer in copies.items() if path not in old]
    return (
        old.keys() <= copies.keys()
        and all(isinstance(layer, BAM) for layer in others)
        and all(_equal(layer, copies[path]) for path, layer in old.items())
        and sum(len(layer.weights) for layer in others) == len(new.weights) - len(model.weights)
    )


def _leaves(model, prefix=""):
    leaves = {}
    for layer in model.layers:
        path = f"{prefix}{layer.name}"
        inner = isinstance(layer, keras.Model)
        leaves.update(_leaves(layer, f"{path}/") if inner else {path: layer})
    return leaves


def _equal(layer, copy):
    pairs = zip(layer.variables, copy.variables, strict=True)
    return all(
        np.array_equal(keras.ops.convert_to_numpy(old), keras.ops.convert_to_numpy(new))
        for old, new in pairs
    )


def _pyramid(model, new):
    """Of the levels that a backbone declares, those that come out of a module in the copy."""
    for attribute in ("pyramid_outputs", "pyramid_level_inputs"):
        levels = getattr(model, attribute, None)
        if isinstance(levels, dict) and levels:
            return {
                "attribute": attribute,
                "levels": sorted(levels),
                "refined": sorted(
                    level
                    for level, end in (getattr(new, attribute, None) or {}).items()
                    if isinstance(_operation(new, end), BAM)
                ),
            }
    return None


def _operation(model, end):
    return model.get_layer(end) if isinstance(end, str) else end._keras_history.operation


def draw_with_numpy():
    """Starting weights: JAX compiles each draw anew for each shape, minutes for a network."""
    drawing = importlib.import_module("keras.src.backend.jax.random")

    def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None, limit=np.inf):
        draw = np.random.default_rng(np.random.randint(2**31))
        values = draw.standard_normal(shape, "float32").clip(-limit, limit) * stddev + mean
        return keras.ops.convert_to_tensor(values, dtype or keras.config.floatx())

    def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
        draw = np.random.default_rng(np.random.randint(2**31))
        values = draw.random(shape, "float32") * (maxval - minval) + minval
        return keras.ops.convert_to_tensor(values, dtype or keras.config.floatx())

    drawing.normal, drawing.uniform = normal, uniform
    drawing.truncated_normal = functools.partial(normal, limit=2.0)


def _resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


JOBS = {"insert": insert, "reload": reload, "plain_file": plain_file, "describe": describe}

if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Libraries that print do not print into the answers.
    if keras.backend.backend() == "jax":
        draw_with_numpy()
    for line in sys.stdin:
        job = json.loads(line)
        keras.utils.clear_session()
        gc.collect()
        start = time.perf_counter()
        try:
            answer = JOBS[job.pop("job")](**job)
        except Exception as error:
            traceback.print_exc()
            answer = {"failed": _said(error)}
        gc.collect()
        answer["seconds"] = round(time.perf_counter() - start, 1)
        print(json.dumps({"answer": answer, "resident": _resident()}), file=answers, flush=True)
