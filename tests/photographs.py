"""Pictures with structure, and trees of them, for the tests of image files."""

import io

import numpy as np
from PIL import Image


def picture(height=60, width=80, seed=0):
    """uint8, shape (height, width, 3): smooth colours, so that JPEG keeps them."""
    phases = np.random.default_rng(seed).uniform(0, 6, 3)
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [np.sin(rows / 9 + phase) + np.cos(columns / 13 - phase) for phase in phases]
    return np.stack(waves, axis=-1).clip(-2, 2) * 60 + 127


def image(height=60, width=80, seed=0, mode="RGB"):
    return Image.fromarray(picture(height, width, seed).astype(np.uint8)).convert(mode)


def encoded(picture, kind="JPEG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def tree(folder, classes=("cat", "dog"), train=4, val=2):
    """FOLDER/train/CLASS/*.jpg and FOLDER/val/CLASS/*.jpg of sizes that differ."""
    seed = 0
    for part, count in (("train", train), ("val", val)):
        for name in classes:
            place = folder / part / name
            place.mkdir(parents=True)
            for number in range(count):
                seed += 1
                image(40 + 7 * number, 90 - 11 * number, seed).save(place / f"{number}.jpg")
    return folder
