import pytest

from keras_bam.data import load, names


def test_names():
    assert names() == ["cifar10", "cifar100", "digits"]


def test_load_by_name():
    assert load("digits").name == "digits"


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_the_folder_reaches_the_loader(name, tmp_path):
    with pytest.raises(FileNotFoundError, match=tmp_path.name):
        load(name, tmp_path)


@pytest.mark.parametrize(
    "name, message",
    [
        ("CIFAR-10", "unknown data set 'CIFAR-10'; did you mean 'cifar10' or"),
        ("digit", "unknown data set 'digit'; did you mean 'digits'"),
        ("imagenet", r"unknown data set 'imagenet'; known are \['cifar10', 'cifar100', 'digits'\]"),
    ],
)
def test_an_unknown_name_offers_the_nearest(name, message):
    with pytest.raises(ValueError, match=message):
        load(name)


def test_digits_read_no_folder():
    with pytest.raises(ValueError, match="digits reads no folder, got folder='somewhere'"):
        load("digits", folder="somewhere")
