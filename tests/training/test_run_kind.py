import tiny

from keras_bam.training.classification import Classification
from keras_bam.training.object_detection import ObjectDetection
from keras_bam.training.run_kind import kind_of


def test_by_the_data_set():
    assert isinstance(kind_of(tiny.dataset()), Classification)
    assert isinstance(kind_of(tiny.shapes()), ObjectDetection)
