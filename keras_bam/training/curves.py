"""The curves of a run."""

import csv

from keras_bam.files import replacing
from keras_bam.training.extra import from_extra


def plot_curves(log, path, measured_on="test"):
    """Loss and top-1 error by epoch, from a run's log.csv, as a PNG.

    Args:
        log: path of the CSV file.
        path: of the picture.
        measured_on: what the `val_` columns were measured on.
    """
    # Without pyplot, which would change what the user's own figures are shown with.
    figure = from_extra("matplotlib.figure").Figure(figsize=(9, 3.6), layout="constrained")
    with open(log, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    epochs = [int(row["epoch"]) for row in rows]
    left, right = figure.subplots(1, 2)
    for axes, name, label in ((left, "loss", "loss"), (right, "accuracy", "top-1 error, %")):
        for prefix, images, style in (("", "train", "--"), ("val_", measured_on, "-")):
            values = [float(row[prefix + name]) for row in rows]
            if name == "accuracy":
                values = [100 * (1 - value) for value in values]
            axes.plot(epochs, values, style, color="tab:blue", label=images, marker=".")
        axes.set_xlabel("epoch")
        axes.set_ylabel(label)
        axes.set_ylim(bottom=0)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
    best = min(range(len(rows)), key=lambda row: -float(rows[row]["val_accuracy"]))
    lowest = 100 * (1 - float(rows[best]["val_accuracy"]))
    right.plot(epochs[best], lowest, "o", color="tab:red", label=f"best: {lowest:.2f} %")
    left.legend()
    right.legend()
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)
