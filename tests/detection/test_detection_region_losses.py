import numpy as np
import pytest
import two_stage_by_loops as loops
from keras import ops

from keras_bam.detection.region_losses import first_stage_losses, second_stage_losses
from keras_bam.detection.sampling import Regions


def tensors(arrays):
    return [ops.convert_to_tensor(array) for array in arrays]


def drawn(shape, seed):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def means(images):
    return np.mean(list(images), axis=0)


@pytest.mark.parametrize("kinds", [((3, 20), (0, 20)), ((9, 1), (0, 0))])
def test_of_the_first_stage(kinds):
    """So many objects and so much background among the anchors of each image."""
    labels = np.full((2, 30), -1, "int8")
    for image, (objects, background) in enumerate(kinds):
        labels[image, :objects] = 1
        labels[image, 30 - background :] = 0
    logits, offsets, targets = (
        drawn((2, 30, 2), 0),
        0.3 * drawn((2, 30, 4), 1),
        drawn((2, 30, 4), 2),
    )
    keys = np.random.default_rng(3).uniform(size=(2, 30)).astype("float32")
    found = first_stage_losses(*tensors((logits, offsets, labels, targets, keys)), count=16)

    def of_image(n):
        rows = loops.samples(labels[n] > 0, labels[n] == 0, keys[n], 16, 0.5)
        return loops.losses(labels[n][rows], logits[n][rows], targets[n][rows], offsets[n][rows], 3)

    np.testing.assert_allclose([float(x) for x in found], means(map(of_image, (0, 1))), rtol=1e-5)


def test_of_the_second_stage():
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 0.5, (2, 2, 6, 2))
    boxes, objects = np.concatenate([low, low + rng.uniform(0.1, 0.5, (2, 2, 6, 2))], -1).astype(
        "f4"
    )
    labels = np.array([[1, 3, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]], "int32")
    valid = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0]], bool)
    boxes[~valid], objects[~valid] = 0, 0
    logits, offsets = drawn((2, 6, 4), 1), drawn((2, 6, 4, 4), 2)
    regions = Regions(*tensors((boxes, labels, objects, valid)))
    found = second_stage_losses(regions, *tensors((logits, offsets)))

    def of_image(n):
        rows = np.flatnonzero(valid[n])
        targets = [loops.offsets_to(boxes[n, row], objects[n, row]) for row in rows]
        own = [offsets[n, row, labels[n, row]] for row in rows]
        return loops.losses(labels[n][rows], logits[n][rows], targets, own)

    np.testing.assert_allclose([float(x) for x in found], means(map(of_image, (0, 1))), rtol=1e-4)
