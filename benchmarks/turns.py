"""Contenders of several processes, run in turn: what the benchmarks of speed share.

    turns.py MODULE PROCESS

is one of the processes. It reads {"prepare": CASE} and answers with the names of what
MODULE.CONTENDERS[PROCESS] can run in that case, reads {"run": NAME, "seconds": S} and answers with
a list of seconds, one a run, and reads {"memory": NAME} and answers with the bytes that one run
takes beyond what was there, at its highest.
"""

import ctypes
import gc
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
import traceback
from pathlib import Path

SECONDS = 0.2  # of each contender in each round, after a run that is not counted
# What a process has freed stays with it. By default that hangs on the sizes that it freed before,
# and getting memory from the system can take longer than what is measured.
KEPT_MEMORY = {
    **dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), str(1 << 30)),
    "MALLOC_ARENA_MAX": "1",  # those of other threads are given back whatever the threshold
}


class Process:
    """`name` is "pytorchcv" or the Keras backend of the process."""

    def __init__(self, module, name):
        backend = {} if name == "pytorchcv" else {"KERAS_BACKEND": name}
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__), module, name],
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **KEPT_MEMORY, **backend},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def milliseconds(processes, case, rounds, seconds=SECONDS):
    """Of every contender the median over the rounds of the median in each, and the extremes."""
    runners = {name: p for p in processes.values() for name in p.ask({"prepare": case})}
    times = {name: [] for name in runners}
    for _ in range(rounds):
        for name, process in runners.items():
            found = process.ask({"run": name, "seconds": seconds})
            times[name].append(1000 * statistics.median(found))
    return {
        name: {
            "median": round(statistics.median(found), 3),
            "min": round(min(found), 3),
            "max": round(max(found), 3),
        }
        for name, found in times.items()
    }


def mebibytes(processes, case, runs=3):
    """Of every contender the median, over some runs, of the memory that a run takes at its highest
    beyond what was there before: on Linux, what the process holds, so on a CPU alone. Without
    TensorFlow's, which keeps for itself what it has freed."""
    found = {}
    for backend, process in processes.items():
        if backend == "tensorflow":
            continue
        for name in process.ask({"prepare": case}):
            sizes = [process.ask({"memory": name}) for _ in range(runs)]
            found[name] = round(statistics.median(sizes) / 2**20, 1)
    return found


def _prepared(contenders, case):
    gc.collect()
    ready = {}
    try:
        made = contenders(case)
    except Exception:  # what a backend can't do is told, the others go on
        traceback.print_exc()
        return ready
    for name, run in made.items():
        try:
            run()
            ready[name] = run
        except Exception:  # as above
            traceback.print_exc()
    return ready


def _seconds_of(run, seconds):
    run()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or not times:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def _bytes_of(run):
    run()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was freed goes back to the system
    Path("/proc/self/clear_refs").write_text("5")  # the highest size counts from here
    before = _status("VmRSS")
    run()
    return _status("VmHWM") - before


def _status(field):
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition(f"{field}:")[2].split()[0])


def main():
    answers, sys.stdout = sys.stdout, sys.stderr
    module, name = sys.argv[1:]
    contenders, ready = importlib.import_module(module).CONTENDERS[name], {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "prepare" in asked:
            ready.clear()
            ready |= _prepared(contenders, asked["prepare"])
            answer = list(ready)
        elif "versions" in asked:
            from keras_bam.training.versions import versions

            answer = versions()
        elif "memory" in asked:
            answer = _bytes_of(ready[asked["memory"]])
        else:
            answer = _seconds_of(ready[asked["run"]], asked["seconds"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
