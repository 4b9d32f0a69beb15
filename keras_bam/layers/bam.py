"""The module of the paper: what and where, at a bottleneck of a network."""

from typing import Any, NamedTuple

import keras
from keras import ops

from keras_bam.layers import arguments
from keras_bam.layers.channel_branch import ChannelBranch
from keras_bam.layers.feature_map_layer import FeatureMapLayer
from keras_bam.layers.normalized_branch import NORMALIZATIONS
from keras_bam.layers.spatial_branch import SpatialBranch
from keras_bam.layers.sublayers import Direct
from keras_bam.ops import combine as combine_logits
from keras_bam.ops import refine
from keras_bam.ops.equations import COMBINATIONS

FORMS = {  # form: normalization, combine
    "paper": ("end", "add"),  # equations 1 to 4
    "official": ("hidden", "multiply"),  # the authors' released code
}
BRANCHES = ("channel", "spatial")


class Attention(NamedTuple):
    """M(F), Mc(F), Ms(F) of one BAM; Mc or Ms is None where the layer has no such branch."""

    attention: Any
    channel: Any
    spatial: Any


@keras.saving.register_keras_serializable("keras_bam")
class BAM(Direct, FeatureMapLayer):
    """F' = F + F * sigmoid(Mc(F) + Ms(F)), equations 1 to 4 of arXiv:1807.06514.

    The authors' released code multiplies Mc and Ms where the paper adds them, and has batch norm
    after the hidden layers where the paper has it at the end; `form="official"` is that code. The
    paper writes no activation; `activation=None` is its equations to the letter.

    Input shape: (batch, height, width, channels), also with one or three spatial dimensions or
    channels first. Sizes may be unknown, the channel count may not. Output shape: the input's.

    In training, batch norm sees the batch: with batch size 1 the channel branch has one value per
    channel, normalises it to zero, and lets its moving variance go to 0, so that inference no
    longer matches training. Freeze the layer, or use `normalization="hidden"` with care, or larger
    batches.

    Args:
        reduction_ratio: r; hidden layers have channels // r channels.
        dilation_rate: d of the two 3x3 convolutions of the spatial branch.
        form: "paper" or "official", which presets `normalization` and `combine`.
        normalization: batch norm at the "end" of each branch, after each "hidden" layer, or "both".
        combine: "add", "multiply" or "maximum" of the two logits (Table 1b); None with one branch.
        branches: ("channel", "spatial"), or one of them (Table 1b).
        activation: after each hidden layer, behind its batch norm. None for none.
        layer_scale_init_value: None is the paper's equation. A number starts a trainable scale a,
            one value a channel: F' = F + a * F * M(F). With 0 the layer at first changes nothing.
        momentum: of the moving statistics, in Keras's terms.
        epsilon: added to the variance.
        kernel_initializer: for all kernels; each kernel gets its own draw.
        kernel_regularizer: for all kernels.
        data_format: "channels_last" or "channels_first"; None for Keras's global setting.

    Raises:
        ValueError: when made with a wrong argument; when built on a shape without channel count,
            with fewer channels than `reduction_ratio` or of rank below 3 or above 5; when called
            on integers; for float64 where the backend computes in float32.
    """

    elementwise_weights = True  # for keras_bam.complexity: the layer scale

    def __init__(
        self,
        reduction_ratio=16,
        dilation_rate=4,
        form="paper",
        normalization=None,
        combine=None,
        branches=BRANCHES,
        activation="relu",
        layer_scale_init_value=None,
        momentum=0.9,
        epsilon=1e-5,
        kernel_initializer="he_normal",
        kernel_regularizer=None,
        data_format=None,
        **kwargs,
    ):
        super().__init__(
            reduction_ratio=reduction_ratio,
            activation=activation,
            kernel_initializer=kernel_initializer,
            kernel_regularizer=kernel_regularizer,
            data_format=data_format,
            **kwargs,
        )
        self.dilation_rate = arguments.positive_integer("dilation_rate", dilation_rate)
        self.form = arguments.one_of("form", form, FORMS)
        self.normalization = arguments.one_of(
            "normalization", normalization, (None, *NORMALIZATIONS)
        )
        self.combine = arguments.one_of("combine", combine, (None, *COMBINATIONS))
        self.branches = _checked_branches(branches, combine)
        self.layer_scale_init_value = _checked_scale(layer_scale_init_value)
        self.momentum = arguments.fraction("momentum", momentum)
        self.epsilon = arguments.positive_number("epsilon", epsilon)

    def build(self, input_shape):
        channels = self._channels(input_shape)
        of_both = {
            "dtype": self.dtype_policy,
            "trainable": self.trainable,
            "reduction_ratio": self.reduction_ratio,
            "normalization": self.normalization or FORMS[self.form][0],
            "activation": self.activation,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "kernel_regularizer": self.kernel_regularizer,
            "data_format": self.data_format,
        }
        self.channel = self.spatial = self.layer_scale = None
        if "channel" in self.branches:
            self.channel = ChannelBranch(
                kernel_initializer=arguments.distinct(self.kernel_initializer, 0),
                name="channel",
                **of_both,
            )
            self.channel.build(input_shape)
        if "spatial" in self.branches:
            self.spatial = SpatialBranch(
                dilation_rate=self.dilation_rate,
                kernel_initializer=arguments.distinct(self.kernel_initializer, 2),
                name="spatial",
                **of_both,
            )
            self.spatial.build(input_shape)
        if self.layer_scale_init_value is not None:
            self.layer_scale = self.add_weight(
                name="layer_scale",
                shape=(channels,),
                initializer=keras.initializers.Constant(self.layer_scale_init_value),
            )

    def call(self, features, training=None):
        self._check_features(features)
        channel_logits, spatial_logits, features = self._logits(features, training)
        scale = None
        if self.layer_scale is not None:
            scale = ops.expand_dims(ops.cast(self.layer_scale, features.dtype), axis=0)
            scale = self._unpool(scale, len(features.shape))
        return refine(features, channel_logits, spatial_logits, self._how, scale)

    def attention(self, features, training=False):
        """M(F), Mc(F) and Ms(F) for `features` (F), as a named tuple of tensors.

        Shapes: M as F, or as the logits of the only branch; Mc (batch, 1, 1, channels) and Ms
        (batch, height, width, 1) before the sigmoid. The layer scale is no part of M.
        """
        if not self.built:
            self.build(features.shape)
        self._check_features(features)
        features = ops.cast(features, self.compute_dtype)
        channel_logits, spatial_logits, _ = self._logits(features, training)
        attention = combine_logits(channel_logits, spatial_logits, self._how)
        return Attention(attention, channel_logits, spatial_logits)

    def _logits(self, features, training):
        """Mc, Ms, and F as it is to be refined."""
        training = bool(training)
        both = self.channel is not None and self.spatial is not None
        read = both and self.spatial.reduce.read_together(features)
        if read:
            average, reduced, features = read
            channel = self.channel.of_average(average, len(features.shape), training)
            return channel, self.spatial.of_reduced(reduced, training), features
        channel = None if self.channel is None else self.channel(features, training=training)
        spatial = None if self.spatial is None else self.spatial(features, training=training)
        return channel, spatial, features

    @property
    def _how(self):
        return self.combine or FORMS[self.form][1]

    def get_config(self):
        return {
            **super().get_config(),
            "dilation_rate": self.dilation_rate,
            "form": self.form,
            "normalization": self.normalization,
            "combine": self.combine,
            "branches": list(self.branches),
            "layer_scale_init_value": self.layer_scale_init_value,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
        }


def _checked_branches(branches, combine):
    names = tuple(branches) if isinstance(branches, (tuple, list)) else (branches,)
    if names not in (BRANCHES, BRANCHES[::-1], BRANCHES[:1], BRANCHES[1:]):
        raise ValueError(f"branches must be one or both of {BRANCHES}, received {branches!r}")
    if len(names) == 1 and combine is not None:
        raise ValueError(
            f"combine={combine!r} with branches={branches!r}: one branch has nothing to combine "
            "with, leave combine at None"
        )
    return names


def _checked_scale(value):
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    raise ValueError(f"layer_scale_init_value must be None or a number, received {value!r}")
