"""The one kind of convolution that BAM has."""

from keras import ops

from keras_bam.ops.fast_paths import fast_path


def convolution(inputs, kernel, dilation_rate=1, data_format="channels_last"):
    """Stride 1, zeros around the map so that the output has its size; without bias.

    Args:
        inputs: shape (batch, height, width, channels), or with one or three spatial dimensions, or
            channels first.
        kernel: shape (kernel height, kernel width, channels, filters), of odd height and width.
        dilation_rate: one integer.
        data_format: "channels_last" or "channels_first".

    Returns:
        Shape (batch, height, width, filters), or filters first.
    """
    convolve = fast_path("convolution", inputs) or _convolution
    return convolve(inputs, ops.convert_to_tensor(kernel), dilation_rate, data_format)


def _convolution(inputs, kernel, dilation_rate, data_format):
    return ops.conv(inputs, kernel, 1, "same", data_format, dilation_rate)
