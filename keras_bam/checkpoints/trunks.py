"""A classifier's weights into the trunk of a detector."""

import re

import keras

from keras_bam.checkpoints.keras_names import MOBILENET
from keras_bam.checkpoints.matching import compare
from keras_bam.checkpoints.naming import keras_key, variables
from keras_bam.checkpoints.preprocessing import CAFFE, TENSORFLOW
from keras_bam.checkpoints.reading import read_state
from keras_bam.checkpoints.residual_trunks import load_stages
from keras_bam.detection import TwoStageDetector
from keras_bam.layers import L2Normalization

_TRUNK = re.compile(r"(stem|block\d+)_.*|fc[67]")
_CLASSIFIER = re.compile(r"(predictions|conv_preds|fc[12])/.*")


def load_trunk(detector, source):
    """Gives the trunk of `detector` the weights of a classifier, in place.

    ==============================  ==============================================================
    source                          detector's backbone
    ==============================  ==============================================================
    VGG16, ours or                  "vgg16": fc6 and fc7 are fc1, seen as a 7x7 convolution, and
    keras.applications', with its   fc2, of which every third row and column and every fourth
    classifier                      channel are taken, as SSD's authors did
    MobileNet, ours                 "mobilenet", with the modules at its bottlenecks if it has any
    keras.applications' MobileNet   "keras_mobilenet"
    ResNet, ours, or what `load`    of Faster R-CNN, with the modules at its bottlenecks if it has
    takes                           any; the last stage goes to the head
    ==============================  ==============================================================

    Args:
        detector: of `keras_bam.applications`: SSD or StairNet, with alpha 1, or Faster R-CNN.
        source: a `keras.Model`, or the path of weights of keras.applications (`.h5`); for Faster
            R-CNN, of any file that `load` takes.

    Returns:
        The `Preprocessing` that images need; of VGG16, keras.applications'; None for our MobileNet,
        which does not say.

    Raises:
        ValueError: if the weights are not those of the trunk; what is missing, left over and
            misshapen is named. If a file is damaged or holds none.
        FileNotFoundError: if there is none.
    """
    if isinstance(detector, TwoStageDetector):
        return load_stages(detector, source)
    trunk = [
        layer
        for layer in detector.layers
        if _TRUNK.fullmatch(layer.name) and not isinstance(layer, L2Normalization)
    ]
    ours = variables(trunk)
    state = read_state(source)
    preprocessing = None
    if "fc6/kernel" in ours:
        state, preprocessing = with_reduced_layers(state), CAFFE
    elif "conv1/kernel" in state:
        _check_keras_form(detector)
        ours = {keras_key(MOBILENET, path): variable for path, variable in ours.items()}
        preprocessing = TENSORFLOW
    state = {key: array for key, array in state.items() if not _CLASSIFIER.fullmatch(key)}
    mismatch, first = compare(state, {key: variable.shape for key, variable in ours.items()})
    if mismatch or not ours:
        name = source.name if isinstance(source, keras.Model) else source
        raise ValueError(
            f"{name} is not of the trunk of {detector.name!r}: the first weight that differs is "
            f"{first}; in all {mismatch}"
        )
    for key, variable in ours.items():
        variable.assign(state[key])
    return preprocessing


def take_rgb(detector):
    """Turns a network for blue, green, red into one for red, green, blue, in place.

    After `load_trunk`, where its `Preprocessing` says `reverse_channels`: data sets are in RGB. The
    kernels of the first convolution change places, and outputs stay as they were.
    """
    trunk = detector.trunk if isinstance(detector, TwoStageDetector) else detector
    first = next(layer for layer in trunk.layers if isinstance(layer, keras.layers.Conv2D))
    first.kernel.assign(keras.ops.flip(first.kernel, axis=2))


def with_reduced_layers(state):
    """A VGG16's weights with fc6 and fc7 in place of fc1 and fc2, if it has both.

    fc1, (25088, 4096), is a convolution of the 7x7 map's 512 channels; every third tap in either
    direction and every fourth output make (3, 3, 512, 1024). Of fc2 remains every fourth input and
    output: (1, 1, 1024, 1024).
    """
    layers = [f"{name}/{weight}" for name in ("fc1", "fc2") for weight in ("kernel", "bias")]
    shapes = [state[key].shape for key in layers if key in state]
    if shapes != [(7 * 7 * 512, 4096), (4096,), (4096, 4096), (4096,)]:
        return state
    first, first_bias, second, second_bias = (state[key] for key in layers)
    return {
        **state,
        "fc6/kernel": first.reshape(7, 7, 512, 4096)[::3, ::3, :, ::4],
        "fc6/bias": first_bias[::4],
        "fc7/kernel": second[None, None, ::4, ::4],
        "fc7/bias": second_bias[::4],
    }


def _check_keras_form(detector):
    relus = [layer for layer in detector.layers if layer.name == "stem_relu"]
    if relus and relus[0].max_value is None:
        raise ValueError(
            f"weights of keras.applications' MobileNet need its ReLU6 and padding: build "
            f"{detector.name!r} with backbone='keras_mobilenet'"
        )
