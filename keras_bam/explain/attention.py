"""What every BAM of a model makes of images."""

import dataclasses

import numpy as np
from keras import ops

from keras_bam.explain.images import as_batch, channels_last
from keras_bam.explain.random_weights import never_trained
from keras_bam.explain.recording import as_array, recorded_calls
from keras_bam.layers import BAM


@dataclasses.dataclass(frozen=True, eq=False)
class AttentionMaps:
    """One call of one BAM on a batch: F, M(F), Mc(F), Ms(F) and F' of arXiv:1807.06514.

    Arrays are float32 and channels last, whatever the layer's data format; below H, W stands for
    any number of spatial sizes.

    Attributes:
        name: of the layer; "outer/inner" in a nested model, "name#2" for its second call.
        before: F, shape (batch, H, W, C).
        attention: M(F), values in (0, 1), shape (batch, H, W, C).
        channel: Mc(F) before the sigmoid, shape (batch, 1, 1, C); None without that branch.
        spatial: Ms(F) before the sigmoid, shape (batch, H, W, 1); None without that branch.
        after: F', shape (batch, H, W, C).
        random_weights: whether the layer was never trained (see `never_trained`).
    """

    name: str
    before: np.ndarray
    attention: np.ndarray
    channel: np.ndarray | None
    spatial: np.ndarray | None
    after: np.ndarray
    random_weights: bool

    @property
    def mean_attention(self):
        """M(F) averaged over the channels, shape (batch, H, W)."""
        return self.attention.mean(axis=-1)


def attention_maps(model, images, *, random_weights=None):
    """The maps of every BAM in `model`, in the order in which they are called.

    Args:
        model: a `keras.Model` with BAM in it, also in nested models.
        images: a batch as the model takes it, or a list of such images; a few of them, since all
            maps are held in memory.
        random_weights: whether the weights are random ones, where looking at them can't tell;
            None looks.

    Returns:
        A list of `AttentionMaps`.

    Raises:
        ValueError: for a model without BAM, and images of several sizes or of another shape than
            the model's.
    """
    batch = ops.convert_to_tensor(as_batch(model, images))
    if not any(isinstance(layer, BAM) for layer in model._flatten_layers()):
        raise ValueError(
            f"{model.name!r} has no BAM, and so no attention to show; grad_cam and feature_map "
            "work on any layer of it, and keras_bam.insert puts BAM into a copy of it"
        )
    _, calls = recorded_calls(model, batch)
    return [_maps(call, random_weights) for call in calls if isinstance(call.layer, BAM)]


def _maps(call, random_weights):
    layer = call.layer
    found = layer.attention(call.features)
    before, after, attention, channel, spatial = (
        None if x is None else channels_last(as_array(x), layer.data_format)
        for x in (call.features, call.outputs, *found)
    )
    if random_weights is None:
        random_weights = never_trained(layer)
    return AttentionMaps(
        name=call.name,
        before=before,
        attention=np.broadcast_to(attention, before.shape),
        channel=channel,
        spatial=spatial,
        after=after,
        random_weights=bool(random_weights),
    )
