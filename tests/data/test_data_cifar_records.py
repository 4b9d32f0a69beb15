import os
import pickle

import numpy as np
import pytest

from keras_bam.data.cifar_records import decode_binary, decode_python


def test_python_files_of_both_pythons(cifar_images, python_file, python2_file):
    images, labels = cifar_images(3)
    for make in (python_file, python2_file):
        read = decode_python(make(images, labels), "data_batch_1", 10, "labels")
        np.testing.assert_array_equal(read[0], images)
        np.testing.assert_array_equal(read[1], labels)
        assert read[0].dtype == np.uint8 and read[1].dtype == np.int64


@pytest.mark.parametrize("label_bytes, classes", [(1, 10), (2, 100)])
def test_binary_files(cifar_images, binary_file, label_bytes, classes):
    images, labels = cifar_images(3, classes)
    read = decode_binary(binary_file(images, labels, label_bytes), "x.bin", classes, label_bytes)
    np.testing.assert_array_equal(read[0], images)
    np.testing.assert_array_equal(read[1], labels)
    assert read[0].dtype == np.uint8 and read[1].dtype == np.int64


def test_code_in_a_pickle_is_refused_and_not_run(tmp_path):
    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    content = pickle.dumps({b"data": Payload(), b"labels": []}, protocol=3)
    with pytest.raises(ValueError, match=r"train: refused, its pickle asks for \w+\.mkdir"):
        decode_python(content, "train", 10, "labels")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("damage", [lambda c: c[:-100], lambda c: b"", lambda c: b"\xff" + c])
def test_a_damaged_pickle_is_refused(cifar_images, python_file, damage):
    content = damage(python_file(*cifar_images(2)))
    with pytest.raises(ValueError, match="data_batch_1 is corrupt .* download it again"):
        decode_python(content, "data_batch_1", 10, "labels")


PIXELS = np.zeros((2, 3072), np.uint8)


@pytest.mark.parametrize(
    "entries, message",
    [
        ([1, 2], "f must hold a dict, got <class 'list'>"),
        ({b"data": [0, 1], b"labels": [0, 1]}, "f: data must be an array"),
        ({b"data": PIXELS}, "f lacks the entry labels"),
        ({b"data": PIXELS[:, 1:], b"labels": [0, 1]}, r"f: data must .* got \(2, 3071\)"),
        ({b"data": PIXELS.astype("f4"), b"labels": [0, 1]}, "f is corrupt .* array of 'f4'"),
        ({b"data": PIXELS, b"labels": [0]}, "f: labels must be a list of 2 integers"),
        ({b"data": PIXELS, b"labels": [0.0, 1.0]}, "f: labels must be a list of 2 integers"),
        ({b"data": PIXELS, b"labels": [0, 10]}, r"f: labels must lie in 0\.\.9, got 10"),
        ({b"data": PIXELS, b"labels": [-1, 0]}, r"f: labels must lie in 0\.\.9, got -1"),
    ],
)
def test_wrong_entries_are_refused(entries, message):
    with pytest.raises(ValueError, match=message):
        decode_python(pickle.dumps(entries, protocol=3), "f", 10, "labels")


@pytest.mark.parametrize("size", [0, 3072, 3074])
def test_a_wrong_binary_size_is_refused(size):
    with pytest.raises(ValueError, match=f"f has {size} bytes, .* no multiple of a record's 3073"):
        decode_binary(bytes(size), "f", 10, 1)


def test_a_wrong_binary_label_is_refused(cifar_images, binary_file):
    images, _ = cifar_images(1)
    with pytest.raises(ValueError, match=r"f: labels must lie in 0\.\.99, got 100"):
        decode_binary(binary_file(images, [100], 2), "f", 100, 2)
