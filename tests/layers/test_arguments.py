import keras
import numpy as np
import pytest

from keras_bam.layers import BAM, ChannelBranch, arguments


@pytest.mark.parametrize("value", [0, -3, 2.0, True, "2", None, [2]])
def test_positive_integer(value):
    assert arguments.positive_integer("width", 2) == 2
    with pytest.raises(ValueError, match="width must be a positive integer, received "):
        arguments.positive_integer("width", value)


@pytest.mark.parametrize("value", ["c", None, ["a"], {}])
def test_one_of(value):
    assert arguments.one_of("kind", "a", ("a", "b")) == "a"
    with pytest.raises(ValueError, match=r"kind must be one of \['a', 'b'\], received "):
        arguments.one_of("kind", value, {"a": 1, "b": 2})


@pytest.mark.parametrize("value", ["reluu", 3])
def test_activation(value):
    assert arguments.activation(None) is keras.activations.linear
    assert arguments.activation(np.tanh) is np.tanh
    with pytest.raises(ValueError, match="activation must be None, a callable or the name"):
        arguments.activation(value)


def test_distinct_moves_a_fixed_seed():
    initializer = keras.initializers.HeNormal(seed=5)
    moved = arguments.distinct(initializer, 2)
    assert moved.get_config() == keras.initializers.HeNormal(seed=7).get_config()
    assert initializer.get_config()["seed"] == 5


def test_distinct_draws_where_no_seed_is_fixed():
    initializer = keras.initializers.HeNormal()
    first, second = (arguments.distinct(initializer, position)((4, 4)) for position in (0, 1))
    assert np.abs(keras.ops.convert_to_numpy(first - second)).max() > 0.1


def test_distinct_keeps_what_has_no_seed():
    shared = keras.initializers.HeNormal(seed=keras.random.SeedGenerator(1))
    assert arguments.distinct(shared, 3) is shared  # each call draws anew
    assert arguments.distinct(np.zeros, 3) is np.zeros
    constant = arguments.distinct(keras.initializers.Constant(2), 3)
    assert constant.get_config() == keras.initializers.Constant(2).get_config()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"momentum": 1.0}, "momentum must be a number of at least 0 and below 1, received 1.0"),
        ({"momentum": None}, "momentum must be a number of at least 0 and below 1, received None"),
        ({"epsilon": 0}, "epsilon must be a positive number, received 0"),
    ],
)
def test_batch_norm_arguments(arguments, message):
    for kind in (BAM, ChannelBranch):
        with pytest.raises(ValueError, match=message):
            kind(**arguments)
