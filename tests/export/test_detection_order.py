import numpy as np
import pytest

from keras_bam.export.detection_order import in_order_of

pytestmark = pytest.mark.once


def drawn(order=(0, 1, 2)):
    rng = np.random.default_rng(0)
    order = [*order, 3]
    boxes, scores = rng.uniform(size=(1, 4, 4)), np.array([[0.5, 0.5, 0.4, 0]])
    boxes[:, 3] = 0
    classes = np.array([[1, 0, 2, -1]])
    return [boxes[:, order], classes[:, order], np.array([3]), scores[:, order]]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1)])
def test_another_order_is_none(order):
    for one, other in zip(in_order_of(drawn(), drawn(order)), drawn(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_has_no_counterpart_differs():
    found = drawn()
    found[0][0, 1] += 0.3
    boxes, *others = in_order_of(drawn(), found)
    assert np.abs(boxes - drawn()[0]).max() == pytest.approx(0.3)
    found = drawn()
    found[1][0, 1] = 2
    assert (in_order_of(drawn(), found)[1] != drawn()[1]).any()
    assert others[1].tolist() == [3]
