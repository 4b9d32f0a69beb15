"""The generators that Python, NumPy and PyTorch hold for a whole process."""

import random
import sys

import keras
import numpy as np


def capture():
    """Their states, as plain data."""
    state = {"python": random.getstate(), "numpy": np.random.get_state()}
    if keras.backend.backend() == "torch":
        torch = sys.modules["torch"]
        state["torch"] = torch.get_rng_state().numpy()
        state["cuda"] = [device.numpy() for device in torch.cuda.get_rng_state_all()]
    return state


def restore(state):
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    if "torch" in state:
        torch = sys.modules["torch"]
        torch.set_rng_state(torch.from_numpy(state["torch"]))
        if state["cuda"]:
            torch.cuda.set_rng_state_all([torch.from_numpy(device) for device in state["cuda"]])
