"""Rows against ../shared/facts/recipes-and-pictures.md and the papers named beside them."""

import pytest

from keras_bam import applications
from keras_bam.training import recipe, recipes, schedules

# Network, data set, images: epochs, batch, steps of a change and the rates from there on, decay.
PUBLISHED = [
    ("CifarResNet50", "cifar10", 164, 128, {0: 0.1, 32_000: 0.01, 48_000: 0.001}, 1e-4),
    ("CifarPreResNet110", "cifar10", 164, 128, {0: 0.01, 400: 0.1, 32_000: 0.01}, 1e-4),
    ("CifarWideResNet28", "cifar100", 200, 128, {0: 0.1, 60 * 391: 0.02, 160 * 391: 8e-4}, 5e-4),
    ("CifarResNeXt29", "cifar100", 300, 128, {0: 0.1, 150 * 391: 0.01, 225 * 391: 1e-3}, 5e-4),
    ("CifarDenseNet100BC", "cifar10", 300, 64, {0: 0.1, 150 * 782: 0.01, 225 * 782: 1e-3}, 1e-4),
    ("ResNet50", "imagenet", 90, 256, {0: 0.1, 30 * 5005: 0.01, 60 * 5005: 1e-3}, 1e-4),
    ("MobileNet", "imagenet", 90, 256, {0: 0.1, 30 * 5005: 0.01, 60 * 5005: 1e-3}, 1e-4),
    ("SqueezeNet1p1", "imagenet", 68, 512, {0: 0.04, 68 * 2503 // 2: 0.02}, 2e-4),
    ("MobileNet", "cifar100", 200, 128, {0: 0, 391: 0.1, 120 * 391: 0.004}, 5e-4),
]
IMAGES = {"cifar10": 50_000, "cifar100": 50_000, "imagenet": 1_281_167}


@pytest.mark.parametrize("model, dataset, epochs, batch, rates, decay", PUBLISHED)
def test_paper(model, dataset, epochs, batch, rates, decay):
    row = recipe("paper", dataset=dataset, model=model)
    assert (row.epochs, row.batch_size, row.momentum) == (epochs, batch, 0.9)
    assert (row.weight_decay, row.decay_all) == (decay, True)
    steps = 64_000 if epochs == 164 else epochs * -(-IMAGES[dataset] // batch)
    schedule = schedules.schedule(row, steps)
    for step, rate in rates.items():
        assert float(schedule(step)) == pytest.approx(rate, rel=1e-4, abs=1e-7)
        if step and rate < 0.09 and row.schedule == "step":
            assert float(schedule(step - 1)) > 2 * rate


@pytest.mark.parametrize("network", [name for name in applications.names() if "Cifar" in name])
def test_every_cifar_network_has_its_own(network):
    assert recipes.resolve("paper", "cifar100", network) != "cifar-uniform"


@pytest.mark.parametrize(
    "dataset, images, steps, milestone",
    [("coco", 117_266, 490_000, 350_000), ("voc", 16_551, 110_000, 80_000)],
)
def test_faster_rcnn_has_its_own(dataset, images, steps, milestone):
    """To the nearest epoch; no decay of biases; the rate falls once."""
    row = recipe("paper", dataset=dataset, model="FasterRCNN")
    assert (row.batch_size, row.learning_rate, row.weight_decay) == (1, 1e-3, 1e-4)
    assert row.epochs == round(steps / images) and not row.decay_all
    schedule = schedules.schedule(row, row.epochs * images)
    at = row.epochs * images * milestone / steps
    assert float(schedule(at - 2)) == pytest.approx(1e-3)
    assert float(schedule(at + 2)) == pytest.approx(1e-4)


def test_changes_of_a_row():
    assert recipe("short", epochs=2).epochs == 2
    assert recipe("imagenet", schedule="cosine").milestones == ()


def test_mistakes():
    with pytest.raises(ValueError, match="unknown recipe 'cifar-resnets'; did you mean"):
        recipe("cifar-resnets")
    with pytest.raises(ValueError, match="'paper' knows cifar10, .*not the data set 'digits'"):
        recipe("paper", dataset="digits", model="CifarResNet50")
    with pytest.raises(ValueError, match="unknown key of a recipe 'epoch'; did you mean 'epochs'"):
        recipe("quick", epoch=3)
