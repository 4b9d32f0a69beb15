"""A residual classifier's weights into the trunk and the head of a two-stage detector."""

import re

import keras

from keras_bam.checkpoints.checkpoint import read
from keras_bam.checkpoints.matching import compare
from keras_bam.checkpoints.naming import variables

_STAGES = re.compile(r"(stem|stage\d+)_.*")
_FIRST_WITH_STRIDE = "stage2_block1_conv1"


def load_stages(detector, source):
    """See `load_trunk`."""
    preprocessing = None
    if not (isinstance(source, keras.Model) and _stages(source)):
        found = read(source)
        preprocessing, source = found.preprocessing, found.build(include_top=False)
    theirs = variables(_stages(source))
    ours = variables([*_stages(detector.trunk), *_stages(detector.head)])
    mismatch, first = compare(theirs, {key: variable.shape for key, variable in ours.items()})
    if mismatch:
        raise ValueError(
            f"{source.name} is not of the trunk of {detector.name!r}: the first weight that "
            f"differs is {first}; in all {mismatch}"
        )
    _check_strides(detector, source)
    for key, variable in ours.items():
        # On JAX a shared buffer would be gone with the first `fit` or `predict` of either.
        variable.assign(keras.ops.copy(theirs[key]))
    return preprocessing


def _stages(model):
    return [layer for layer in model.layers if _STAGES.fullmatch(layer.name)]


def _check_strides(detector, source):
    strides = [model.get_layer(_FIRST_WITH_STRIDE).strides for model in (detector.trunk, source)]
    if strides[0] != strides[1]:
        raise ValueError(
            f"{source.name} has its strides elsewhere in its bottlenecks: build {detector.name!r} "
            f"with stride_in_1x1={strides[1] != (1, 1)}"
        )
