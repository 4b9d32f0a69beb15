import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_bam.data.packed import read_packed

REAL = Path(__file__).parents[3] / "shared" / "data" / "cifar10_jpeg.npz"


def jpeg(value, size=(32, 32)):
    file = io.BytesIO()
    Image.new("RGB", size, (value, value, value)).save(file, "JPEG")
    return file.getvalue()


def packed(files, **changes):
    ends = np.cumsum([0, *map(len, files)]).astype(np.uint32)
    arrays = {
        "test_jpeg": np.frombuffer(b"".join(files), np.uint8),
        "test_offsets": ends,
        "test_labels": np.arange(len(files), dtype=np.uint8),
        "class_names": np.array(["a", "b", "c"]),
    }
    return arrays | changes


@pytest.fixture
def path(tmp_path):
    return tmp_path / "small.npz"


def test_a_small_file(path):
    np.savez(path, **packed([jpeg(10), jpeg(200), jpeg(90)]))
    read = read_packed(path, "test")
    assert read.images.shape == (3, 32, 32, 3)
    np.testing.assert_array_equal(read.images[:, 16, 16, 1], [10, 200, 90])
    np.testing.assert_array_equal(read.labels, [0, 1, 2])
    assert read.class_names == ("a", "b", "c")
    assert len(read_packed(path, "test", 2)) == 2


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"test_offsets": np.array([0, 5, 9])}, r"small\.npz: test_offsets do not fit 2 labels"),
        ({"test_offsets": np.array([9, 5, 700])}, "test_offsets do not fit"),
        ({"test_labels": np.array([0])}, "test_offsets do not fit 1 labels"),
        ({"class_names": np.array(["a"])}, r"labels must lie in 0\.\.0"),
    ],
)
def test_damaged_arrays_are_refused(path, changes, message):
    np.savez(path, **packed([jpeg(1), jpeg(1)], **changes))
    with pytest.raises(ValueError, match=message):
        read_packed(path, "test")


@pytest.mark.parametrize("broken", [bytes(600), jpeg(1)[:-100], jpeg(1)[:300]])
def test_a_broken_image_is_named(path, broken):
    np.savez(path, **packed([jpeg(1), broken]))
    with pytest.raises(ValueError, match="test image 1 is broken .* get the file again"):
        read_packed(path, "test")


def test_images_of_two_sizes_are_refused(path):
    np.savez(path, **packed([jpeg(1), jpeg(1, (32, 31))]))
    with pytest.raises(ValueError, match=r"test image 1 has shape \(31, 32, 3\), those before it"):
        read_packed(path, "test")


def test_a_missing_array_is_named(path):
    np.savez(path, **packed([jpeg(1)]))
    with pytest.raises(
        ValueError, match="lacks the arrays train_jpeg, train_offsets, train_labels"
    ):
        read_packed(path, "train")


@pytest.mark.parametrize("kept", [0, 100, -30])
def test_a_truncated_file_is_refused(path, kept):
    np.savez(path, **packed([jpeg(1)]))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"small\.npz is truncated, corrupt or no \.npz file"):
        read_packed(path, "test")


def test_pickled_arrays_are_refused(path):
    np.savez(path, **packed([jpeg(1)], class_names=np.array([{}], object)))
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        read_packed(path, "test")


def test_missing_pillow_names_the_extra(path, monkeypatch):
    np.savez(path, **packed([jpeg(1)]))
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ModuleNotFoundError, match=r"pillow.*pip install 'keras-bam\[fit\]'"):
        read_packed(path, "test")


@pytest.mark.skipif(not REAL.exists(), reason=f"needs the project's shared data, {REAL}")
def test_the_real_file():
    read = read_packed(REAL, "test", 200)
    assert read.images.shape == (200, 32, 32, 3)
    np.testing.assert_array_equal(np.bincount(read.labels), [20] * 10)
    assert read.class_names[:2] == ("airplane", "automobile")
    assert 0.4 < read.images.mean() / 255 < 0.55
