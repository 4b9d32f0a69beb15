"""State dicts in PyTorch's files, read by its reader that executes nothing."""

import re
import warnings
import zipfile

import numpy as np

from keras_bam.extra import from_extra


def read(path):
    """Key -> array, of a state dict or the dict around it.

    Raises:
        ValueError: if the file is damaged, encrypted or no checkpoint, or holds anything but
            tensors and plain data; what it asks for is not run.
        ModuleNotFoundError: without PyTorch.
    """
    torch = from_extra("torch", "torch")
    _check_not_encrypted(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about old pickles
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle can end in any
        raise _refused(path, error) from None
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not state:
        raise ValueError(f"{path} holds no state dict, but {type(content).__name__}")
    return {key: _array(torch, tensor, f"{path}: {key}") for key, tensor in state.items()}


def write(path, state, **more):
    """A file of a dict with the state dict of `state` (key -> array) and `more` beside it."""
    torch = from_extra("torch", "torch")
    tensors = {key: torch.from_numpy(np.array(array)) for key, array in state.items()}
    with open(path, "wb") as file:
        torch.save({**more, "state_dict": tensors}, file)


def _array(torch, tensor, name):
    if not isinstance(tensor, torch.Tensor) or tensor.layout is not torch.strided:
        raise ValueError(f"{name} is no tensor of a network's weights: {type(tensor).__name__}")
    tensor = tensor.detach()
    return tensor.to(torch.float32).numpy() if tensor.is_floating_point() else tensor.numpy()


def _check_not_encrypted(path):
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            encrypted = any(entry.flag_bits & 1 for entry in archive.infolist())
    except zipfile.BadZipFile:
        return  # PyTorch says what is wrong with it
    if encrypted:
        raise ValueError(f"{path} is encrypted: decrypt it first")


def _refused(path, error):
    text = str(error)
    if asked := re.search(r"GLOBAL ([\w.]+)", text):
        return ValueError(
            f"{path} asks for {asked[1]}, which no state dict needs; nothing of the file was run. "
            "If it is a whole model that you trust, save its state_dict() instead"
        )
    lines = [line for line in text.splitlines() if line] or [type(error).__name__]
    reason = next((line for line in lines if line.startswith("Unsupported")), lines[0])
    return ValueError(f"{path} is no checkpoint of PyTorch, or it is damaged: {reason}")
