"""Time to build ResNet50 with BAM, beside keras.applications.ResNet50(weights=None).

    KERAS_BACKEND=jax python benchmarks/building.py

builds both in turn in one process, after one of each to warm up, and writes medians and their ratio
to benchmarks/results/building.json, one entry a backend.
"""

import gc
import json
import statistics
import time
from pathlib import Path

import keras

from keras_bam import applications
from keras_bam.files import write_text
from keras_bam.training.versions import versions

ROUNDS = 11
RESULTS = Path(__file__).resolve().parent / "results" / "building.json"
BUILDERS = {
    "keras.applications.ResNet50": lambda: keras.applications.ResNet50(weights=None),
    "ResNet50 with BAM": lambda: applications.ResNet50(attention="bam"),
    "ResNet50": lambda: applications.ResNet50(),
    # keras.applications draws uniformly, ours normally by default, which takes longer.
    "ResNet50 with BAM, uniform": lambda: applications.ResNet50(
        attention="bam", kernel_initializer="glorot_uniform"
    ),
}

seconds: dict[str, list[float]] = {name: [] for name in BUILDERS}
for round_number in range(ROUNDS + 1):
    for name, build in BUILDERS.items():
        keras.backend.clear_session()
        gc.collect()  # the model before is not to be freed within this one's time
        start = time.perf_counter()
        build()
        if round_number > 0:
            seconds[name].append(time.perf_counter() - start)

medians = {name: statistics.median(values) for name, values in seconds.items()}
base = medians["keras.applications.ResNet50"]
result = {
    "versions": versions(),
    "rounds": ROUNDS,
    "seconds": {
        name: {"min": min(values), "median": medians[name], "max": max(values)}
        for name, values in seconds.items()
    },
    "ratio_to_keras_applications": {name: value / base for name, value in medians.items()},
}
recorded = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
recorded[keras.backend.backend()] = result
write_text(RESULTS, json.dumps(recorded, indent=1) + "\n")
print(json.dumps(result["ratio_to_keras_applications"], indent=1))
