"""The same step twice gives the same bits."""

import os
import sys

import keras

_OF_XLA = "--xla_gpu_deterministic_ops=true"
_OF_CUBLAS = "CUBLAS_WORKSPACE_CONFIG", ":4096:8"


def deterministic():
    """Tells the backend to repeat a step to the bit, on the same machine, at some cost of speed.

    To be called before the first tensor is made. A seed is the caller's
    (`keras.utils.set_random_seed`).

    - TensorFlow: op determinism, which also makes `tf.data` keep its order.
    - PyTorch: deterministic algorithms, with the workspace cuBLAS needs for them.
    - JAX: deterministic operations of XLA on a GPU; on a CPU there is nothing to set.

    A step on a CPU still depends on the number of threads: resume with the same number of cores.
    What a GPU does with these settings was not measured here.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        sys.modules["tensorflow"].config.experimental.enable_op_determinism()
    elif backend == "torch":
        os.environ.setdefault(*_OF_CUBLAS)
        sys.modules["torch"].use_deterministic_algorithms(True)
    elif _OF_XLA not in os.environ.get("XLA_FLAGS", ""):
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_OF_XLA}".strip()
