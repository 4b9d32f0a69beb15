"""What a file of published weights holds, and the Keras model made of it."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_bam import applications
from keras_bam.applications.network import HE_FAN_OUT
from keras_bam.checkpoints.matching import compare
from keras_bam.checkpoints.naming import variables
from keras_bam.checkpoints.preprocessing import Preprocessing
from keras_bam.checkpoints.reading import read_state
from keras_bam.checkpoints.sources import SOURCES, Source


@dataclasses.dataclass(frozen=True, eq=False)
class Checkpoint:
    """Weights whose network was recognised.

    Attributes:
        path: of the file, or a model's name.
        source: who published them.
        network: name of ours, in `keras_bam.applications`.
        arguments: of its builder, that the weights need.
        state: their key -> array.
    """

    path: str
    source: Source
    network: str
    arguments: Mapping[str, Any]
    state: Mapping[str, np.ndarray]

    @property
    def title(self) -> str:
        return self.source.title

    @property
    def preprocessing(self) -> Preprocessing | None:
        """Of images; None for networks of CIFAR's size, which take the data set's own."""
        return None if self.network.startswith("Cifar") else self.source.preprocessing

    def build(self, *, include_top=True, **settings):
        """The Keras model with these weights. Arguments and errors as for `load`."""
        builder = getattr(applications, self.network)
        model = builder(
            **{**self.arguments, **settings},
            include_top=include_top,
            kernel_initializer="zeros",  # quick; below it gets the usual one for its config
        )
        ours = {self.source.key(path): x for path, x in variables(model.layers).items()}
        state = self.state if include_top else self._without_classifier()
        layout = self.source.layout
        needed = {key: layout.their_shape(variable.shape) for key, variable in ours.items()}
        mismatch, first = compare(state, needed)
        if mismatch:
            raise ValueError(
                f"{self.path} looks like {self.title}, but these are not the weights of "
                f"{self.network}: the first that differs is {first}; in all {mismatch}"
                f"{self._hint(mismatch)}"
            )
        for key, variable in ours.items():
            variable.assign(layout.to_ours(state[key]))
        for layer in model.layers:
            if isinstance(getattr(layer, "kernel_initializer", None), keras.initializers.Zeros):
                layer.kernel_initializer = HE_FAN_OUT.clone()
        return model

    def _classifier(self):
        return {self.source.key(f"{self.source.classifier}/{name}") for name in ("kernel", "bias")}

    def _without_classifier(self):
        dropped = self._classifier()
        return {key: array for key, array in self.state.items() if key not in dropped}

    def _hint(self, mismatch):
        only_top = not mismatch.left_over and not mismatch.misshapen
        if only_top and self._classifier() == set(mismatch.missing):
            return "; it holds no classifier: pass include_top=False"
        return ""


def read(source):
    """The `Checkpoint` in a file, or in a model of keras.applications.

    Args:
        source: a path, or a `keras.Model`; see `load`.
    """
    path = source.name if isinstance(source, keras.Model) else str(source)
    state = read_state(source)
    for known in SOURCES:
        if any(re.fullmatch(known.mark, key) for key in state):
            state = known.prepare(state)
            find = known.finder(state)
            network, arguments = known.network(find)
            bias = find(f"{known.classifier}/bias")
            if bias is not None:
                arguments["classes"] = bias.size
            return Checkpoint(path, known, network, arguments, state)
    titles = ", ".join(known.title for known in SOURCES)
    names = ", ".join(list(state)[:3])
    raise ValueError(
        f"{path} holds no weights that are known here: its first are {names or 'none'}; known are "
        f"{titles}. A .weights.h5 file of keras_bam itself goes to a builder's argument weights"
    )


def load(source, *, include_top=True, **settings):
    """A Keras model with published weights, which are recognised by their names and shapes.

    ================================  ======================================================
    of                                becomes
    ================================  ======================================================
    the authors' released code        (Cifar)ResNet18 to 152, BAM(form="official") at the
                                      bottlenecks, stride_in_1x1=False
    pytorchcv's bam_resnet18 to 152   the same
    torchvision                       ResNet18 to 152, ResNeXt50_32x4d, ResNeXt101_32x8d with
                                      stride_in_1x1=False; SqueezeNet1p1 (1.1) with
                                      padded_stem=False, pool_first=False
    keras.applications                ResNet50, 101, 152; MobileNet with keras_form=True; VGG16
    ================================  ======================================================

    Args:
        source: path of a state dict (`.pth`, `.pt`, `.pth.tar`, `.safetensors`), alone or under
            "state_dict" in a dict, or of weights of keras.applications (`.h5`); or a model of
            keras.applications.
        include_top: whether the model ends in the classifier.
        settings: `input_shape`, `pooling`, `classifier_activation`, `data_format`, `name`, as for
            every network of `keras_bam.applications`.

    Raises:
        ValueError: if the file is damaged, asks for code to be run (which is not), or holds other
            weights; what is missing, left over and misshapen is named.
        FileNotFoundError: if there is none.
        ModuleNotFoundError: PyTorch, for its own files, or safetensors is not installed.
    """
    return read(source).build(include_top=include_top, **settings)
