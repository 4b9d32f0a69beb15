import shutil
from pathlib import Path

import numpy as np
import photographs
import pytest
from PIL import Image

from keras_bam.data import FileBatches, FolderDataset, ImageFiles, batches_of, load_imagenet
from keras_bam.data.packed import read_packed

REAL = Path(__file__).parents[3] / "shared" / "data" / "cifar10_jpeg.npz"


@pytest.mark.parametrize("name", ["val", "validation", "test"])
def test_class_folders(tmp_path, name):
    photographs.tree(tmp_path)
    (tmp_path / "val").rename(tmp_path / name)
    data = load_imagenet(str(tmp_path), image_size=96)
    assert (data.name, data.class_names, data.input_shape) == (
        "imagenet",
        ("cat", "dog"),
        (96, 96, 3),
    )
    assert (len(data.train), len(data.test), data.flip) == (8, 4, True)
    assert (data.mean, data.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert data.data_format_of((3, None, None)) == "channels_first"
    assert [Path(path).parts[-3] for path in data.test.paths] == [name] * 4


@pytest.mark.parametrize("inside", [True, False])
def test_a_flat_folder_with_labels(tmp_path, inside):
    photographs.tree(tmp_path)
    shutil.rmtree(tmp_path / "val" / "cat")
    for path in (tmp_path / "val" / "dog").iterdir():
        path.rename(tmp_path / "val" / path.name)
    (tmp_path / "val" / "dog").rmdir()
    with pytest.raises(ValueError, match=r"holds images but no class folders, and no labels"):
        load_imagenet(tmp_path)
    place = tmp_path / "val" if inside else tmp_path
    (place / "val.txt").write_text("0.jpg dog\n1.jpg 0\n")
    assert list(load_imagenet(tmp_path).test.labels) == [1, 0]
    (tmp_path / "other.csv").write_text("ImageId,PredictionString\n0,cat 1 2\n1,dog 1 2\n")
    assert list(load_imagenet(tmp_path, labels=tmp_path / "other.csv").test.labels) == [0, 1]


def test_classes_that_differ(tmp_path):
    photographs.tree(tmp_path)
    (tmp_path / "val" / "dog").rename(tmp_path / "val" / "hog")
    with pytest.raises(ValueError, match="only in train dog; only in test hog; give both the same"):
        load_imagenet(tmp_path)
    shutil.rmtree(tmp_path / "val" / "hog")
    with pytest.raises(ValueError, match="only in train dog; only in test none"):
        load_imagenet(tmp_path)


def test_missing_folders(tmp_path):
    with pytest.raises(ValueError, match=r"imagenet needs a folder: FOLDER/train/CLASS/\* and"):
        load_imagenet(None)
    with pytest.raises(FileNotFoundError, match=r"has no folder 'train': it must be FOLDER/train"):
        load_imagenet(tmp_path / "nowhere")
    (tmp_path / "train").mkdir()
    with pytest.raises(FileNotFoundError, match="has no folder 'val': it must be"):
        load_imagenet(tmp_path)
    (tmp_path / "train").rename(tmp_path / "val")
    with pytest.raises(FileNotFoundError, match="has no folder 'train': it must be"):
        load_imagenet(tmp_path)


@pytest.mark.parametrize("size", [0, 1.5, True])
def test_a_wrong_size(size):
    files = ImageFiles(("x",), np.zeros(1, np.int64), ("a",))
    with pytest.raises(ValueError, match="image_size must be a positive integer, got"):
        FolderDataset("any", files, files, size)


@pytest.mark.skipif(not REAL.exists(), reason=f"needs the project's shared data, {REAL}")
def test_cifar10_as_a_tree(tmp_path):
    parts = {"train": 60, "val": 20}
    with np.load(REAL) as packed:
        for (part, count), split in zip(parts.items(), ("train", "test"), strict=True):
            jpeg, offsets = packed[f"{split}_jpeg"], packed[f"{split}_offsets"]
            for i, label in enumerate(packed[f"{split}_labels"][:count]):
                place = tmp_path / part / str(packed["class_names"][label])
                place.mkdir(parents=True, exist_ok=True)
                (place / f"{i:03}.JPEG").write_bytes(jpeg[offsets[i] : offsets[i + 1]])
    data = load_imagenet(tmp_path, image_size=32)
    expected = read_packed(REAL, "test", 20)
    assert data.class_names == tuple(sorted(expected.class_names))
    assert (len(data.train), len(data.test)) == (60, 20)
    batches = batches_of(data, data.test, 20)
    assert isinstance(batches, FileBatches)
    images, labels = batches[0]
    pixels = np.rint((images * data.std + data.mean) * 255)
    for image, label, path in zip(pixels, labels, data.test.paths, strict=True):
        source = int(Path(path).stem)
        assert data.class_names[label] == expected.class_names[expected.labels[source]]
        shorter = Image.fromarray(expected.images[source]).resize(
            (37, 37), Image.Resampling.BILINEAR
        )
        cut = np.asarray(shorter.crop((2, 2, 34, 34))).astype(float)
        assert np.abs(image - cut).max() <= 1
