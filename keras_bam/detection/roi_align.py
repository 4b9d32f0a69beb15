"""RoIAlign (arXiv:1703.06870, section 3), with a fixed number of samples."""

from keras import ops

_SAMPLES = 2  # along each side of a bin


def roi_align(features, boxes, pool_size, scales):
    """The features in each box, as a small map of a fixed size.

    Each bin is the mean of 2x2 points between the four cells around them, as torchvision's
    `roi_align(..., sampling_ratio=2, aligned=True)`: cell i has its centre at i + 1/2, points
    beyond the outermost centres take the outermost cells, and those more than a cell away are 0.
    Interpolation along the rows is apart from that along the columns, so that both are products of
    matrices.

    Args:
        features: (batch, height, width, channels).
        boxes: corners, shape (batch, n, 4).
        pool_size: height and width of what comes out.
        scales: cells (across, down) for one unit of `boxes`.

    Returns:
        (batch, n, pool_size, pool_size, channels); the boxes get no gradient.
    """
    _, height, width, channels = features.shape
    boxes = ops.stop_gradient(boxes)
    count = boxes.shape[1]
    across = _weights(boxes[..., 0], boxes[..., 2], scales[0], width, pool_size)
    down = _weights(boxes[..., 1], boxes[..., 3], scales[1], height, pool_size)
    across, down = (ops.cast(weights, features.dtype) for weights in (across, down))
    columns = ops.reshape(ops.transpose(features, (0, 2, 1, 3)), (-1, width, height * channels))
    across = ops.reshape(across, (-1, count * pool_size, width))
    shape = (-1, count, pool_size, height, channels)
    pooled = ops.transpose(ops.reshape(ops.matmul(across, columns), shape), (0, 1, 3, 2, 4))
    pooled = ops.reshape(pooled, (-1, count, height, pool_size * channels))
    return ops.reshape(ops.matmul(down, pooled), (-1, count, pool_size, pool_size, channels))


def _weights(low, high, scale, cells, pool_size):
    """What each cell along one side is worth in each bin: (batch, n, pool_size, cells)."""
    points = pool_size * _SAMPLES
    at = (ops.arange(points, dtype="float32") + 0.5) / points
    low, high = (ops.expand_dims(x, -1) * scale - 0.5 for x in (low, high))
    at = low + (high - low) * at
    seen = ops.cast(ops.logical_and(at >= -1, at <= cells), "float32")
    place = ops.expand_dims(ops.clip(at, 0, cells - 1), -1)
    near = ops.relu(1 - ops.abs(place - ops.arange(cells, dtype="float32")))
    near = near * ops.expand_dims(seen, -1)
    shape = (-1, low.shape[1], pool_size, _SAMPLES, cells)
    return ops.mean(ops.reshape(near, shape), axis=3)
