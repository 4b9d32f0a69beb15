import csv

import numpy as np
import pytest
from PIL import Image

from keras_bam.training import RunFolder
from keras_bam.training.class_report import confusion_matrix, per_class, write_report

LABELS = np.array([0, 0, 0, 0, 1, 1, 3])
PREDICTED = np.array([0, 0, 0, 1, 1, 0, 1])
NAMES = ("cat", "dog", "fish", "owl")
MATRIX = [[3, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]


def test_confusion_matrix():
    np.testing.assert_array_equal(confusion_matrix(LABELS, PREDICTED, 4), MATRIX)


def test_per_class():
    cat, dog, fish, owl = per_class(np.array(MATRIX), NAMES)
    assert cat == {
        "class": "cat",
        "images": 4,
        "accuracy": 0.75,
        "top1_error": 25.0,
        "precision": 0.75,
        "recall": 0.75,
        "mistaken_for": "dog",
        "mistaken_images": 1,
    }
    assert (dog["precision"], dog["recall"]) == (1 / 3, 0.5)
    unknown = ("accuracy", "top1_error", "precision", "recall", "mistaken_for")
    assert fish["images"] == 0 and all(fish[name] is None for name in unknown)
    assert (owl["recall"], owl["precision"], owl["mistaken_for"]) == (0.0, None, "dog")


def test_files_of_a_run(tmp_path):
    probabilities = 0.5 * np.eye(4)[PREDICTED]
    matrix = write_report(RunFolder(tmp_path), LABELS, probabilities, NAMES)
    np.testing.assert_array_equal(matrix, MATRIX)
    with (tmp_path / "per_class.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] for row in rows] == list(NAMES)
    assert (rows[1]["precision"], rows[1]["top1_error"]) == ("0.333333", "50.0")
    assert rows[2]["accuracy"] == rows[2]["mistaken_for"] == ""
    with Image.open(tmp_path / "confusion.png") as image:
        image.load()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["confusion.png", "per_class.csv"]


@pytest.mark.parametrize(
    "labels, probabilities, message",
    [
        (np.zeros((2, 1), int), np.zeros((2, 4)), r"received \(2, 1\) and \(2, 4\)"),
        (np.zeros(2, int), np.zeros((2, 3)), r"probabilities \(n, 4\), .* received \(2,\) and"),
        (np.zeros(2, int), np.zeros((3, 4)), r"received \(2,\) and \(3, 4\)"),
        (np.zeros(0, int), np.zeros((0, 4)), r"n >= 1"),
        (np.zeros(2, int), np.full((2, 4), np.nan), "probabilities must be finite"),
        (np.array([0, 4]), np.zeros((2, 4)), r"labels must lie in 0\.\.3, received 0\.\.4"),
        (np.array([-1, 1]), np.zeros((2, 4)), r"labels must lie in 0\.\.3, received -1\.\.1"),
        (np.zeros(2), np.zeros((2, 4)), "labels must be integers, received float64"),
    ],
)
def test_what_does_not_belong_together(labels, probabilities, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        write_report(RunFolder(tmp_path), labels, probabilities, NAMES)
    assert list(tmp_path.iterdir()) == []
