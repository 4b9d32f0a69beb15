"""Latency of one image: ResNet50 with BAM and without, in three runtimes, beside a peer's files.

    KERAS_BACKEND=tensorflow python benchmarks/inference.py

exports our ResNet50 with and without BAM (224x224, batch 1) to TFLite, ONNX and OpenVINO, and
pytorchcv's bam_resnet50 and resnet50 through torch.onnx.export, opens all in one process with the
runtimes' defaults and runs them in turn, round after round. Writes the times, their medians and
the medians of the ratios within a round to benchmarks/results/inference.json.
"""

import importlib
import json
import statistics
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

import keras_bam
from keras_bam import applications
from keras_bam.export import open_file
from keras_bam.files import write_text
from keras_bam.training.versions import versions

ROUNDS = 41
RESULTS = Path(__file__).resolve().parent / "results" / "inference.json"
RUNTIMES = {"tflite": "TFLite (XNNPACK)", "onnx": "ONNX Runtime", "openvino": "OpenVINO"}
SUFFIXES = {"tflite": ".tflite", "onnx": ".onnx", "openvino": ".xml"}
PACKAGES = ("ai-edge-litert", "onnxruntime", "openvino", "tf2onnx", "pytorchcv")
PEERS = {"with": ("bamresnet", "bam_resnet50"), "without": ("resnet", "resnet50")}


def export_ours(folder):
    for name, attention in (("with", "bam"), ("without", None)):
        model = applications.ResNet50(attention=attention)
        for suffix in SUFFIXES.values():
            path = folder / f"ours_{name}{suffix}"
            print(keras_bam.export_model(model, path, dynamic_batch=False), flush=True)


def export_peer(folder):
    """ONNX, which OpenVINO reads too."""
    for name, (module, builder) in PEERS.items():
        network = getattr(importlib.import_module(f"pytorchcv.models.{module}"), builder)().eval()
        image = torch.zeros(1, 3, 224, 224)
        names = {"input_names": ["images"], "output_names": ["output_0"], "opset_version": 18}
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # of the exporter without onnxscript
            torch.onnx.export(
                network, (image,), folder / f"peer_{name}.onnx", dynamo=False, **names
            )


def opened(folder):
    """(runtime, whose, with or without) -> a function that runs one image."""
    runs = {}
    for format, suffix in SUFFIXES.items():
        for name in PEERS:
            runs[format, "ours", name] = open_file(folder / f"ours_{name}{suffix}")
            if format != "tflite":
                runs[format, "peer", name] = open_peer(format, folder / f"peer_{name}.onnx")
    images = np.random.default_rng(0).normal(size=(1, 224, 224, 3)).astype("float32")
    first = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return {
        key: (lambda run=runtime.run, x=first if key[1] == "peer" else images: run(x))
        for key, runtime in runs.items()
    }


def open_peer(format, path):
    return importlib.import_module(f"keras_bam.export.{format}").load(path)


def measure(runs):
    seconds = {key: [] for key in runs}
    for round_number in range(ROUNDS + 3):
        for key, run in runs.items():
            run()  # brings this network back into the caches
            start = time.perf_counter()
            run()
            if round_number >= 3:
                seconds[key].append(time.perf_counter() - start)
    return seconds


def ratio(above, below):
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


with tempfile.TemporaryDirectory() as scratch:
    export_ours(Path(scratch))
    export_peer(Path(scratch))
    seconds = measure(opened(Path(scratch)))

result: dict = {"rounds": ROUNDS, "milliseconds": {}, "ratios": {}}
result["versions"] = versions() | {"runtimes": {name: version(name) for name in PACKAGES}}
for (format, whose, name), values in seconds.items():
    found = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    key = f"{RUNTIMES[format]}, {whose}, {name} BAM"
    result["milliseconds"][key] = {what: round(1000 * value, 2) for what, value in found.items()}
for format, runtime in RUNTIMES.items():
    ours = [seconds[format, "ours", name] for name in PEERS]
    result["ratios"][f"{runtime}: ours with BAM to ours without"] = round(ratio(*ours), 3)
    if format != "tflite":
        peer = [seconds[format, "peer", name] for name in PEERS]
        result["ratios"][f"{runtime}: peer with BAM to peer without"] = round(ratio(*peer), 3)
        for name, mine, theirs in zip(PEERS, ours, peer, strict=True):
            key = f"{runtime}: ours to peer, {name} BAM"
            result["ratios"][key] = round(ratio(mine, theirs), 3)
write_text(RESULTS, json.dumps(result, indent=1) + "\n")
print(json.dumps(result["ratios"], indent=1))
