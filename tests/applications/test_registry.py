"""Networks by name."""

import pytest

from keras_bam import applications


def test_names_are_those_of_the_package():
    for name in applications.names():
        assert getattr(applications, name).name == name


def test_build_passes_arguments_on():
    assert applications.build("CifarResNetSmall", classes=4).output.shape == (None, 4)


@pytest.mark.parametrize("call", [applications.build, lambda n: applications.places(n, "blocks")])
def test_unknown_name(call):
    with pytest.raises(ValueError, match="unknown network 'CifarResnet50'; did you mean 'Cifar"):
        call("CifarResnet50")


def test_unknown_places():
    with pytest.raises(ValueError, match="unknown places 'bottleneck'; did you mean 'bottlenecks'"):
        applications.places("ResNet50", "bottleneck")
