"""A dilated convolution on TensorFlow, whose gradients are made of two kinds of convolution."""

import keras
import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="TensorFlow's own way"
)


@pytest.mark.parametrize("dilation_rate", [2, 4])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_gradients_of_gradients(dilation_rate, jit_compile):
    from keras_bam.ops import tensorflow_paths

    rng = np.random.default_rng(0)
    shapes = [(2, 9, 7, 3), (3, 3, 3, 4)]
    tensors = [tf.constant(rng.normal(size=shape)) for shape in shapes]

    def second(convolution):
        @tf.function(jit_compile=jit_compile, autograph=False)
        def gradients(*tensors):
            with tf.GradientTape() as outer:
                outer.watch(tensors)
                with tf.GradientTape() as inner:
                    inner.watch(tensors)
                    loss = tf.reduce_sum(convolution(*tensors, dilation_rate, "channels_last") ** 3)
                to_inputs, to_kernel = inner.gradient(loss, tensors)
                of_both = tf.reduce_sum(to_inputs**2) + tf.reduce_sum(tf.sin(to_kernel))
            return outer.gradient(of_both, tensors)

        return gradients(*tensors)

    expected = second(tensorflow_paths._portable)
    for found, value in zip(second(tensorflow_paths.convolution), expected, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-9, atol=1e-9 * np.abs(value).max())
