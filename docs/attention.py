"""The README's picture of attention: `keras-bam explain cifar10 docs/cat.jpg`.

    KERAS_BACKEND=torch python docs/attention.py

The photograph is "Chelsea" by Stefan van der Walt (CC0), from scikit-image. The weights come with
the package; what they are is in applications/packaged_weights/cifar10.json. A few seconds on two
CPU cores; the pixels of a value that rounds either way may differ between backends.
"""

import shutil
import tempfile
from pathlib import Path

from keras_bam import cli
from keras_bam.files import replacing

FOLDER = Path(__file__).resolve().parent
PICTURES = {
    "attention-cat.png": "attention.png",
    "hierarchy.png": "hierarchy.png",
    "grad_cam.png": "grad_cam.png",
}

with tempfile.TemporaryDirectory() as made:
    status = cli.main(["explain", "cifar10", str(FOLDER / "cat.jpg"), "--out", made])
    if status:
        raise SystemExit(status)
    for name, kept in PICTURES.items():
        with replacing(FOLDER / kept) as temporary:
            shutil.copy(Path(made, name), temporary)
