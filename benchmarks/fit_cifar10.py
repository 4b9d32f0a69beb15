"""`keras-bam fit` on CIFAR-10, in memory and from JPEG files, on the three backends.

    python benchmarks/fit_cifar10.py --data FOLDER

FOLDER holds `cifar10_jpeg.npz`, whose JPEG files are written out as an ImageNet-style tree too.
CifarResNetSmall with BAM, recipe `quick`, a few epochs: how far one gets from either source on any
backend. Writes benchmarks/results/fit_cifar10.json. Two to four minutes an epoch on two CPU cores.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from keras_bam.backend_choice import BACKENDS
from keras_bam.files import write_text

RESULT = Path(__file__).parent / "results/fit_cifar10.json"


def write_tree(packed, folder):
    """FOLDER/train/CLASS/*.jpg and FOLDER/val/CLASS/*.jpg, byte for byte as they are packed."""
    arrays = np.load(packed)
    for split, part in (("train", "train"), ("test", "val")):
        jpeg, offsets = arrays[f"{split}_jpeg"], arrays[f"{split}_offsets"]
        for number, label in enumerate(arrays[f"{split}_labels"]):
            path = folder / part / str(arrays["class_names"][label]) / f"{number:05}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(jpeg[offsets[number] : offsets[number + 1]].tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of cifar10_jpeg.npz")
    parser.add_argument("--epochs", type=int, default=1)
    options = parser.parse_args()
    results = {"epochs": options.epochs, "seed": 0, "runs": {}}
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        write_tree(options.data / "cifar10_jpeg.npz", tree)
        sources = {
            "in memory": f"cifar10 --data {options.data}",
            "from files": f"imagenet --data {tree} --image-size 32 --model CifarResNetSmall",
        }
        for backend in BACKENDS:
            for source, arguments in sources.items():
                run = Path(folder, backend, source.replace(" ", "-"))
                command = (
                    f"{sys.executable} -m keras_bam fit {arguments} --attention bam --seed 0 "
                    f"--epochs {options.epochs} --batch-size 128 --learning-rate 0.2 "
                    f"--backend {backend} --run-dir {run}"
                )
                subprocess.run(command.split(), check=True)
                results["runs"][f"{backend}, {source}"] = {
                    "summary": json.loads((run / "summary.json").read_text()),
                    "versions": json.loads((run / "versions.json").read_text()),
                }
                write_text(RESULT, json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
