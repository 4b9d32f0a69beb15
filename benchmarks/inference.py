"""Latency of one image: ResNet50 with BAM and without, in three runtimes, beside a peer's files.

    KERAS_BACKEND=tensorflow python benchmarks/inference.py

exports our ResNet50 with BAM and plain (224x224, batch 1) to TFLite, ONNX and OpenVINO, and
pytorchcv's bam_resnet50 and resnet50 through torch.onnx.export, opens all in one process with the
runtimes' defaults and runs them in turn, round after round. Writes medians and the medians of the
ratios within a round to benchmarks/results/inference.json. Needs a machine that does nothing else.

Our networks come with the paper's stride in the first 1x1 convolution of a block, and with the
released code's in its 3x3; the peer has the latter with BAM, the former in the plain network. With
the former a plain network's last block of a stage need only be computed at every other pixel, and
OpenVINO makes use of that; BAM needs them all.
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
from keras_bam.export import onnx, open_file, openvino
from keras_bam.files import write_text
from keras_bam.training.versions import versions

ROUNDS = 41
WARM_UP = 3
RESULTS = Path(__file__).resolve().parent / "results" / "inference.json"
SUFFIXES = {"TFLite": ".tflite", "ONNX Runtime": ".onnx", "OpenVINO": ".xml"}
PEER_RUNTIMES = {"ONNX Runtime": onnx, "OpenVINO": openvino}  # both read ONNX
OURS = {"ours": {}, "ours, stride in the 3x3": {"stride_in_1x1": False}}
PEERS = {"BAM": ("bamresnet", "bam_resnet50"), "plain": ("resnet", "resnet50")}
PACKAGES = ("ai-edge-litert", "onnxruntime", "openvino", "tf2onnx", "pytorchcv")


def open_ours(folder, images):
    """(runtime, whose, BAM or plain) -> a function that runs one image."""
    for whose, options in OURS.items():
        for kind in PEERS:
            attention = "bam" if kind == "BAM" else None
            model = applications.ResNet50(attention=attention, **options)
            for runtime, suffix in SUFFIXES.items():
                path = folder / f"{whose} {kind}{suffix}"
                print(keras_bam.export_model(model, path, dynamic_batch=False), flush=True)
                opened = open_file(path)
                yield (runtime, whose, kind), lambda run=opened.run: run(images)


def open_peer(folder, images):
    for kind, (module, builder) in PEERS.items():
        network = getattr(importlib.import_module(f"pytorchcv.models.{module}"), builder)().eval()
        path = folder / f"peer {kind}.onnx"
        names = {
            "input_names": ["images"],
            "output_names": ["output_0"],
            "opset_version": onnx.OPSET,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the newer one needs onnxscript
            torch.onnx.export(network, (torch.from_numpy(images),), path, dynamo=False, **names)
        for runtime, reader in PEER_RUNTIMES.items():
            opened = reader.load(path)
            yield (runtime, "peer", kind), lambda run=opened.run: run(images)


def measure(runs):
    """Seconds of each run in each round."""
    seconds = {key: [] for key in runs}
    for round_number in range(WARM_UP + ROUNDS):
        for key, run in runs.items():
            run()  # brings this network back into the caches
            start = time.perf_counter()
            run()
            if round_number >= WARM_UP:
                seconds[key].append(time.perf_counter() - start)
    return seconds


def ratios(seconds):
    """Medians over the rounds."""

    def ratio(above, below):
        pairs = zip(seconds[above], seconds[below], strict=True)
        return round(statistics.median(a / b for a, b in pairs), 3)

    for runtime, whose, kind in seconds:
        if kind == "BAM":
            bam, plain = (runtime, whose, "BAM"), (runtime, whose, "plain")
            yield f"{runtime}: {whose}, BAM to plain", ratio(bam, plain)
        if runtime in PEER_RUNTIMES and whose != "peer":
            ours, peer = (runtime, whose, kind), (runtime, "peer", kind)
            yield f"{runtime}: {kind}, {whose} to peer", ratio(ours, peer)


images = np.random.default_rng(0).normal(size=(1, 224, 224, 3)).astype("float32")
channels_first = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
with tempfile.TemporaryDirectory() as scratch:
    runs = dict(open_ours(Path(scratch), images)) | dict(open_peer(Path(scratch), channels_first))
    seconds = measure(runs)

result = {
    "versions": versions() | {"runtimes": {name: version(name) for name in PACKAGES}},
    "rounds": ROUNDS,
    "milliseconds": {
        ", ".join(key): {
            "median": round(1000 * statistics.median(values), 2),
            "min": round(1000 * min(values), 2),
            "max": round(1000 * max(values), 2),
        }
        for key, values in seconds.items()
    },
    "ratios": dict(ratios(seconds)),
}
write_text(RESULTS, json.dumps(result, indent=1) + "\n")
print(json.dumps(result["ratios"], indent=1))
