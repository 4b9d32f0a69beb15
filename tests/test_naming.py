import pytest

from keras_bam.naming import snake_case, unknown

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "name, message",
    [
        ("Tree", "unknown plant 'Tree'; did you mean 'tree'?"),
        ("gras", "unknown plant 'gras'; did you mean 'Grass'?"),
        ("gross", "unknown plant 'gross'; did you mean 'Grass' or 'moss'?"),
        ("xyz", "unknown plant 'xyz'; known are ['tree', 'Grass', 'moss']"),
        (3, "unknown plant 3; known are ['tree', 'Grass', 'moss']"),
    ],
)
def test_unknown_offers_the_nearest_or_all(name, message):
    error = unknown("plant", name, iter(("tree", "Grass", "moss")))
    assert type(error) is ValueError
    assert str(error) == message


@pytest.mark.parametrize(
    "name, expected",
    [("SqueezeExcite", "squeeze_excite"), ("BAM", "bam"), ("Conv2D", "conv2_d"), ("x", "x")],
)
def test_snake_case(name, expected):
    assert snake_case(name) == expected
