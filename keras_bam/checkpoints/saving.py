"""The way back: a model as the authors' released code saves its own."""

from pathlib import Path

import numpy as np
from keras import ops

from keras_bam.checkpoints import pytorch_file, safetensors_file
from keras_bam.checkpoints.official_form import official_weights
from keras_bam.checkpoints.sources import AUTHORS
from keras_bam.files import replacing

_SUFFIXES = (".pth", ".pt", ".pth.tar", ".safetensors")


def save_official(model, path):
    """Writes the weights of `model` for the authors' network, which takes the file as its own.

    A `.pth` file (`.pt`, `.pth.tar`) is a dict with `state_dict`, `epoch`, `arch` and `best_prec1`,
    the keys with the prefix `module.`, as their training script saves it; it needs PyTorch. A
    `.safetensors` file holds the state dict without the prefix, and needs none. `load` of either
    gives the same weights to the bit. The file is there whole or not at all.

    Args:
        model: ResNet18 to 152 or CifarResNet18 to 152, stride_in_1x1=False, with
            BAM(form="official") at the bottlenecks, or without attention, which is torchvision's
            too.
        path: of the file.

    Raises:
        ValueError: for another model, naming the layer that the authors' network can't express, or
            another suffix.
        ModuleNotFoundError: without PyTorch, or safetensors.
    """
    path = Path(path)
    if not path.name.lower().endswith(_SUFFIXES):
        raise ValueError(f"path={str(path)!r} must end in one of {', '.join(_SUFFIXES)}")
    state = {}
    for name, variable in official_weights(model).items():
        key = AUTHORS.key(name)
        state[key] = AUTHORS.layout.to_theirs(_array(variable))
        if name.endswith("moving_variance"):
            state[key.replace("running_var", "num_batches_tracked")] = np.zeros((), np.int64)
    with replacing(path) as temporary:
        if path.suffix.lower() == ".safetensors":
            safetensors_file.write(temporary, state)
        else:
            wrapped = {f"module.{key}": array for key, array in state.items()}
            pytorch_file.write(temporary, wrapped, epoch=0, arch="resnet", best_prec1=0.0)


def _array(variable):
    """float32, which holds the smaller formats exactly; float64 stays."""
    array = ops.convert_to_numpy(variable.value)
    return array if array.dtype == np.float64 else array.astype(np.float32)
