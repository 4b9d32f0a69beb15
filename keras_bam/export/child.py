"""A TensorFlow graph of a model whose backend is another one, written by a child process."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import keras

from keras_bam.export.graph import write_graph

_CODE = "from keras_bam.export import child; child.main()"
_REFUSED = 3  # exit status: stdout holds what write_graph raised


def write_graph_in_child(model, input_shape, dtype, folder):
    """As `write_graph`, from any backend: through a `.keras` file beside `folder`.

    Raises:
        ValueError: if the model can't be saved, loaded on TensorFlow or run there.
        ChildProcessError: if the child ends in any other way.
    """
    modules = _modules(model)
    saved = Path(folder).with_name("model.keras")
    model.save(saved)
    arguments = json.dumps([str(saved), input_shape, dtype, str(folder), modules])
    environment = {
        **os.environ,
        "KERAS_BACKEND": "tensorflow",
        "PYTHONPATH": os.pathsep.join(sys.path),  # where the model's own layers are
        "CUDA_VISIBLE_DEVICES": "",  # the parent may hold the GPU
    }
    command = [sys.executable, "-c", _CODE, arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    saved.unlink()
    if done.returncode == _REFUSED:
        raise ValueError(done.stdout.strip())
    if done.returncode != 0:
        raise ChildProcessError(
            f"the child process that writes {model.name!r} as a TensorFlow graph ended with status "
            f"{done.returncode}:\n{done.stderr[-2000:]}"
        )


def _modules(model):
    """Where the classes of the model's layers are, which the child has to import."""
    classes = {type(layer) for layer in model._flatten_layers()}
    for kind in classes:
        if kind.__module__ == "__main__":
            raise ValueError(
                f"the class {kind.__name__} is in the script that runs, which a child process on "
                "TensorFlow can't import: put it into a module of its own"
            )
    return sorted({kind.__module__ for kind in classes})


def main():
    """What the child runs."""
    saved, input_shape, dtype, folder, modules = json.loads(sys.argv[1])
    try:
        try:
            for module in modules:
                importlib.import_module(module)
            # The parent has written the file; unsafe is only what the user's own model holds.
            model = keras.saving.load_model(saved, compile=False, safe_mode=False)
        except Exception as error:
            raise ValueError(f"the model does not load on TensorFlow: {error}") from error
        write_graph(model, input_shape, dtype, folder)
    except ValueError as error:
        print(error)
        sys.exit(_REFUSED)
