import keras
import numpy as np
import pytest
from two_forms import graph_of

from keras_bam.export import onnx, saved_model

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"


def test_a_dilated_convolution_is_one_operation(graph, open_graph):
    for folder in (graph, open_graph):
        operators = saved_model.load(folder).operators
        assert operators["Conv2D"] == 9
        assert not {"SpaceToBatchND", "BatchToSpaceND"} & set(operators)


@pytest.mark.skipif(not ON_TENSORFLOW, reason="the model is not touched on another backend")
def test_the_model_is_as_before(network, graph):
    for layer in network._flatten_layers():
        assert "convolution_op" not in vars(layer)


def branching():
    """Grouped and strided convolutions, two outputs; sizes that differ."""
    image = keras.Input((6, 10, 4))
    x = keras.layers.Conv2D(8, 3, groups=2, padding="same")(image)
    small = keras.layers.Conv2D(4, 3, strides=2, padding="same")(x)
    small = keras.layers.Conv2D(4, 3, groups=4, dilation_rate=2)(
        keras.layers.ZeroPadding2D(2)(small)
    )
    return keras.Model(image, {"b": x, "a": small}, name="branching")


def test_groups_and_several_outputs(tmp_path):
    model = branching()
    graph = graph_of(model, (None, 6, 10, 4), tmp_path / "graph")
    images = np.random.default_rng(0).normal(size=(2, 6, 10, 4)).astype("float32")
    expected = keras.tree.flatten(model.predict(images, verbose=0))
    onnx.write(graph, tmp_path / "a.onnx", "float32", None)
    for runtime in (saved_model.load(graph), onnx.load(tmp_path / "a.onnx")):
        found = runtime.run(images)
        assert [output.shape for output in found] == [output.shape for output in expected]
        for ours, theirs in zip(expected, found, strict=True):
            np.testing.assert_allclose(theirs, ours, atol=1e-5)
