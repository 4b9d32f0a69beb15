"""What a run does in one way or another, by what the data set's images are labelled with."""

from typing import Any, Protocol

from keras_bam.data import DetectionDataset
from keras_bam.training.classification import Classification
from keras_bam.training.object_detection import ObjectDetection


class RunKind(Protocol):
    """Its steps, in the order in which `fit` takes them; `reading` as there.

    Attributes:
        monitor: the logs' entry to choose the best epoch by.
        lowest: whether the lowest is the best.
    """

    monitor: str
    lowest: bool

    def check(self, model, dataset) -> None:
        """Raises ValueError if the model does not fit the data set."""

    def batches(self, model, dataset, recipe, **reading) -> tuple[Any, Any, int]:
        """To train on, to measure each epoch on, and how many images there are to train on."""

    def compile(self, model, optimizer) -> None:
        """For those batches."""

    def begin(self, run, dataset) -> None:
        """Notes in the folder of a new run what else its models are used with."""

    def evaluate(self, model, dataset, **reading) -> dict[str, Any]:
        """See the function `evaluate`."""

    def report(self, run, model, dataset, **reading) -> dict[str, Any]:
        """As `evaluate`, and writes more of it into the run's folder."""


def kind_of(dataset) -> RunKind:
    """That of a data set's runs."""
    return ObjectDetection() if isinstance(dataset, DetectionDataset) else Classification()


def evaluate(model, dataset, **reading):
    """Measures of `model` on the test images of `dataset`, as a dict.

    Args:
        model: as in `fit`; a classifier is compiled anew.
        dataset: as in `fit`.
        reading: `threads` and `on_error`, see `fit`, and `batch_size`, how many images at once.

    Returns:
        Loss and accuracies of a classifier, mean average precisions of a detector.

    Raises:
        ValueError: for a model that does not fit the data set.
    """
    return kind_of(dataset).evaluate(model, dataset, **reading)
