"""Writes docs/export.md: what came of exporting, from every backend to every format.

    python docs/export.py [NETWORK]

trains a small network on the digits, then runs itself once on each backend; about twenty minutes
on two CPU cores. With a NETWORK only the rows whose names hold that are measured anew; all others
stay as recorded in docs/export.json.
"""

import importlib.metadata
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
from keras_bam.export.proof import TOLERANCES
from keras_bam.files import write_text
from keras_bam.training.versions import versions

PAGE = """# What came of exporting

Written by `docs/export.py` on {date}, {machine} with {cpus} CPU cores; versions at the end.

Largest difference of any output from `model.predict` on the backend named, over random images, at
batch sizes 1 and 3 and, where sizes are open, two sizes. Weights and moving statistics are random,
outputs logits; "share" is the worst of the three differences as a share of the largest output,
which has to stay below {tolerance}.

{networks}
## Precisions of TFLite

`CifarResNetSmall` with two BAMs, six epochs on scikit-learn's digits (`make demo`), 200 training
images for calibration; differences of probabilities over these and random images.
{accuracy} test images; accuracy is that of `keras-bam evaluate FILE --data digits`.

{precisions}
## Versions

{versions}
"""
RECORD = Path(__file__).with_name("export.json")
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
    plain = {**shape, "weights": None, "classes": 10, "classifier_activation": None}
    name = "MobileNetV2 of keras.applications 96x96, BAM by insert"
    mobilenet = keras.applications.MobileNetV2
    yield name, lambda: keras_bam.insert(mobilenet(**plain), keras_bam.layers.BAM), {}


def randomise(model):
    generator = np.random.default_rng(0)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.gamma.shape[0]
            near_one = [generator.uniform(0.7, 1.3, size) for _ in range(2)]
            near_zero = [generator.normal(0, 0.2, size) for _ in range(2)]
            layer.set_weights([near_one[0], near_zero[0], near_zero[1], near_one[1]])


def measure_networks(folder, chosen):
    """The rows of this process's backend whose names hold `chosen`."""
    rows = {}
    for name, build, arguments in networks():
        if chosen not in name:
            continue
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
    return rows


def measure_precisions(folder, digits):
    """TFLite's precisions of the trained model, from this process's backend."""
    dataset = data.load("digits")
    model = keras.saving.load_model(digits)
    calibration = draw_calibration(dataset, model.input_shape, 200)
    keras_accuracy = training.evaluate(keras.saving.load_model(digits), dataset)["accuracy"]
    precisions = {}
    for precision in FORMATS["tflite"].precisions:
        exported = keras_bam.export_model(
            model, folder / "digits.tflite", precision=precision, calibration=calibration
        )
        accuracy = evaluate_file(exported.path, dataset)["accuracy"]
        found = {"difference": exported.largest_difference, "size": exported.size}
        precisions[precision] = {**found, "accuracy": accuracy}
        print(keras.backend.backend(), precision, precisions[precision], flush=True)
    return {"precisions": precisions, "keras": keras_accuracy}


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def page(measured):
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
        accuracy=f"Keras: {100 * first['keras']:.2f} % of 359",
        precisions=table(["precision", *BACKENDS, "accuracy", "bytes"], precisions),
        versions=", ".join(f"{name} {version}" for name, version in packages.items()),
    )


def measure_everywhere(recorded, chosen, scratch):
    """Each backend in a process of its own; `recorded` is what was measured before."""
    digits = scratch / "run" / "last.keras"
    if not chosen:
        fit = f"-m keras_bam fit digits --attention bam --epochs 6 --run-dir {scratch}/run"
        subprocess.run([sys.executable, *fit.split()], check=True)
    for backend in BACKENDS:
        folder = scratch / backend
        folder.mkdir()
        arguments = [sys.executable, __file__, "--here", str(folder), chosen, str(digits)]
        subprocess.run(arguments, env={**os.environ, "KERAS_BACKEND": backend}, check=True)
        found = json.loads((folder / "found.json").read_text())
        before = recorded.get(backend, {}) if chosen else {}
        recorded[backend] = {**before, **found, "rows": before.get("rows", {}) | found["rows"]}
    return recorded


def measure_here(folder, chosen, digits):
    found = {"rows": measure_networks(folder, chosen), "versions": versions()}
    found["runtimes"] = {name: importlib.metadata.version(name) for name in RUNTIMES}
    if not chosen:
        found |= measure_precisions(folder, digits)
    write_text(folder / "found.json", json.dumps(found))


if sys.argv[1:2] == ["--here"]:
    measure_here(Path(sys.argv[2]), *sys.argv[3:])
else:
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        measured = measure_everywhere(recorded, "".join(sys.argv[1:2]), Path(scratch))
    write_text(RECORD, json.dumps(measured, indent=1) + "\n")
    write_text(RECORD.with_suffix(".md"), page(measured))
