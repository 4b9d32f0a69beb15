import draws
import numpy as np
import pytest
import two_stage_by_loops as loops
from keras import ops

from keras_bam import detection


def tensors(*arrays):
    return [ops.convert_to_tensor(np.asarray(array)) for array in arrays]


@pytest.mark.parametrize("positives", [(0, 3), (2, 20), (5, 0)])
@pytest.mark.parametrize("negatives", [(20, 0), (3, 7)])
@pytest.mark.parametrize("count, share", [(8, 0.25), (8, 0.5), (20, 0.1)])
def test_equal_the_loop(positives, negatives, count, share):
    """Image by image so many positives and negatives, as far as there is room for them."""
    rng = np.random.default_rng(0)
    kinds = np.zeros((2, 24), int)
    for image in range(2):
        order = rng.permutation(24)
        kinds[image, order[: negatives[image]]] = -1
        kinds[image, order[24 - positives[image] :]] = 1
    keys = rng.uniform(size=(2, 24)).astype("float32")
    found = detection.sample(*tensors(kinds > 0, kinds < 0, keys), count, share)
    indices, there = (draws.array(one) for one in found)
    assert indices.shape == there.shape == (2, count)
    for image in range(2):
        kind = kinds[image]
        expected = loops.samples(kind > 0, kind < 0, keys[image], count, share)
        assert indices[image, : len(expected)].tolist() == expected
        assert there[image].tolist() == [n < len(expected) for n in range(count)]
        assert not indices[image, len(expected) :].any()


def drawn():
    rng = np.random.default_rng(0)
    boxes = np.zeros((2, 3, 4), "float32")
    boxes[0, :2] = (0.1, 0.1, 0.4, 0.4), (0.5, 0.2, 0.9, 0.8)
    labels = np.array([[4, 0, -1], [-1, -1, -1]], "int32")
    low = rng.uniform(0, 0.6, (2, 10, 2))
    proposals = np.concatenate([low, low + 0.3], -1)
    proposals[0, :4] = (0.12, 0.1, 0.4, 0.42)
    proposals[0, 3] = 0
    valid = np.ones((2, 10), bool)
    valid[0, 3] = valid[1, 8:] = False
    keys = rng.uniform(size=(2, 13)).astype("float32")
    return proposals.astype("float32"), valid, boxes, labels, keys


def test_regions():
    proposals, valid, boxes, labels, keys = drawn()
    regions = detection.sample_regions(*tensors(*drawn()), count=12, positive_share=0.5)
    found = {name: draws.array(value) for name, value in regions._asdict().items()}
    both = np.concatenate([proposals, boxes], axis=1)
    real = np.concatenate([valid, labels >= 0], axis=1)
    for image in range(2):
        objects = boxes[image][labels[image] >= 0].astype("float64")
        table = [[loops.overlap(box, one) for one in objects] for box in both[image]]
        near = np.array([max(row, default=0) >= 0.5 for row in table])
        masks = near & real[image], ~near & real[image]
        expected = loops.samples(*masks, keys[image], 12, 0.5)
        assert found["valid"][image].sum() == len(expected)
        np.testing.assert_array_equal(found["boxes"][image, : len(expected)], both[image][expected])
        for place, n in enumerate(expected):
            own = labels[image, np.argmax(table[n])] + 1 if near[n] else 0
            assert found["labels"][image, place] == own
            if near[n]:
                nearest = objects[np.argmax(table[n])]
                np.testing.assert_allclose(found["objects"][image, place], nearest)
    assert set(found["labels"][0]) == {0, 1, 5} and not found["labels"][1].any()


def test_more_samples_than_there_are():
    with pytest.raises(ValueError, match="14 samples can't be taken from 10 proposals and 3 rows"):
        detection.sample_regions(*tensors(*drawn()), count=14)
