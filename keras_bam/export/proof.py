"""The proof that a file computes what the model computes."""

import statistics
import time

import keras
import numpy as np

from keras_bam.export.detection_order import DETECTIONS, in_order_of

# Largest difference from `model.predict` that we hand over, as a share of the largest output.
# docs/export.md has what was measured.
TOLERANCES = {
    "float32": 1e-5,  # two orders of summation
    "float16": 1e-2,  # weights rounded to 11 bits
    "dynamic_int8": 0.1,  # weights rounded to 8 bits
    "int8": 0.25,  # weights and activations rounded to 8 bits
    "int16x8": 0.1,  # weights rounded to 8 bits
}
_TIMED_RUNS = 11


def largest_difference(model, runtime, signature, calibration):
    """Largest absolute difference of any output, and the largest absolute output.

    Random images, and the calibration images where there are any, go through both; at every batch
    size and every size of `signature`.

    Raises:
        ValueError: if the model gives NaN or infinity.
    """
    difference = scale = 0.0
    for images in _inputs(signature, calibration):
        predicted = model.predict(images, verbose=0, batch_size=len(images))
        names = sorted(predicted) if isinstance(predicted, dict) else None
        expected = _outputs(predicted)
        if not all(np.isfinite(output).all() for output in expected):
            raise ValueError(
                f"{model.name!r} gives NaN or infinity, which no file can be compared with: look "
                "at its weights, and at the calibration images"
            )
        # Numbers of classes and counts have to be right, and say nothing of rounding.
        real = [output for output in expected if output.dtype.kind == "f"]
        scale = max([scale, *(float(np.abs(output).max()) for output in real)])
        for batch in signature.batches:
            for start in range(0, len(images) - batch + 1, batch):
                part = slice(start, start + batch)
                found = runtime.run(np.ascontiguousarray(images[part]))
                wanted = [output[part] for output in expected]
                if names == DETECTIONS:
                    found = in_order_of(wanted, found)
                for ours, theirs in zip(wanted, found, strict=True):
                    difference = max(difference, _difference(ours, theirs))
    return difference, scale


def latency(runtime, signature):
    """Seconds for one image, or for a batch where the file takes no single one: a median."""
    images = _random(signature, signature.proven_shapes[0], signature.batches[0])
    runtime.run(images)
    seconds = []
    for _ in range(_TIMED_RUNS):
        start = time.perf_counter()
        runtime.run(images)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _inputs(signature, calibration):
    count = max(signature.batches)
    for shape in signature.proven_shapes:
        yield _random(signature, shape, count)
    if calibration is not None:
        yield calibration[: max(len(calibration) // count, 1) * count]


def _random(signature, shape, count):
    generator = np.random.default_rng(0)
    if np.issubdtype(signature.dtype, np.integer):
        return generator.integers(0, 256, (count, *shape)).astype(signature.dtype)
    return generator.normal(size=(count, *shape)).astype(signature.dtype)


def _outputs(predicted):
    return [np.asarray(output) for output in keras.tree.flatten(predicted)]


def _difference(ours, theirs):
    difference = np.abs(ours.astype("float64") - np.asarray(theirs, "float64"))
    return float(np.where(np.isnan(difference), np.inf, difference).max())
