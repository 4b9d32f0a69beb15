import keras
import numpy as np
import pytest
import tiny

from keras_bam.reproduction import pairing
from keras_bam.reproduction.rows import select


def weights(model):
    return {w.path: keras.ops.convert_to_numpy(w) for layer in model.layers for w in layer.weights}


@pytest.mark.parametrize(
    "table, row, added", [("1b", 6, "_bam"), ("1c", 2, "_extra"), ("5", 2, "_squeeze_excite")]
)
def test_shared_layers_start_alike(table, row, added):
    baseline, other = select(table, [row], ["CifarResNetSmall"])
    plain, model = (weights(pairing.build(each, tiny.dataset(), 3)) for each in (baseline, other))
    new = {path for path in model if added in path}
    assert set(model) - set(plain) == new and new
    assert plain and all(np.array_equal(plain[path], model[path]) for path in plain)


def test_layers_that_two_rows_add_start_alike():
    """The three ways of combining have the same weights, drawn from the same seed."""
    rows = select("1b", [4, 5, 6], ["CifarResNetSmall"])
    maximum, product, _ = (weights(pairing.build(row, tiny.dataset(), 3)) for row in rows[1:])
    assert all(np.array_equal(maximum[path], product[path]) for path in maximum)


def test_another_seed_is_another_start():
    (baseline,) = select("1b", [1], ["CifarResNetSmall"])
    first, second = (weights(pairing.build(baseline, tiny.dataset(), seed)) for seed in (0, 1))
    kernels = [path for path in first if path.endswith("kernel")]
    assert not any(np.array_equal(first[path], second[path]) for path in kernels)
