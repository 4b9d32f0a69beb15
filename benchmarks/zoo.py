"""`insert` on every network of keras.applications, KerasCV and KerasHub, on three backends.

    python benchmarks/zoo.py [--only NAME ...]

builds each row of tests/ecosystem.py on each backend, inserts BAM with a layer scale of 0 behind
its bottlenecks, compares outputs and weights, counts, and reloads the saved copy in other
processes on each backend. Results go to benchmarks/results/zoo.json as they come, and a table to
docs/zoo.md; benchmarks/retinanet.py's result too. What is recorded is not run again, unless it is
named. Hours on one CPU core; up to 10 GB of memory and 2 GB of disk.
"""

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from zoo_page import page

from keras_bam.backend_choice import BACKENDS
from keras_bam.files import write_text

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks/results/zoo.json"
PAGE = ROOT / "docs/zoo.md"
SEED = 0
SECONDS_A_JOB = 1200
LARGE = 20_000_000  # Parameters; beyond, a file is loaded on its own backend and one other.
# Of each family in keras.applications; the others run on one backend, and load on the same.
FIRST_OF_FAMILY = {
    *("ConvNeXtTiny", "DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "InceptionResNetV2"),
    *("InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Small", "NASNetMobile", "ResNet50"),
    *("ResNet50V2", "VGG16", "Xception"),
}
RUNS_VARIANTS = "torch"  # The quickest at that; on the others weights are compared.
# Not run and not saved.
LARGEST = {
    *("ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtXLarge", "EfficientNetB5", "EfficientNetB6"),
    *("EfficientNetB7", "EfficientNetV2M", "EfficientNetV2L", "NASNetLarge", "ResNet152"),
    "ResNet152V2",
}
MEMORY_OF_IDLE = 9_000_000_000  # bytes; beyond, all workers start anew
MEMORY_OF_ONE = 3_000_000_000

sys.path.insert(0, str(ROOT / "tests"))
from ecosystem import NETWORKS  # noqa: E402


class Worker:
    """A process with one backend that handles many jobs; it starts with the first, and anew after
    it has grown large or died."""

    def __init__(self, backend, cache):
        self._environment = {
            # Without, JAX compiles every operation of every process again: ten times slower.
            "JAX_COMPILATION_CACHE_DIR": cache,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
            **os.environ,
            "KERAS_BACKEND": backend,
        }
        self._process = None
        self.resident = 0

    def do(self, job, **arguments):
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("zoo_worker.py")],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        alarm = threading.Timer(SECONDS_A_JOB, self._process.kill)
        alarm.start()
        try:
            print(json.dumps({"job": job, **arguments}), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            code = self._process.wait()
            self._process = None
            return {"failed": f"the process ended with {code}"}
        answer = json.loads(line)
        self.resident = answer["resident"]
        if self.resident > MEMORY_OF_ONE:
            self.stop()
        return answer["answer"]

    def stop(self):
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait()
        self._process, self.resident = None, 0


def run(network, backend, inserting, loading, count):
    """One network on one backend, and its file on each."""
    workers = [*inserting.values(), *loading.values()]
    if sum(worker.resident for worker in workers) > MEMORY_OF_IDLE:
        for worker in workers:
            worker.stop()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "model.keras"))
        record = inserting[backend].do(
            "insert",
            name=network.name,
            path=path,
            seed=SEED,
            count=count,
            run=_runs(network, backend),
        )
        if "weights" in record:
            on = _loaded_on(network, backend, record["parameters"])
            record["reloads"] = {
                name: loading[name].do("reload", path=path, library=network.library) for name in on
            }
            for reload in record["reloads"].values():
                if "weights" in reload:
                    reload["weights_equal"] = reload.pop("weights") == record["weights"]
            if any("failed" in reload for reload in record["reloads"].values()):
                plain = str(Path(folder, "plain.keras"))
                record["plain_file"] = inserting[backend].do(
                    "plain_file", name=network.name, path=plain
                )
            del record["weights"]
    return record


def _is_variant(network):
    return network.library == "keras.applications" and network.name not in FIRST_OF_FAMILY


def _runs(network, backend):
    if network.name in LARGEST:
        return False
    return backend == RUNS_VARIANTS or not _is_variant(network)


def _loaded_on(network, backend, parameters):
    names = list(BACKENDS)
    if _is_variant(network):
        return [backend]
    following = names[(names.index(backend) + 1) % len(names)]
    return [backend, following] if parameters > LARGE else names


def sweep(networks, results, path):
    """Runs what is not in `results` yet, and writes them to `path` after each step."""
    with tempfile.TemporaryDirectory() as cache:
        inserting, loading = ({name: Worker(name, cache) for name in BACKENDS} for _ in range(2))
        for network in networks:
            new = {"library": network.library, "backends": {}}
            row = results["networks"].setdefault(network.name, new)
            for backend in [name for name in BACKENDS if name not in row["backends"]]:
                if backend not in results["versions"]:
                    results["versions"][backend] = inserting[backend].do("describe")
                record = run(network, backend, inserting, loading, count="counted" not in row)
                if "counted" in record:
                    row["counted"] = record.pop("counted")
                row["backends"][backend] = record
                write_text(path, json.dumps(results, indent=1) + "\n")
                print(network.name, backend, json.dumps(record), flush=True)
        for worker in (*inserting.values(), *loading.values()):
            worker.stop()


def retinanet():
    """What benchmarks/retinanet.py prints last; its error's last line if it fails."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("retinanet.py")],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run these rows anew")
    parser.add_argument("--results", type=Path, default=RESULTS, help="default: %(default)s")
    options = parser.parse_args()
    only, path = options.only, options.results
    unknown = set(only or ()) - {network.name for network in NETWORKS}
    if unknown:
        parser.error(f"no such networks: {sorted(unknown)}")
    results = json.loads(path.read_text()) if path.exists() else {}
    libraries = {name: importlib.metadata.version(name) for name in ("keras-cv", "keras-hub")}
    results = {"seed": SEED, "libraries": libraries, "versions": {}, "networks": {}, **results}
    for name in only or ():
        results["networks"].pop(name, None)
    sweep([network for network in NETWORKS if not only or network.name in only], results, path)
    if not only and "retinanet" not in results:
        results["retinanet"] = retinanet()
        write_text(path, json.dumps(results, indent=1) + "\n")
    write_text(PAGE, page(results, NETWORKS))


if __name__ == "__main__":
    main()
