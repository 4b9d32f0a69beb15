"""SSD's loss (section 2.2 of arXiv:1512.02325)."""

import keras
from keras import ops

from keras_bam.layers.arguments import positive_number


@keras.saving.register_keras_serializable("keras_bam")
class MultiboxLoss(keras.losses.Loss):
    """(smooth L1 of the offsets + cross-entropy of the classes) / positives in the batch.

    Both are sums over the positive boxes, those with an object; the cross-entropy is also over the
    negatives that are predicted worst, `negative_ratio` for each positive of the same image. With
    no positive in the batch it is 0.

    y_true: (batch, boxes, 5), of `match`: four offsets and the label, 0 for the background.
    y_pred: (batch, boxes, 4 + 1 + classes), four offsets and logits: a detector's output.

    The loss of a batch is the sum over its images ("sum" as `reduction`), each divided by the
    positives of all: a batch that several devices share is divided by the positives on each.

    Args:
        negative_ratio: negatives for one positive.
        localization_weight: of the first sum, alpha of equation 1.

    Raises:
        ValueError: for a wrong argument; when called, for shapes that don't belong together.
    """

    def __init__(
        self,
        negative_ratio=3,
        localization_weight=1.0,
        reduction="sum",
        name="multibox_loss",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.negative_ratio = positive_number("negative_ratio", negative_ratio)
        self.localization_weight = positive_number("localization_weight", localization_weight)

    def call(self, y_true, y_pred):
        _check(tuple(y_true.shape), tuple(y_pred.shape))
        labels = ops.cast(y_true[..., 4], "int32")
        positive = ops.cast(labels > 0, y_pred.dtype)
        cross_entropy = ops.sparse_categorical_crossentropy(
            labels, y_pred[..., 4:], from_logits=True
        )
        mined = hard_negatives(cross_entropy, positive, self.negative_ratio)
        classification = ops.sum(cross_entropy * (positive + mined), axis=1)
        localization = _localization(y_true, y_pred, positive)
        positives = ops.maximum(ops.sum(positive), 1)
        return (classification + self.localization_weight * localization) / positives

    def get_config(self):
        return {
            **super().get_config(),
            "negative_ratio": self.negative_ratio,
            "localization_weight": self.localization_weight,
        }


@keras.saving.register_keras_serializable("keras_bam")
class LocalizationLoss(keras.metrics.Mean):
    """The first term of `MultiboxLoss`, a mean over batches as `fit` has it of the loss.

    `y_true` and `y_pred` as there.
    """

    def __init__(self, name="localization_loss", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = (ops.cast(y, self.dtype) for y in (y_true, y_pred))
        positive = ops.cast(y_true[..., 4] > 0, self.dtype)
        localization = ops.sum(_localization(y_true, y_pred, positive))
        images = ops.cast(ops.shape(y_pred)[0], self.dtype)
        return super().update_state(localization / ops.maximum(ops.sum(positive), 1), images)


def hard_negatives(losses, positive, ratio):
    """1 for the negatives of the largest loss, `ratio` for each positive of the image; else 0.

    Of equal losses the first ones count. No gradient goes through the choice.

    Args:
        losses: (batch, boxes), none below 0.
        positive: of that shape, 1 or 0.
    """
    losses = ops.stop_gradient(losses)
    dtype = losses.dtype
    candidates = ops.where(positive > 0, -1.0, losses)
    count = ops.shape(losses)[1]
    positives = ops.sum(positive, axis=1, keepdims=True)
    # Floats count exactly to 16 million boxes.
    wanted = ops.minimum(ops.floor(ratio * positives), count - positives)
    ascending = ops.sort(candidates, axis=1)
    place = ops.cast(ops.clip(count - wanted, 0, count - 1), "int32")
    threshold = ops.take_along_axis(ascending, place, axis=1)
    above = ops.cast(candidates > threshold, dtype)
    equal = ops.cast(candidates == threshold, dtype)
    left = wanted - ops.sum(above, axis=1, keepdims=True)
    return above + equal * ops.cast(ops.cumsum(equal, axis=1) <= left, dtype)


def _localization(y_true, y_pred, positive):
    """Smooth L1 of the positive boxes' offsets, summed for each image."""
    offsets = _smooth_l1(y_true[..., :4] - y_pred[..., :4])
    return ops.sum(offsets * positive, axis=1)


def _smooth_l1(difference):
    """Of the four offsets, summed."""
    size = ops.abs(difference)
    return ops.sum(ops.where(size < 1, 0.5 * size * size, size - 0.5), axis=-1)


def _check(true_shape, predicted_shape):
    if (
        len(true_shape) != 3
        or len(predicted_shape) != 3
        or true_shape[2] != 5
        or predicted_shape[2] < 6
        or true_shape[1] != predicted_shape[1]
    ):
        raise ValueError(
            "y_true must be (batch, boxes, 5) and y_pred (batch, boxes, 4 + 1 + classes), for the "
            f"same boxes; received {true_shape} and {predicted_shape}"
        )
