r"""Table 1b, which parts of BAM matter, on the digits: what two CPU cores can say about it.

    KERAS_BACKEND=torch python benchmarks/table_1b_digits.py

The six rows with `CifarResNetSmall` in the place of ResNet50 on half of the training digits, five
seeds each; about fifteen minutes on two CPU cores. Stop it and it goes on with the next call. The
table goes to benchmarks/results/table-1b-digits.md, with .csv and .json beside it, the picture to
docs/. The same by hand:

    keras-bam reproduce 1b --dataset digits --model CifarResNetSmall --seeds 5 --images 720 \
        --epochs 6 --batch-size 32 --learning-rate 0.05
"""

import shutil
from pathlib import Path

from keras_bam import data
from keras_bam.reproduction import reproduce

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path("runs", "table-1b-digits")

reproduce(
    "1b",
    data.load("digits"),
    FOLDER,
    models=["CifarResNetSmall"],
    seeds=5,
    images=720,
    epochs=6,
    batch_size=32,
    learning_rate=0.05,
)
for suffix in (".md", ".csv", ".json", ".png"):
    to = ROOT / ("docs" if suffix == ".png" else "benchmarks/results")
    shutil.copyfile(FOLDER / f"table-1b{suffix}", to / f"table-1b-digits{suffix}")
