"""Twenty kills at random moments, and whether what comes out is the same to the bit.

    KERAS_BACKEND=jax python benchmarks/resume.py [--seed 0]

runs `tests/training/resuming/small_run.py` (BAM, batch norm, dropout, augmentation, EMA, a
schedule, early stopping, two data workers) once in peace, and then again and again: each process
gets SIGKILL at a random moment, one in four while it starts and compiles, the others within 1.5
seconds behind its first step, and is started anew until the run is finished; then the next run
begins. Every run must end with the same weights, optimizer state, metrics, History and logs. The
result goes to benchmarks/results/resume.json, one entry a backend. About 8 minutes a backend.
"""

import argparse
import collections
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

from keras_bam.files import write_text
from keras_bam.training.versions import versions

KILLS, PAUSE, EVERY_STEPS = 20, 0.05, 3
ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "tests" / "training" / "resuming" / "small_run.py"
RESULTS = ROOT / "benchmarks" / "results" / "resume.json"


def start(folder):
    folder.mkdir(exist_ok=True)
    (folder / "position").unlink(missing_ok=True)
    options = ["--pause", str(PAUSE), "--every-steps", str(EVERY_STEPS)]
    with (folder / "output").open("a") as output:
        return subprocess.Popen(
            [sys.executable, SCRIPT, folder, *options], stderr=output, stdout=output
        )


def kill(process, folder, draws, seconds_to_start):
    """Kills the process; where it was, or None if it had ended before."""
    if draws.random() < 0.25:
        wait(process, draws.uniform(0, min(seconds_to_start)))
    else:
        seconds_to_start.append(wait_for_first_step(process, folder))
        wait(process, draws.uniform(0, 1.5))
    process.kill()
    if process.wait() == 0:
        return None
    assert process.returncode == -9, (folder / "output").read_text()[-3000:]
    position = folder / "position"
    # The file is empty for a moment while it is written.
    return (position.read_text() or "between two steps") if position.exists() else "start"


def wait_for_first_step(process, folder):
    """Seconds until the process has compiled and done one step."""
    began, position = time.perf_counter(), folder / "position"
    seen: set[str] = set()
    while len(seen) < 2 and process.poll() is None:
        if position.exists():
            seen.add(position.read_text())
            seen.discard("")
        time.sleep(0.005)
    return time.perf_counter() - began


def wait(process, seconds):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass


def arrays(folder):
    with np.load(folder / "result.npz") as result:
        return {name: result[name].tobytes() for name in result.files}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draws, began = random.Random(options.seed), time.time()
    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / "whole"
        process = start(whole)
        seconds_to_start = [wait_for_first_step(process, whole)]
        assert process.wait() == 0, (whole / "output").read_text()[-3000:]
        expected, kills, runs = arrays(whole), [], []
        while len(kills) < KILLS:
            folder, before = Path(temporary) / f"killed_{len(runs)}", len(kills)
            while not (folder / "result.npz").exists():
                process = start(folder)
                where = (
                    kill(process, folder, draws, seconds_to_start) if len(kills) < KILLS else None
                )
                kills += [where] if where else []
                print(len(kills), where, flush=True)
                process.wait()
            found = arrays(folder)
            differing = [name for name in expected if found.get(name) != expected[name]]
            runs.append({"kills": len(kills) - before, "differing": differing})
            print(runs[-1], flush=True)
    result = {
        "versions": versions(),
        "seed": options.seed,
        "seconds": round(time.time() - began),
        "every_steps": EVERY_STEPS,
        "compared": f"{len(expected)} arrays and files",
        "kills": kills,
        "kills_by_phase": collections.Counter(where.partition(",")[0] for where in kills),
        "runs": runs,
        "identical": not any(run["differing"] for run in runs),
    }
    recorded = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    recorded[keras.backend.backend()] = result
    write_text(RESULTS, json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
