import os
import subprocess
import sys

import keras
import pytest

ASK = {
    "tensorflow": "from tensorflow.python.framework import config as asked;"
    "print(asked.is_op_determinism_enabled())",
    "torch": "import torch; print(torch.are_deterministic_algorithms_enabled())",
    "jax": "import os; print('--xla_gpu_deterministic_ops=true' in os.environ['XLA_FLAGS'])",
}


@pytest.mark.parametrize("before, expected", [("", False), ("deterministic()", True)])
def test_each_backend_is_told(before, expected):
    """In a process of its own: nothing takes the settings back."""
    backend = keras.backend.backend()
    ask = ASK[backend].replace("os.environ['XLA_FLAGS']", "os.environ.get('XLA_FLAGS', '')")
    code = f"from keras_bam.training import deterministic; {before or 'None'}\n{ask}"
    environment = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == str(expected)
