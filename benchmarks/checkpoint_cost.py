"""What a checkpoint of ResNet50 with BAM costs a run: seconds, bytes, and the parts of both.

    KERAS_BACKEND=jax python benchmarks/checkpoint_cost.py

SGD with momentum: two arrays a parameter. Medians of several, written to
benchmarks/results/checkpoint_cost.json, one entry a backend.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

from keras_bam import applications
from keras_bam.files import write_text
from keras_bam.training.resuming import checkpoint_file, variables
from keras_bam.training.versions import versions

ROUNDS = 7
RESULTS = Path(__file__).resolve().parent / "results" / "checkpoint_cost.json"

model = applications.ResNet50(attention="bam", kernel_initializer="zeros")
model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy")
variables.build(model, (np.zeros((1, *model.input_shape[1:]), "float32"), np.zeros(1, "int32")))

seconds: dict[str, list[float]] = {"from the device": [], "to the disk": [], "back": []}
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "a.checkpoint"
    for _ in range(ROUNDS):
        times = [time.perf_counter()]
        state = {"variables": variables.capture(model)}
        times.append(time.perf_counter())
        checkpoint_file.write(path, state)
        times.append(time.perf_counter())
        variables.restore(model, checkpoint_file.read(path)["variables"])
        times.append(time.perf_counter())
        for name, begin, end in zip(seconds, times, times[1:], strict=False):
            seconds[name].append(end - begin)
    size = path.stat().st_size

recorded = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
recorded[keras.backend.backend()] = {
    "versions": versions(),
    "rounds": ROUNDS,
    "bytes": size,
    "median_seconds": {name: statistics.median(values) for name, values in seconds.items()},
}
write_text(RESULTS, json.dumps(recorded, indent=1) + "\n")
print(size, recorded[keras.backend.backend()]["median_seconds"])
