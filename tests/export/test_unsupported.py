"""A layer that a format can't hold is named."""

import keras
import pytest
from two_forms import graph_of

from keras_bam.export import onnx, openvino, tflite
from keras_bam.export.unsupported import Unsupported, explained, found_in

FORMATS = {"tflite": tflite, "onnx": onnx, "openvino": openvino}


@keras.saving.register_keras_serializable("tests")
class InverseError(keras.layers.Layer):
    def call(self, features):
        return keras.ops.erfinv(features)


@pytest.fixture(scope="module")
def odd():
    image = keras.Input((4, 4, 2))
    x = keras.layers.Conv2D(2, 1, name="plain")(image)
    return keras.Model(image, InverseError(name="odd_one")(x), name="odd")


@pytest.fixture(scope="module")
def odd_graph(odd, tmp_path_factory):
    return graph_of(odd, (None, 4, 4, 2), tmp_path_factory.mktemp("odd") / "graph")


@pytest.mark.parametrize("name", FORMATS)
def test_the_layer_is_named(name, odd, odd_graph, tmp_path):
    with pytest.raises(Unsupported) as caught:
        FORMATS[name].write(odd_graph, tmp_path / "file", "float32", None)
    assert caught.value.operations == {"Erfinv"}
    error = explained(caught.value, odd, name, odd_graph)
    assert str(error) == (
        f"format={name!r} can't hold these layers of 'odd': 'odd_one' (Erfinv); replace them, or "
        "export to another format"
    )


def test_what_the_message_lists():
    found = found_in("x\nTF Select ops: B, Erfinv\nCustom ops: A\nDetails", tflite.UNSUPPORTED)
    assert found.operations == {"B", "Erfinv", "A"}
    assert found_in("Flex but nothing listed", tflite.UNSUPPORTED) is None


def test_an_operation_of_no_layer(odd, odd_graph):
    message = "odd.*: none we can name \\(Einsum\\); replace"
    with pytest.raises(ValueError, match=message):
        raise explained(Unsupported({"Einsum"}), odd, "onnx", odd_graph)
