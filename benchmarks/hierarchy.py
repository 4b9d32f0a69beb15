"""Does attention move from BAM to BAM towards the object? A number for Figure 1 of the paper.

    KERAS_BACKEND=torch python benchmarks/hierarchy.py --data FOLDER

The weights of the package (`weights="cifar10"`) on canvases of 64 x 64 pixels: in one quarter an
image of CIFAR-10's test set, in the other three the same image with the phases of its Fourier
transform drawn anew, so that colours and power spectrum are those of the image and no object is
there. Each image stands in each quarter once, which evens out what the borders do. The share of
attention in the image's quarter, relative to its area (`explain.box_share`; 1 is chance), is
averaged over the quarters, and given over the images with its mean and 95 % interval; the same of
the features before and behind each BAM, and of networks of random weights. Two minutes on two CPU
cores; written to benchmarks/results/hierarchy.json.

What it can't show: CIFAR-10 has no boxes, so that the "object" is a whole image; such canvases are
none that the network was trained on; and it is one small network with two BAMs.
"""

import argparse
import dataclasses
import json
from pathlib import Path

import keras
import numpy as np

from keras_bam import applications, data, explain
from keras_bam.applications import packaged
from keras_bam.files import write_text
from keras_bam.training.versions import versions

RESULT = Path(__file__).parent / "results/hierarchy.json"
SEED = 0
SIZE = 32
QUARTERS = [(0, 0), (0, 1), (1, 0), (1, 1)]
AT_ONCE = 50


def scrambled(image, draw):
    """uint8, like `image` in power spectrum and mean colour; the same phases in all channels."""
    spectrum = np.fft.fft2(image, axes=(0, 1))
    noise = np.fft.fft2(draw.normal(size=image.shape[:2]))
    phases = noise / np.abs(noise)  # of a real image, so that the result is real
    phases[0, 0] = 1
    moved = np.fft.ifft2(spectrum * phases[..., None], axes=(0, 1)).real
    return moved.round().clip(0, 255).astype("uint8")


def canvas(image, quarter, draw):
    whole = np.zeros((2 * SIZE, 2 * SIZE, 3), "uint8")
    for row, column in QUARTERS:
        part = image if (row, column) == quarter else scrambled(image, draw)
        whole[row * SIZE :, column * SIZE :][:SIZE, :SIZE] = part
    return whole


def shares(model, images, facts):
    """{"M of BAM 1": (images,), ...}, each the mean over the quarters."""
    found: dict[str, list] = {}
    for quarter in QUARTERS:
        box = np.array([[quarter[1], quarter[0], quarter[1] + 1, quarter[0] + 1]]) / 2
        draw = np.random.default_rng(SEED)
        canvases = np.stack([canvas(image, quarter, draw) for image in images])
        parts: dict[str, list] = {}
        for start in range(0, len(images), AT_ONCE):
            fed = data.normalize(canvases[start : start + AT_ONCE], facts["mean"], facts["std"])
            for name, values in of_batch(explain.attention_maps(model, fed), box).items():
                parts.setdefault(name, []).append(values)
        for name, values in parts.items():
            found.setdefault(name, []).append(np.concatenate(values))
    return {name: np.mean(values, axis=0) for name, values in found.items()}


def of_batch(maps, box):
    taken = {}
    for number, each in enumerate(maps, 1):
        kinds = {
            "F": dataclasses.replace(each, attention=np.abs(each.before)),
            "M": each,
            "F'": dataclasses.replace(each, attention=np.abs(each.after)),
        }
        for kind, of_kind in kinds.items():
            (share,) = explain.box_share([of_kind], [box] * len(each.before))
            taken[f"{kind} of BAM {number}"] = share.attention
            if kind == "M":
                taken[f"M of BAM {number}, smallest value put to 0"] = share.stretched
    return taken


def summary(values):
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    return {
        "mean": round(float(values.mean()), 4),
        "95 % interval": [round(float(values.mean() + side * half), 4) for side in (-1, 1)],
    }


def network(**weights):
    shape = (2 * SIZE, 2 * SIZE, 3)
    return applications.CifarResNetSmall(attention="bam", classes=10, input_shape=shape, **weights)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder that holds CIFAR-10")
    parser.add_argument("--images", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--random", type=int, default=3, help="networks; default: %(default)s")
    options = parser.parse_args()
    facts = packaged.facts("cifar10")
    images = data.load("cifar10", options.data).test.images[: options.images]
    trained = shares(network(weights="cifar10"), images, facts)
    by_seed = []
    for seed in range(options.random):
        keras.utils.set_random_seed(seed)
        by_seed.append(shares(network(), images, facts))
    stacked = {name: np.array([one[name].mean() for one in by_seed]) for name in trained}
    results = {
        "written_by": "benchmarks/hierarchy.py",
        "versions": versions(),
        "seed": SEED,
        "images": len(images),
        "weights": {key: facts[key] for key in ("network", "test_accuracy", "seed")},
        "trained": {name: summary(values) for name, values in trained.items()},
        "second minus first BAM": {
            end: summary(trained[f"M of BAM 2{end}"] - trained[f"M of BAM 1{end}"])
            for end in ("", ", smallest value put to 0")
        },
        "random weights, mean of each network": {
            name: np.round(values, 4).tolist() for name, values in stacked.items()
        },
    }
    write_text(RESULT, json.dumps(results, indent=1) + "\n")
    print(json.dumps(results["trained"], indent=1))


if __name__ == "__main__":
    main()
