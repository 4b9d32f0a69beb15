import photographs
import pytest

from keras_bam.data import load, names


def test_names():
    assert names() == ["cifar10", "cifar100", "coco", "digits", "imagenet", "shapes", "voc"]


def test_load_by_name():
    assert load("digits").name == "digits"


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "coco", "imagenet"])
def test_the_folder_reaches_the_loader(name, tmp_path):
    with pytest.raises(FileNotFoundError, match=tmp_path.name):
        load(name, tmp_path)


@pytest.mark.parametrize(
    "name, message",
    [
        ("CIFAR-10", "unknown data set 'CIFAR-10'; did you mean 'cifar10' or"),
        ("digit", "unknown data set 'digit'; did you mean 'digits'"),
        (
            "mnist",
            r"unknown data set 'mnist'; known are \['cifar10', 'cifar100', 'coco', 'digits', ",
        ),
    ],
)
def test_an_unknown_name_offers_the_nearest(name, message):
    with pytest.raises(ValueError, match=message):
        load(name)


@pytest.mark.parametrize("name", ["digits", "shapes"])
def test_what_reads_no_folder(name):
    with pytest.raises(ValueError, match=f"{name} reads no folder, got folder='somewhere'"):
        load(name, folder="somewhere")


def test_options_reach_the_loaders_that_have_some(tmp_path):
    photographs.tree(tmp_path)
    assert load("imagenet", tmp_path, image_size=32).input_shape == (32, 32, 3)
    assert load("shapes", train=2, test=1, image_size=32).input_shape == (32, 32, 3)
    with pytest.raises(ValueError, match="cifar10 takes no options, got {'image_size': 32}; leave"):
        load("cifar10", tmp_path, image_size=32)


def test_imagenet_needs_a_folder():
    with pytest.raises(ValueError, match="imagenet needs a folder: FOLDER/train/CLASS"):
        load("imagenet")
