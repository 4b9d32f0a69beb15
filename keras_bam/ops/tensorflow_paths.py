"""TensorFlow's own ways in a graph: few passes over a map, and no map kept for the gradient."""

import tensorflow as tf
from keras import ops

_LOGITS = {"add": tf.add, "multiply": tf.multiply}


def convolution(inputs, kernel, dilation_rate, data_format):
    """One operation, where Keras's moves the pixels of a dilated one's map into the batch."""
    if len(inputs.shape) != 4 or dilation_rate == 1 or data_format != "channels_last":
        return _portable(inputs, kernel, dilation_rate, data_format)
    kernel = tf.convert_to_tensor(kernel)  # a variable is none to custom_gradient
    return _dilated(inputs, kernel, dilation_rate)


def _portable(inputs, kernel, dilation_rate, data_format="channels_last"):
    return ops.conv(inputs, kernel, 1, "same", data_format, dilation_rate)


def _dilated(inputs, kernel, dilation_rate):
    """With a gradient of ours, since not every CPU kernel has that of a dilated convolution."""

    @tf.custom_gradient
    def single(inputs, kernel):
        def gradient(upstream):
            mirrored = tf.transpose(tf.reverse(kernel, (0, 1)), (0, 1, 3, 2))
            with tf.GradientTape() as tape:  # of its outputs nothing is computed
                tape.watch(kernel)
                outputs = _portable(inputs, kernel, dilation_rate)
            to_kernel = tape.gradient(outputs, kernel, upstream)
            return _dilated(upstream, mirrored, dilation_rate), to_kernel

        return tf.nn.conv2d(inputs, kernel, 1, "SAME", dilations=dilation_rate), gradient

    return single(inputs, kernel)


def global_average(features, data_format):
    """One axis after the other: TensorFlow's mean over several first axes takes longer."""
    if data_format == "channels_first":
        shape = tf.shape(features)
        return tf.reduce_mean(tf.reshape(features, (shape[0], features.shape[1], -1)), 2)
    for _ in range(len(features.shape) - 2):
        features = tf.reduce_mean(features, 1)
    return features


def refine(features, channel_logits, spatial_logits, how, scale):
    """F' in a graph, in one pass that XLA makes of the formula; None for what it does not take.

    For the gradient nothing is kept but the arguments.
    """
    if tf.executing_eagerly() or how not in _LOGITS or scale is not None:
        return None

    @tf.function(jit_compile=True, autograph=False)
    def forward(features, channel_logits, spatial_logits):
        # 1 + sigmoid(z) = (3 + tanh(z / 2)) / 2, of which XLA's tanh is the cheaper one.
        logits = _LOGITS[how](channel_logits, spatial_logits)
        return features * (1.5 + 0.5 * tf.tanh(0.5 * logits))

    @tf.function(jit_compile=True, autograph=False)
    def backward(upstream, features, channel_logits, spatial_logits):
        t = tf.tanh(0.5 * _LOGITS[how](channel_logits, spatial_logits))
        return upstream * (1.5 + 0.5 * t), upstream * features * (0.25 - 0.25 * t * t)

    def gradient(upstream):
        to_x, to_logits = backward(upstream, features, channel_logits, spatial_logits)
        return to_x, *_to_both(to_logits, channel_logits, spatial_logits, how)

    @tf.custom_gradient
    def refined(*tensors):
        return forward(*tensors), gradient

    return refined(features, channel_logits, spatial_logits)


def _to_both(to_logits, channel_logits, spatial_logits, how):
    """The gradient of the logits' sum or product as that of each, by products with vectors: sums
    over the first axes of a map take TensorFlow longer, and XLA much longer."""
    batch = tf.shape(to_logits)[0]
    last = channel_logits.shape[1:-1].as_list() == [1] * (len(channel_logits.shape) - 2)
    row, column = (channel_logits, spatial_logits) if last else (spatial_logits, channel_logits)
    shapes = tf.shape(row), tf.shape(column)
    row, column = tf.reshape(row, (batch, 1, -1)), tf.reshape(column, (batch, -1, 1))
    matrices = tf.reshape(to_logits, (batch, tf.shape(column)[1], tf.shape(row)[2]))
    along, across = (
        (column, row) if how == "multiply" else (tf.ones_like(column), tf.ones_like(row))
    )
    to_row = tf.reshape(tf.matmul(along, matrices, transpose_a=True), shapes[0])
    to_column = tf.reshape(tf.matmul(matrices, across, transpose_b=True), shapes[1])
    return (to_row, to_column) if last else (to_column, to_row)
