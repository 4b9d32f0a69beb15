"""Trains the weights that come with the package: CifarResNetSmall with BAM on CIFAR-10.

    KERAS_BACKEND=torch python benchmarks/train_cifar10_weights.py --data FOLDER

FOLDER holds CIFAR-10, or `cifar10_jpeg.npz`. The paper's form of BAM, one cycle of sixteen epochs
whose settings were fixed beforehand, seed 0, the weights of the last epoch: nothing was chosen on
the test images. An epoch takes about two minutes on two CPU cores; `--resume` goes on with a run
that was stopped. The run's folder is `--run-dir`; weights as float16 and the facts about them go to
applications/trained/.
"""

import argparse
import csv
import json
from pathlib import Path

import keras

from keras_bam import applications, data, training

EPOCHS = 16
SEED = 0
RECIPE = training.recipe(
    "short", epochs=EPOCHS, batch_size=128, learning_rate=0.2, cutout=0, seed=SEED
)


def trained(options):
    """The run's folder, with a finished run in it."""
    dataset = data.load("cifar10", options.data)
    keras.utils.set_random_seed(SEED)
    model = applications.CifarResNetSmall(attention="bam", classes=10)
    config = {
        "dataset": "cifar10",
        "model": "CifarResNetSmall",
        "attention": "bam",
        "backend": keras.backend.backend(),
        "recipe": {"name": "short"},
    }
    training.fit(model, dataset, RECIPE, options.run_dir, config=config, resume=options.resume)
    return training.RunFolder.open(options.run_dir), dataset


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds CIFAR-10")
    parser.add_argument("--run-dir", type=Path, default=Path("runs/cifar10-weights"))
    parser.add_argument("--resume", action="store_true", help="go on with the run in --run-dir")
    options = parser.parse_args()
    run, dataset = trained(options)
    print(json.dumps(json.loads(run["summary.json"].read_text()), indent=1), len(dataset.test))
    with run["log.csv"].open(newline="", encoding="utf-8") as file:
        print(sum(float(row["seconds"]) for row in csv.DictReader(file)))


if __name__ == "__main__":
    main()
