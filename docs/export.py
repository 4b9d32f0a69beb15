"""Writes docs/export.md: what came of exporting, from every backend to every format.

    python docs/export.py

trains a small network on the digits, then runs itself once on each backend; about a quarter of an
hour on two CPU cores.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

import keras_bam
from keras_bam import applications, data, training
from keras_bam.backend_choice import BACKENDS
from keras_bam.export import evaluate_file
from keras_bam.export.calibration import draw_calibration
from keras_bam.export.formats import FORMATS
from keras_bam.files import write_text
from keras_bam.training.versions import versions

PAGE = """# What came of exporting

Written by `docs/export.py` on {date}, {machine} with {cpus} CPU cores; versions at the end.

Largest difference of any output from `model.predict` on the backend named, over random images, at
batch sizes 1 and 3 and, where sizes are open, two sizes. Weights and moving statistics are random,
outputs logits; "share" is the worst of the three differences as a share of the largest output,
which has to stay below {tolerance}.

{networks}
`insert`: {insert}

## Precisions of TFLite

`CifarResNetSmall` with two BAMs, six epochs on scikit-learn's digits (`make demo`), 200 training
images for calibration; differences of probabilities over these and random images.
{accuracy} test images; accuracy is that of `keras-bam evaluate FILE --data digits`.

{precisions}
## Versions

{versions}
"""
RUNTIMES = ("ai-edge-litert", "onnx", "onnxruntime", "openvino", "tf2onnx")


def networks():
    """Name of a row, a function that builds it, further arguments of export_model."""
    build = applications.build
    # Logits: probabilities that have come to 0 and 1 would hide differences.
    small = {"attention": "bam", "classes": 10, "classifier_activation": None}
    yield "CifarResNet50", lambda: build("CifarResNet50", **small), {}
    shape = {"input_shape": (96, 96, 3)}
    yield "MobileNet 96x96", lambda: build("MobileNet", **small, **shape), {}
    wide = {**small, "input_shape": (24, 40, 4)}
    yield "CifarResNetSmall 24x40, 4 channels", lambda: build("CifarResNetSmall", **wide), {}
    groups = {**small, "cardinality": 4, "width": 16}
    yield "CifarResNeXt29 4x16d", lambda: build("CifarResNeXt29", **groups), {}
    official = {**small, "attention": "bam:form=official", "input_shape": (None, None, 3)}
    any_size = {"dynamic_size": True, "input_shape": (32, 48, 3)}
    name = "CifarResNetSmall, official form, any size"
    yield name, lambda: build("CifarResNetSmall", **official), any_size
    if hasattr(keras_bam, "insert"):
        plain = {**shape, "weights": None, "classes": 10, "classifier_activation": None}
        yield (
            "MobileNetV2 of keras.applications, BAM by insert",
            lambda: keras_bam.insert(keras.applications.MobileNetV2(**plain), keras_bam.layers.BAM),
            {},
        )


def randomise(model):
    generator = np.random.default_rng(0)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.gamma.shape[0]
            near_one = [generator.uniform(0.7, 1.3, size) for _ in range(2)]
            near_zero = [generator.normal(0, 0.2, size) for _ in range(2)]
            layer.set_weights([near_one[0], near_zero[0], near_zero[1], near_one[1]])


def measure(folder, digits):
    """All rows on this process's backend, as what JSON holds."""
    rows, precisions = {}, {}
    for name, build, arguments in networks():
        keras.utils.set_random_seed(0)
        model = build()
        randomise(model)
        shape = arguments.get("input_shape", model.input_shape[1:])
        images = np.random.default_rng(0).normal(size=(3, *shape)).astype("float32")
        largest = float(np.abs(model.predict(images, verbose=0)).max())
        for format, row in FORMATS.items():
            exported = keras_bam.export_model(model, folder / f"file{row.suffix}", **arguments)
            found = {"difference": exported.largest_difference, "size": exported.size}
            rows[f"{name}|{format}"] = {**found, "share": exported.largest_difference / largest}
            print(keras.backend.backend(), name, format, found, flush=True)
    dataset = data.load("digits")
    model = keras.saving.load_model(digits)
    calibration = draw_calibration(dataset, model.input_shape, 200)
    for precision in FORMATS["tflite"].precisions:
        exported = keras_bam.export_model(
            model, folder / "digits.tflite", precision=precision, calibration=calibration
        )
        accuracy = evaluate_file(exported.path, dataset)["accuracy"]
        found = {"difference": exported.largest_difference, "size": exported.size}
        precisions[precision] = {**found, "accuracy": accuracy}
        print(keras.backend.backend(), precision, precisions[precision], flush=True)
    keras_accuracy = training.evaluate(keras.saving.load_model(digits), dataset)["accuracy"]
    return {"rows": rows, "precisions": precisions, "keras": keras_accuracy, "versions": versions()}


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def page(measured):
    from keras_bam.export.proof import TOLERANCES

    first = measured["tensorflow"]
    rows = []
    for key in first["rows"]:
        found = [measured[backend]["rows"][key] for backend in BACKENDS]
        differences = [f"{one['difference']:.1e}" for one in found]
        worst = f"{max(one['share'] for one in found):.1e}"
        rows.append([*key.split("|"), *differences, worst, f"{found[0]['size']:,}"])
    precisions = []
    for name, found in first["precisions"].items():
        every = [measured[backend]["precisions"][name] for backend in BACKENDS]
        differences = [f"{one['difference']:.1e}" for one in every]
        accuracies = " / ".join(f"{100 * one['accuracy']:.2f}" for one in every)
        precisions.append([name, *differences, f"{accuracies} %", f"{found['size']:,}"])
    packages = first["versions"]["packages"] | first["runtimes"]
    return PAGE.format(
        date=first["versions"]["date"],
        machine=first["versions"]["machine"],
        cpus=first["versions"]["cpus"],
        tolerance=TOLERANCES["float32"],
        networks=table(["network with BAM", "format", *BACKENDS, "share", "bytes"], rows),
        insert="in the table" if hasattr(keras_bam, "insert") else "not there yet, no row",
        accuracy=f"Keras: {100 * first['keras']:.2f} % of 359",
        precisions=table(["precision", *BACKENDS, "accuracy", "bytes"], precisions),
        versions=", ".join(f"{name} {version}" for name, version in packages.items()),
    )


if len(sys.argv) == 3:
    found = measure(Path(sys.argv[1]), sys.argv[2])
    from importlib.metadata import version

    found["runtimes"] = {name: version(name) for name in RUNTIMES}
    write_text(Path(sys.argv[1], "found.json"), json.dumps(found))
else:
    measured = {}
    with tempfile.TemporaryDirectory() as scratch:
        fit = f"-m keras_bam fit digits --attention bam --epochs 6 --run-dir {scratch}/run"
        subprocess.run([sys.executable, *fit.split()], check=True)
        for backend in BACKENDS:
            folder = Path(scratch, backend)
            folder.mkdir()
            arguments = [sys.executable, __file__, str(folder), f"{scratch}/run/last.keras"]
            environment = {**os.environ, "KERAS_BACKEND": backend}
            subprocess.run(arguments, env=environment, check=True)
            measured[backend] = json.loads((folder / "found.json").read_text())
    write_text(Path(__file__).with_name("export.md"), page(measured))
