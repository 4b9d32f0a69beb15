import numpy as np
import photographs
import pytest
import tiny

from keras_bam import training
from keras_bam.data import load_imagenet
from keras_bam.export import evaluate_file, evaluation
from keras_bam.export.runtime import Runtime


@pytest.fixture
def opened(monkeypatch):
    """`evaluate_file` opens what stands here, `run` and the input's shape."""

    def install(run, shape=(None, 8, 8, 1)):
        monkeypatch.setattr(evaluation, "open_file", lambda path: Runtime(run, shape, {}))

    return install


@pytest.mark.parametrize("shape", [(None, 8, 8, 1), (4, None, None, 1)])
def test_as_keras_evaluates(shape, opened):
    model, dataset = tiny.linear(), tiny.dataset(test=10)
    opened(lambda images: [model.predict(images, verbose=0)], shape)
    found = evaluate_file("a.onnx", dataset, batch_size=4)
    assert found == pytest.approx(training.evaluate(model, dataset), rel=1e-5)


def test_top_5(opened):
    dataset = tiny.dataset(test=9)
    classes = tuple("abcdefghijkl")
    parts = (dataset.train, dataset.test)
    parts = [type(part)(part.images, part.labels, classes) for part in parts]
    dataset = type(dataset)("tiny", *parts)
    shares = np.linspace(1, 2, 12, dtype="float32")[::-1]  # the labels are 0, 1 and 2
    opened(lambda images: [np.tile(shares / shares.sum(), (len(images), 1))])
    found = evaluate_file("a.onnx", dataset)
    assert (found["accuracy"], found["top5_accuracy"]) == (pytest.approx(1 / 3), 1.0)
    opened(lambda images: [np.tile(shares[::-1] / shares.sum(), (len(images), 1))])
    assert evaluate_file("a.onnx", dataset)["top5_accuracy"] == 0.0


@pytest.mark.parametrize(
    "outputs, shape, message",
    [
        ((1, 0, 0), (None, 9, 8, 1), r"images of tiny have shape \(8, 8, 1\), and the model takes"),
        ((1, 0), (None, 8, 8, 1), r"a.onnx gives outputs of shape \(2,\), but tiny has 3 classes"),
        ((3, -1, 0), (None, 8, 8, 1), "a.onnx gives no probabilities: export a model that ends"),
    ],
)
def test_mistakes(outputs, shape, message, opened):
    opened(lambda images: [np.tile(np.float32(outputs), (len(images), 1))], shape)
    with pytest.raises(ValueError, match=message):
        evaluate_file("a.onnx", tiny.dataset())


def test_images_in_files(opened, tmp_path):
    dataset = load_imagenet(photographs.tree(tmp_path, val=5), image_size=16)
    opened(lambda images: [np.tile(np.float32([0.75, 0.25]), (len(images), 1))], (None, 16, 16, 3))
    found = evaluate_file("a.onnx", dataset, batch_size=4)
    expected = {"accuracy": 0.5, "loss": -np.log([0.75, 0.25]).mean()}
    assert found == pytest.approx(expected, rel=1e-6)
