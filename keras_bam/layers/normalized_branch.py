"""Where batch norm stands in a branch of BAM."""

import keras

from keras_bam.layers import arguments
from keras_bam.layers.feature_map_layer import FeatureMapLayer
from keras_bam.layers.sublayers import BatchNormalization, Direct
from keras_bam.ops.fast_paths import fast_path

NORMALIZATIONS = ("end", "hidden", "both")


class NormalizedBranch(Direct, FeatureMapLayer):
    """A branch whose hidden layers end in an activation, with batch norms where asked for.

    Args:
        normalization: "end", one batch norm at the end of the branch (equations 3 and 4);
            "hidden", one after every hidden layer (the released code); "both".
        momentum: of the moving statistics, in Keras's terms.
        epsilon: added to the variance.
    """

    def __init__(
        self,
        reduction_ratio=16,
        normalization="end",
        activation="relu",
        momentum=0.9,
        epsilon=1e-5,
        **kwargs,
    ):
        super().__init__(reduction_ratio=reduction_ratio, activation=activation, **kwargs)
        self.normalization = arguments.one_of("normalization", normalization, NORMALIZATIONS)
        self.momentum = arguments.fraction("momentum", momentum)
        self.epsilon = arguments.positive_number("epsilon", epsilon)

    def _norm(self, name, axis, where):
        """A batch norm, or None where `normalization` has none."""
        if self.normalization not in (where, "both"):
            return None
        return BatchNormalization(
            axis=axis,
            momentum=self.momentum,
            epsilon=self.epsilon,
            **self._shared_arguments(name),
        )

    def _hidden(self, outputs, norm, training):
        """What a hidden layer ends in; its `outputs` are nobody else's and may be written over."""
        if norm is not None:
            outputs = norm(outputs, training=training)
        relu = self.activation is keras.activations.relu and fast_path("relu", outputs)
        return (relu or self.activation)(outputs)

    def get_config(self):
        return {
            **super().get_config(),
            "normalization": self.normalization,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
        }
