"""The same step twice gives the same bits."""

import sys

import keras


def deterministic():
    if keras.backend.backend() == "tensorflow":
        sys.modules["tensorflow"].config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        torch = sys.modules["torch"]
        torch.use_deterministic_algorithms(True)
        torch.set_num_threads(1)
