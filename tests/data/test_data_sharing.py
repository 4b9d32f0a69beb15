import numpy as np
import pytest
import tiny

from keras_bam.data import Batches, Prefetch, Share, SharedBatches, SoftLabels

DATA = tiny.dataset(train=19)


def batches(batch_size=8, **mixing):
    normal = {"mean": DATA.mean, "std": DATA.std}
    plain = Batches(DATA.train, batch_size, seed=2, shuffle=True, augment=True, padding=1, **normal)
    plain.epoch = 1
    return Prefetch(SoftLabels(plain, 3, seed=2, **mixing))


@pytest.mark.parametrize("mixing", [{}, {"mixup": 0.4, "cutmix": 1.0}])
def test_shares_are_the_batch_without_overlap_or_loss(mixing):
    whole = batches(**mixing)
    parts = [SharedBatches(batches(**mixing), Share(part, 4)) for part in range(4)]
    for index in (0, 1):
        shares = [part[index] for part in parts]
        for of_batch, of_parts in zip(whole[index], zip(*shares, strict=True), strict=False):
            assert np.array_equal(of_batch, np.concatenate(of_parts))
        assert all(np.array_equal(counts, [1, 1]) for *_, counts in shares)


@pytest.mark.parametrize("mixing", [{}, {"mixup": 0.4}])
def test_what_does_not_divide_is_whole_and_counts_once(mixing):
    whole = batches(**mixing)
    for part in range(2):
        images, labels, counts = SharedBatches(batches(**mixing), Share(part, 2))[2]
        assert np.array_equal(images, whole[2][0]) and np.array_equal(labels, whole[2][1])
        assert np.array_equal(counts, np.full(3, 1 - part))


def test_only_images_of_the_share_are_made(monkeypatch):
    shared, made = SharedBatches(batches(), Share(1, 2)), []
    ordered = shared.batches.batches.batches
    chosen = ordered.chosen
    monkeypatch.setattr(ordered, "chosen", lambda index: made.append(chosen(index)) or made[-1])
    assert len(shared[0][0]) == len(made[0][1]) == 4


def test_devices_of_a_part_must_divide_the_batch_too():
    share = Share(part=1, parts=2, devices=4)
    assert share.divides(8) and share.rows(8) == slice(4, 8)
    assert not share.divides(6) and share.rows(6) == slice(0, 6)


def test_the_epoch_and_the_format_are_those_of_the_batches():
    shared = SharedBatches(batches(), Share(0, 2))
    first = shared[0][0]
    shared.epoch = 5
    assert shared.batches.epoch == shared.epoch == 5
    assert not np.array_equal(first, shared[0][0])
    assert (shared.data_format, len(shared)) == ("channels_last", 3)
