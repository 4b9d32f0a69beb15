"""How well each class is told from the others: per_class.csv and confusion.png of a run."""

import csv
import io

import numpy as np

from keras_bam.files import write_text
from keras_bam.training.confusion_picture import plot_confusion

_COLUMNS = (
    "class",
    "images",
    "accuracy",
    "top1_error",
    "precision",
    "recall",
    "mistaken_for",
    "mistaken_images",
)


def write_report(run, labels, probabilities, class_names):
    """Writes per_class.csv and confusion.png into the folder of `run`.

    Args:
        run: a `RunFolder`.
        labels: of the images, integers, shape (n,).
        probabilities: or logits, as the model gives them for these images, shape (n, classes).
        class_names: one name a class.

    Returns:
        The confusion matrix, see `confusion_matrix`.

    Raises:
        ValueError: for shapes that do not belong together, a label without a name, or numbers that
            are not finite.
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    expected = (labels.size, len(class_names))
    if labels.ndim != 1 or not labels.size or probabilities.shape != expected:
        raise ValueError(
            f"labels must have shape (n,) with n >= 1 and probabilities (n, {len(class_names)}), "
            f"one column for each of class_names; received {labels.shape} and "
            f"{probabilities.shape}"
        )
    if not np.isfinite(probabilities).all():
        raise ValueError(
            "probabilities must be finite, received NaN or infinite ones; the model has diverged"
        )
    matrix = confusion_matrix(labels, probabilities.argmax(axis=1), len(class_names))
    write_text(run["per_class.csv"], as_csv(per_class(matrix, class_names)))
    plot_confusion(matrix, class_names, run["confusion.png"])
    return matrix


def confusion_matrix(labels, predicted, classes):
    """Images by true class (row) and predicted class (column), int64, shape (classes, classes).

    Raises:
        ValueError: if a label or prediction is none of 0..classes - 1.
    """
    for name, values in (("labels", labels), ("predicted", predicted)):
        values = np.asarray(values)
        if not np.issubdtype(values.dtype, np.integer):
            raise ValueError(f"{name} must be integers, received {values.dtype}")
        if values.min() < 0 or values.max() >= classes:
            raise ValueError(
                f"{name} must lie in 0..{classes - 1}, received {values.min()}..{values.max()}"
            )
    cells = np.asarray(labels).astype(np.int64) * classes + predicted
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def per_class(matrix, class_names):
    """One dict a class, with the columns of per_class.csv.

    Accuracy of a class and its recall are one number, and `top1_error` what is left to 100 %.
    `mistaken_for` is the class that most of its wrongly classified images were taken for. What
    nothing is known of, such as the precision of a class that was never predicted, is None.
    """
    rows = []
    for index, name in enumerate(class_names):
        images, predicted = int(matrix[index].sum()), int(matrix[:, index].sum())
        right = int(matrix[index, index])
        mistakes = matrix[index].copy()
        mistakes[index] = 0
        worst = int(mistakes.argmax())
        recall = right / images if images else None
        values = (
            name,
            images,
            recall,
            100 * (1 - recall) if images else None,
            right / predicted if predicted else None,
            recall,
            class_names[worst] if mistakes[worst] else None,
            int(mistakes[worst]),
        )
        rows.append(dict(zip(_COLUMNS, values, strict=True)))
    return rows


def as_csv(rows):
    """Dicts with the same keys as a table; floats with six decimals."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        rounded = {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in row.items()
        }
        writer.writerow(rounded)
    return text.getvalue()
