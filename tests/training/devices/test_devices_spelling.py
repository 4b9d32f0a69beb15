import pytest

from keras_bam.training.devices.spelling import Wanted, chosen, parse


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("all", Wanted(None)),
        ("2", Wanted(2)),
        (3, Wanted(3)),
        ("cpu:4", Wanted(4, of_processor=True)),
    ],
)
def test_spellings(text, wanted):
    assert parse(text) == wanted


@pytest.mark.parametrize("text", ["", "0", "-1", "gpu:2", "cpu", "cpu:0", ":2", "two", 1.5])
def test_mistakes(text):
    with pytest.raises(ValueError, match="devices must be like all, 2 or cpu:4, received"):
        parse(text)


def test_devices_that_are_there():
    assert chosen(Wanted(None), ["a", "b"], "a, b") == ["a", "b"]
    assert chosen(Wanted(1), ["a", "b"], "a, b") == ["a"]
    with pytest.raises(ValueError, match="devices=3, and there are 2: a, b; keras-bam devices"):
        chosen(Wanted(3), ["a", "b"], "a, b")
