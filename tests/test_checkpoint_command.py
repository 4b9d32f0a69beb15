"""`keras-bam evaluate` of published weights."""

import re
from types import SimpleNamespace

import numpy as np
import photographs
import pytest
import tiny

from keras_bam import applications, checkpoint_command, checkpoints, cli, data
from keras_bam.checkpoints import preprocessing, safetensors_file
from keras_bam.checkpoints.layouts import IN_TORCH
from keras_bam.checkpoints.naming import torch_key, variables
from keras_bam.checkpoints.squeezenet_names import RULES


@pytest.fixture
def weights(tmp_path):
    """A file of torchvision's SqueezeNet with random weights for two classes."""
    rng = np.random.default_rng(0)
    model = applications.SqueezeNet1p1(
        classes=2, padded_stem=False, pool_first=False, kernel_initializer="zeros"
    )
    state = {
        torch_key(RULES, path): rng.normal(0, 0.05, IN_TORCH.their_shape(variable.shape))
        for path, variable in variables(model.layers).items()
    }
    path = tmp_path / "weights.safetensors"
    safetensors_file.write(path, {key: array.astype("float32") for key, array in state.items()})
    return path


def test_evaluate_of_a_folder(weights, tmp_path, capsys):
    photographs.tree(tmp_path / "images", train=1, val=3)
    assert cli.main(["evaluate", str(weights), "--data", str(tmp_path / "images" / "val")]) == 0
    printed = capsys.readouterr().out
    dataset = data.load_imagenet(tmp_path / "images")
    images, labels = data.batches_of(dataset, dataset.test, 6)[0]
    probabilities = checkpoints.load(weights).predict(images, verbose=0)
    loss = -np.log(probabilities[np.arange(6), labels]).mean()
    accuracy = (probabilities.argmax(axis=1) == labels).mean()
    assert re.search(rf"^test accuracy +{100 * accuracy:.2f} %$", printed, re.MULTILINE)
    (shown,) = re.findall(r"^test loss +([\d.]+)$", printed, re.MULTILINE)
    assert float(shown) == pytest.approx(loss, abs=2e-4)


@pytest.fixture
def read(monkeypatch):
    """-> a checkpoint whose network is linear, and its images preprocessed in a way of choice."""

    def of(preprocessing):
        def build(input_shape):
            return tiny.linear(classes=2, input_shape=input_shape)

        found = SimpleNamespace(preprocessing=preprocessing, build=build, network="Linear")
        monkeypatch.setattr(checkpoints, "read", lambda path: found)
        return found

    return of


@pytest.mark.parametrize("spelled", ["{}/val", "{}", "imagenet:folder={}"])
def test_images_are_preprocessed_as_the_weights_need_it(spelled, read, tmp_path, monkeypatch):
    photographs.tree(tmp_path / "images", train=1, val=1)
    monkeypatch.setattr("keras_bam.training.evaluate", lambda model, dataset: (model, dataset))
    read(preprocessing.CAFFE)
    options = SimpleNamespace(run="a.pth", data=spelled.format(tmp_path / "images"))
    model, dataset = checkpoint_command.evaluate(options)
    assert (dataset.mean, dataset.std) == (preprocessing.CAFFE.mean, preprocessing.CAFFE.std)
    image = np.random.default_rng(0).normal(size=(1, 224, 224, 3)).astype("float32")
    inner = model.get_layer("linear")
    np.testing.assert_allclose(
        model.predict(image, verbose=0), inner.predict(image[..., ::-1], verbose=0), rtol=1e-5
    )


def test_networks_for_cifar_take_the_statistics_of_the_data_set(read):
    found = read(None)
    dataset = checkpoint_command.load_data("digits", found)
    assert dataset.mean == data.load_digits().mean


def test_images_in_memory_for_weights_of_imagenet(read):
    message = "--data digits: the weights of Linear are for photographs of ImageNet"
    with pytest.raises(ValueError, match=message):
        checkpoint_command.load_data("digits", read(preprocessing.TORCH))


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            "a.safetensors",
            "a.safetensors names no data set: pass --data FOLDER of ImageNet's valid",
        ),
        ("a.pth --data no", "a.pth"),
        ("weights.safetensors --data no", "there is no folder '.*no' of validation images"),
        ("weights.safetensors --data val", "gives outputs of shape .*, but imagenet has 3 classes"),
    ],
)
def test_mistakes(arguments, message, weights, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    photographs.tree(tmp_path, classes="abc", train=1, val=1)
    assert cli.main(["evaluate", *arguments.split()]) == 2
    assert re.search(f"^keras-bam: error: .*{message}", capsys.readouterr().err)
