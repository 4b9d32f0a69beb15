import numpy as np
import pytest

from keras_bam.export import saved_model

pytestmark = pytest.mark.once


def test_serve_as_keras_has_it(graph, network, images, tmp_path):
    import tensorflow as tf

    saved_model.write(graph, tmp_path / "saved", "float32", None)
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    expected = network.predict(images, verbose=0)
    np.testing.assert_allclose(loaded.serve(images)["output_0"], expected, atol=1e-6)
    stored = tf.train.list_variables(str(tmp_path / "saved" / "variables" / "variables"))
    shapes = [tuple(shape) for _, shape in stored if shape]
    assert sorted(shapes) == sorted(tuple(weight.shape) for weight in network.weights)


def test_unknown_sizes(open_graph, open_network):
    runtime = saved_model.load(open_graph)
    assert runtime.input_shape == (None, None, None, 3)
    for shape in ((2, 9, 7, 3), (1, 16, 20, 3)):
        images = np.random.default_rng(2).normal(size=shape).astype("float32")
        expected = open_network.predict(images, verbose=0)
        np.testing.assert_allclose(runtime.run(images)[0], expected, atol=1e-6)
