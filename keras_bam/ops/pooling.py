"""The average over a map, which the channel branch starts from."""

from keras import ops

from keras_bam.ops.fast_paths import fast_path


def global_average(features, data_format="channels_last"):
    """GAP(F), equation 3 of arXiv:1807.06514.

    Args:
        features: F, shape (batch, height, width, channels), or with one or three spatial
            dimensions, or channels first.
        data_format: "channels_last" or "channels_first".

    Returns:
        Shape (batch, channels).
    """
    average = fast_path("global_average", features) or _global_average
    return average(features, data_format)


def _global_average(features, data_format):
    first = 1 if data_format == "channels_last" else 2
    return ops.mean(features, axis=tuple(range(first, first + len(features.shape) - 2)))
