"""The README's picture: what a trained detector finds in test images, beside what is there.

    python benchmarks/detections_picture.py RUN --data ARCHIVE [--out docs/detections.jpg]

RUN is a run of `benchmarks/fit_bccd.py`, ARCHIVE as there. The first test images in order, not
chosen: above the annotations, below the detections of a score of .4 or more. Prints how many of
either there are.
"""

import argparse
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from keras_bam import data, training
from keras_bam.data.decoding import EncodedImage
from keras_bam.detection import Detected, draw_detections
from keras_bam.files import replacing

COLUMNS, GAP, SCORE = 3, 8, 0.4


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("docs/detections.jpg"))
    options = parser.parse_args()
    run = training.RunFolder.open(options.run)
    notes = training.read_notes(run)
    names = notes["class_names"]
    with tempfile.TemporaryDirectory() as folder:
        if options.data.suffix == ".zip":
            zipfile.ZipFile(options.data).extractall(folder)
        else:
            folder = options.data
        test = data.load("voc", folder).test.take(range(COLUMNS))
        found = training.detect_in_files(run.load_model("last"), test.images, **notes)
        pictures = []
        for number, detected in enumerate(found):
            pixels = EncodedImage(test.images[number]).decode()
            there = test.objects[number]
            truth = Detected(there.boxes, np.ones(len(there)), there.labels)
            kept = detected.scores >= SCORE
            detected = Detected(*(part[kept] for part in detected))
            print(f"{there.image_id}: {len(there)} annotated, {kept.sum()} found")
            drawn = draw_detections(pixels, truth, names, show_scores=False)
            pictures.append([drawn, draw_detections(pixels, detected, names)])
    width, height = pictures[0][0].size
    sheet = Image.new("RGB", (COLUMNS * (width + GAP) - GAP, 2 * height + GAP), "white")
    for column, pair in enumerate(pictures):
        for row, picture in enumerate(pair):
            sheet.paste(picture, (column * (width + GAP), row * (height + GAP)))
    with replacing(options.out) as temporary:
        sheet.resize((sheet.width * 2 // 3, sheet.height * 2 // 3)).save(temporary, quality=85)


if __name__ == "__main__":
    main()
