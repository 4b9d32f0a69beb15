import io
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from keras_bam.data import load_cifar10, load_cifar100
from keras_bam.data.cifar_classes import CIFAR10_CLASSES, CIFAR100_CLASSES

SHARED = Path(__file__).parents[3] / "shared" / "data"
BATCHES = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5")
LOADERS = {10: load_cifar10, 100: load_cifar100}

RELEASES = [  # archive, folder in it, classes, training files, test file, maker and its argument
    ("cifar-10-python", "cifar-10-batches-py", 10, BATCHES, "test_batch", "python", "labels"),
    ("cifar-10-binary", "cifar-10-batches-bin", 10, BATCHES, "test_batch", "binary", 1),
    ("cifar-100-python", "cifar-100-python", 100, ("train",), "test", "python", "fine_labels"),
    ("cifar-100-binary", "cifar-100-binary", 100, ("train",), "test", "binary", 2),
]


@pytest.fixture(params=RELEASES, ids=lambda row: row[0])
def release(request, cifar_images, python_file, binary_file):
    """-> archive, folder, classes, its files as {name: bytes}, two images in each."""
    archive, folder, classes, train, test, form, argument = request.param
    make, suffix = {"python": (python_file, ""), "binary": (binary_file, ".bin")}[form]
    files = {
        name + suffix: make(*cifar_images(2, classes, seed), argument)
        for seed, name in enumerate((*train, test))
    }
    return f"{archive}.tar.gz", folder, classes, files


@pytest.mark.parametrize("form", ["archive", "extracted"])
@pytest.mark.parametrize("direct", [True, False])
def test_official_releases(release, form, direct, tmp_path, tar_gz, cifar_images):
    archive, folder, classes, files = release
    path = tmp_path / folder
    if form == "archive":
        members = {f"{folder}/readme.html": b"hello"}
        path = tar_gz(archive, members | {f"{folder}/{name}": files[name] for name in files})
    else:
        path.mkdir()
        for name, content in files.items():
            (path / name).write_bytes(content)

    data = LOADERS[classes](path if direct else str(tmp_path))
    made = [cifar_images(2, classes, seed) for seed in range(len(files))]
    np.testing.assert_array_equal(data.train.images, np.concatenate([x for x, _ in made[:-1]]))
    np.testing.assert_array_equal(data.train.labels, np.concatenate([y for _, y in made[:-1]]))
    np.testing.assert_array_equal(data.test.images, made[-1][0])
    np.testing.assert_array_equal(data.test.labels, made[-1][1])
    assert data.name == f"cifar{classes}" and len(data.class_names) == classes
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_batch_is_named(release, tar_gz, tmp_path):
    archive, folder, classes, files = release
    last = list(files)[-1]
    tar_gz(archive, {f"{folder}/{name}": files[name] for name in files if name != last})
    with pytest.raises(ValueError, match=f"{archive} lacks {last}: download it again"):
        LOADERS[classes](tmp_path)


def test_a_damaged_batch_is_named(release, tar_gz, tmp_path):
    archive, folder, classes, files = release
    last = list(files)[-1]
    files[last] = files[last][:-9]
    tar_gz(archive, {f"{folder}/{name}": files[name] for name in files})
    with pytest.raises(ValueError, match=f"{archive}: {last} (is corrupt|has .* bytes)"):
        LOADERS[classes](tmp_path)


@pytest.mark.parametrize("classes", [10, 100])
def test_an_empty_folder_lists_what_was_looked_for(tmp_path, classes):
    wanted = [
        name for row in RELEASES if row[2] == classes for name in (row[1], f"{row[0]}.tar.gz")
    ]
    pattern = f"{tmp_path.name}' neither is nor holds any of {', '.join(wanted)}.*Keras download"
    with pytest.raises(FileNotFoundError, match=pattern):
        LOADERS[classes](tmp_path)


def test_the_packed_form(tmp_path):
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (100, 100, 100)).save(file, "JPEG")
    arrays = {"class_names": np.array(CIFAR10_CLASSES)}
    for split in ("train", "test"):
        arrays[f"{split}_jpeg"] = np.frombuffer(file.getvalue(), np.uint8)
        arrays[f"{split}_offsets"] = np.array([0, len(file.getvalue())], np.uint32)
        arrays[f"{split}_labels"] = np.array([7], np.uint8)
    np.savez(tmp_path / "cifar10_jpeg.npz", **arrays)
    data = load_cifar10(tmp_path)
    assert data.train.images.mean() == 100
    assert data.class_names[data.test.labels[0]] == "horse"


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason=f"needs the project's shared data, {SHARED}")
def test_the_real_packed_form():
    data = load_cifar10(SHARED)
    assert len(data.train) == 50_000 and len(data.test) == 10_000
    assert data.class_names == CIFAR10_CLASSES
    # The mean of the official archive, which JPEG moves little; it smooths, so std differs more.
    assert data.mean == pytest.approx((0.4914, 0.4822, 0.4465), abs=2e-4)


@pytest.mark.parametrize("module, classes", [("cifar10", 10), ("cifar100", 100)])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_keras_datasets(monkeypatch, cifar_images, module, classes, data_format):
    images, labels = cifar_images(3, classes)
    given = images.transpose(0, 3, 1, 2) if data_format == "channels_first" else images
    part = given, labels[:, None].astype(np.uint8)
    monkeypatch.setattr(getattr(keras.datasets, module), "load_data", lambda: (part, part))
    monkeypatch.setattr(keras.config, "image_data_format", lambda: data_format)
    data = LOADERS[classes]()
    np.testing.assert_array_equal(data.train.images, images)
    np.testing.assert_array_equal(data.test.labels, labels)


def test_a_failed_download_names_the_way_out(monkeypatch):
    def offline():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", offline)
    with pytest.raises(OSError, match="URL fetch failure.* pass the folder that holds it"):
        load_cifar10()


@pytest.mark.parametrize("names, count", [(CIFAR10_CLASSES, 10), (CIFAR100_CLASSES, 100)])
def test_class_names(names, count):
    assert len(set(names)) == count and list(names) == sorted(names)
