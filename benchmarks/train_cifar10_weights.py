"""Trains the weights that come with the package: CifarResNetSmall with BAM on CIFAR-10.

    KERAS_BACKEND=torch python benchmarks/train_cifar10_weights.py --data FOLDER

FOLDER holds CIFAR-10, or `cifar10_jpeg.npz`. The paper's form of BAM, one cycle of sixteen epochs
whose settings were fixed beforehand, seed 0, the weights of the last epoch: nothing was chosen on
the test images. An epoch takes about two minutes on two CPU cores, when they have nothing else to
do. `--resume` goes on with a run that was stopped; one that is finished is packed as it is. The
run's folder is `--run-dir`; the weights, rounded to float16, and the facts about them go to
applications/packaged_weights/.
"""

import argparse
import dataclasses
import json
from pathlib import Path

import keras
import numpy as np

from keras_bam import applications, data, training
from keras_bam.files import replacing, write_text
from keras_bam.layers import BAM

FOLDER = Path(__file__).resolve().parent.parent / "applications/packaged_weights"
EPOCHS = 16
SEED = 0
RECIPE = training.recipe(
    "short", epochs=EPOCHS, batch_size=128, learning_rate=0.2, cutout=0, seed=SEED
)
# What changes what a BAM computes.
ARGUMENTS = (
    *("reduction_ratio", "dilation_rate", "form", "normalization", "combine", "branches"),
    *("activation", "layer_scale_init_value", "epsilon"),
)
NOTICE = (
    "Trained on the images of CIFAR-10: Alex Krizhevsky, Learning Multiple Layers of Features from "
    "Tiny Images, 2009, https://www.cs.toronto.edu/~kriz/cifar.html. Their author states no "
    "licence and asks that this report be cited. No image of CIFAR-10 is in this package."
)


def network():
    return applications.CifarResNetSmall(attention="bam", classes=10)


def train(options, dataset):
    """Fills the run's folder."""
    keras.utils.set_random_seed(SEED)
    model = network()
    config = {
        "dataset": "cifar10",
        "model": "CifarResNetSmall",
        "attention": "bam",
        "backend": keras.backend.backend(),
        "recipe": {"name": "short"},
    }
    training.fit(model, dataset, RECIPE, options.run_dir, config=config, resume=options.resume)


def pack(run, dataset, source):
    """Writes the weights of the last epoch, and what is to be known of them."""
    model = run.load_model("last")
    arrays = {
        weight.path: keras.ops.convert_to_numpy(weight).astype("float16")
        for weight in model.weights
    }
    FOLDER.mkdir(exist_ok=True)
    with replacing(FOLDER / "cifar10.npz") as temporary:
        np.savez_compressed(temporary, **arrays)
    summary, versions = (
        json.loads(run[name].read_text()) for name in ("summary.json", "versions.json")
    )
    bam = next(layer for layer in model.layers if isinstance(layer, BAM)).get_config()
    facts = {
        "written_by": "benchmarks/train_cifar10_weights.py",
        "notice": NOTICE,
        "network": "CifarResNetSmall",
        "attention": "bam",
        "bam": {name: bam[name] for name in ARGUMENTS},
        "class_names": dataset.class_names,
        "mean": dataset.mean,
        "std": dataset.std,
        "images": {"source": source, "train": len(dataset.train), "test": len(dataset.test)},
        "recipe": dataclasses.asdict(RECIPE),
        "seed": SEED,
        "parameters": summary["parameters"],
        "test_accuracy": {"trained": summary["last"]["accuracy"]},
        "versions": versions,
    }
    write_text(FOLDER / "cifar10.json", json.dumps(facts, indent=1) + "\n")
    rounded = applications.CifarResNetSmall(attention="bam", classes=10, weights="cifar10")
    measured = training.evaluate(rounded, dataset)
    facts["test_accuracy"]["as packaged, float16"] = measured["accuracy"]
    write_text(FOLDER / "cifar10.json", json.dumps(facts, indent=1) + "\n")
    print(f"test top-1 {100 * measured['accuracy']:.2f} %")
    print(f"{(FOLDER / 'cifar10.npz').stat().st_size:,} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds CIFAR-10")
    parser.add_argument("--run-dir", type=Path, default=Path("runs/cifar10-weights"))
    parser.add_argument("--resume", action="store_true", help="go on with the run in --run-dir")
    options = parser.parse_args()
    dataset = data.load("cifar10", options.data)
    run = training.RunFolder(options.run_dir)
    done = run["summary.json"].exists() and json.loads(run["summary.json"].read_text())
    if not done or done["status"] != "finished":
        train(options, dataset)
    packed = (options.data / "cifar10_jpeg.npz").exists()
    pack(run, dataset, "JPEG files of quality 75" if packed else "as published")


if __name__ == "__main__":
    main()
