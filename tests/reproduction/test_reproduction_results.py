import numpy as np
import pytest
from scipy import stats

from keras_bam.reproduction.results import MeasuredRow, Reproduction, paired_difference
from keras_bam.reproduction.rows import select
from keras_bam.reproduction.runs import Outcome

pytestmark = pytest.mark.once


def outcome(error, seconds=1.0):
    return Outcome(10, 20, error, seconds, {"date": "today"})


@pytest.mark.parametrize("last, excludes_zero", [(19.8, False), (20.6, True)])
def test_interval_is_that_of_a_paired_t_test(last, excludes_zero):
    errors, baseline = [20.1, 19.9, 20.0, last], [21.0, 20.7, 20.9, 21.3 if excludes_zero else 19.7]
    found = paired_difference(dict(enumerate(errors)), dict(enumerate(baseline)))
    expected = stats.ttest_rel(errors, baseline).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.mean == pytest.approx(np.mean(errors) - np.mean(baseline))
    assert found.excludes_zero is excludes_zero


def test_only_seeds_of_both_are_paired():
    found = paired_difference({0: 1.0, 1: 2.0, 3: 9.0}, {1: 4.0, 0: 2.0, 2: 7.0})
    assert (found.mean, found.pairs) == (-1.5, 2)
    # Student's t with one degree of freedom is 12.706 at 97.5 %.
    assert found.high - found.mean == pytest.approx(
        12.706 * np.std([-1, -2], ddof=1) / 2**0.5, rel=1e-4
    )


def test_one_pair_has_no_interval():
    found = paired_difference({0: 1.0}, {0: 2.0})
    assert (found.mean, found.low, found.high, found.pairs) == (-1.0, None, None, 1)
    assert not found.excludes_zero
    assert paired_difference({0: 1.0}, {1: 2.0}) is None


def test_a_row():
    row = select("1b", [1])[0]
    measured = MeasuredRow(row, {0: outcome(4.0, 2.0), 1: outcome(6.0, 4.0), 2: outcome(None, 9.0)})
    assert (measured.mean, measured.deviation, measured.seconds) == (
        5.0,
        pytest.approx(2**0.5),
        5.0,
    )
    assert (measured.diverged, measured.counts) == ([2], (10, 20))
    empty = MeasuredRow(row, {})
    assert (empty.mean, empty.deviation, empty.seconds, empty.counts) == (None,) * 4


def test_each_architecture_has_its_own_baseline():
    rows = select("5", ["ResNet50 +SE", "PreResNet110 +SE"])
    errors = [5.0, 4.0, 9.0, 7.0]
    measured = tuple(MeasuredRow(row, {0: outcome(e)}) for row, e in zip(rows, errors, strict=True))
    found = Reproduction("5", "digits", (1, 1), {}, (0,), measured)
    changes = [found.difference(each) for each in measured]
    assert [change and change.mean for change in changes] == [None, -1.0, None, -2.0]
    printed = [found.printed_difference(each) for each in measured]
    assert printed == [None, pytest.approx(20.72 - 21.49), None, pytest.approx(21.85 - 22.22)]
    assert found.versions == [{"date": "today"}]
