import keras
import numpy as np
import pytest
from keras import layers as kl

from keras_bam.counting import complexity

FIRST = {"data_format": "channels_first"}

LAYERS = [  # layer, shape of its input, multiply-adds by hand: products, then biases
    (kl.Conv1D(4, 3, padding="causal"), (9, 2), 9 * 4 * 3 * 2 + 9 * 4),
    (kl.Conv2D(4, 3), (9, 9, 2), 7 * 7 * 4 * 9 * 2 + 7 * 7 * 4),
    (kl.Conv2D(4, 3, use_bias=False), (9, 9, 2), 7 * 7 * 4 * 9 * 2),
    (kl.Conv2D(4, (1, 3), use_bias=False), (9, 8, 2), 9 * 6 * 4 * 3 * 2),
    (kl.Conv2D(4, 3, strides=2, padding="same"), (9, 9, 2), 5 * 5 * 4 * 9 * 2 + 5 * 5 * 4),
    (kl.Conv2D(4, 3, dilation_rate=4), (9, 9, 2), 1 * 4 * 9 * 2 + 4),
    (kl.Conv2D(6, 3, groups=2), (9, 9, 4), 7 * 7 * 6 * 9 * 2 + 7 * 7 * 6),
    (kl.Conv2D(4, 3, activation="relu", **FIRST), (2, 9, 8), 4 * 7 * 6 * 9 * 2 + 4 * 7 * 6),
    (kl.Conv3D(4, 3, use_bias=False), (5, 5, 5, 2), 27 * 4 * 27 * 2),
    (kl.DepthwiseConv1D(3, use_bias=False), (9, 2), 7 * 2 * 3),
    (kl.DepthwiseConv2D(3, depth_multiplier=2), (9, 9, 3), 7 * 7 * 6 * 9 + 7 * 7 * 6),
    (kl.DepthwiseConv2D(3, use_bias=False, **FIRST), (3, 9, 8), 3 * 7 * 6 * 9),
    (kl.SeparableConv1D(5, 3), (9, 2), 7 * 2 * 3 + 7 * 2 * 5 + 7 * 5),
    (
        kl.SeparableConv2D(5, 3, depth_multiplier=2, strides=2),
        (9, 9, 3),
        4 * 4 * 6 * 9 + 4 * 4 * 6 * 5 + 4 * 4 * 5,
    ),
    (kl.SeparableConv2D(5, 3, **FIRST), (3, 9, 8), 42 * 3 * 9 + 42 * 3 * 5 + 42 * 5),
    (kl.Conv1DTranspose(4, 2, strides=2), (9, 3), 9 * 3 * 2 * 4 + 18 * 4),
    (kl.Conv2DTranspose(4, 2, strides=2), (5, 5, 3), 25 * 3 * 4 * 4 + 10 * 10 * 4),
    (kl.Conv2DTranspose(4, 2, strides=2, **FIRST), (3, 5, 4), 20 * 3 * 4 * 4 + 10 * 8 * 4),
    (kl.Conv3DTranspose(4, 2, use_bias=False), (5, 5, 5, 3), 125 * 3 * 8 * 4),
    (kl.Dense(5), (7,), 7 * 5 + 5),
    (kl.Dense(5, use_bias=False), (4, 6, 7), 4 * 6 * 7 * 5),
    (kl.EinsumDense("abc,cde->abde", (4, 2, 3), bias_axes="de"), (4, 8), 4 * 8 * 6 + 4 * 6),
    (kl.EinsumDense("...x,xy->...y", 5), (4, 8), 4 * 8 * 5),
    (kl.EinsumDense("ab...,bc->ac...", (6, None)), (5, 7), 5 * 7 * 6),
    (kl.TimeDistributed(kl.Conv2D(4, 3)), (5, 9, 9, 2), 5 * (7 * 7 * 4 * 9 * 2 + 7 * 7 * 4)),
    (kl.SpectralNormalization(kl.Dense(5)), (7,), 7 * 5 + 5),
    *((layer, (6, 6, 4), 0) for layer in (kl.BatchNormalization(), kl.PReLU(), kl.ReLU())),
    *((layer, (4, 4), 0) for layer in (kl.LayerNormalization(), kl.GroupNormalization(2))),
    (kl.RMSNormalization(), (4, 4), 0),
    (kl.Embedding(7, 3), (9,), 0),
]


@pytest.mark.parametrize("layer, input_shape, multiply_adds", LAYERS)
def test_a_layer_costs_what_its_formula_says(layer, input_shape, multiply_adds):
    found = complexity(layer, input_shape)
    assert found.multiply_adds == multiply_adds
    assert found.parameters + found.moving_statistics == layer.count_params()
    assert complexity(keras.Sequential([keras.Input(input_shape), layer])).unknown == ()


def test_attention_counts_its_projections_but_not_its_scores():
    # Query, key, value and output: 5 positions, 8 in, 2 heads x 4 out.
    inputs = keras.Input((5, 8))
    model = keras.Model(inputs, kl.MultiHeadAttention(num_heads=2, key_dim=4)(inputs, inputs))
    assert complexity(model).multiply_adds == 4 * (5 * 8 * 8 + 5 * 8)


def test_mobilenet():
    # Output size and channels of the 13 separable blocks, after a 3x3 convolution from 3 to 32.
    blocks = [(112, 64), (56, 128), (56, 128), (28, 256), (28, 256), (14, 512)]
    blocks += [(14, 512)] * 5 + [(7, 1024)] * 2
    expected, channels = 112 * 112 * 32 * 9 * 3 + 1024 * 1000 + 1000, 32
    for size, filters in blocks:
        expected += size * size * channels * (9 + filters)
        channels = filters
    found = complexity(keras.applications.MobileNet(weights=None))
    assert (found.parameters, found.multiply_adds) == (4_231_976, expected)
    assert f"{found.multiply_adds / 1e9:.3f}" == "0.569"  # the paper's Table 3


@pytest.mark.once
@pytest.mark.slow
def test_resnet50():
    found = complexity(keras.applications.ResNet50(weights=None))
    assert (found.parameters, found.moving_statistics) == (25_583_592, 53_120)
    # Keras's convolutions have biases, the paper's 3.8580e9 multiply-adds do without.
    biases = sum(np.prod(row.output_shape) for row in found.layers if row.layer == "Conv2D")
    assert f"{(found.multiply_adds - biases) / 1e9:.4f}" == "3.8580"


def test_a_shared_layer_counts_at_each_call_and_its_parameters_once():
    dense = kl.Dense(4, name="dense")
    block = keras.Sequential([keras.Input((4,)), dense], name="block")
    inputs = keras.Input((4,))
    found = complexity(keras.Model(inputs, block(dense(block(inputs)))))
    assert [row.name for row in found.layers] == ["block/dense", "dense", "block/dense"]
    assert [row.parameters for row in found.layers] == [20, 0, 0]
    assert (found.parameters, found.multiply_adds) == (20, 3 * 20)


def test_several_inputs_as_a_list_and_as_a_dict():
    inputs = {"a": keras.Input((4,), name="a"), "b": keras.Input((None, 5), name="b")}
    outputs = [kl.Dense(2)(inputs["a"]), kl.Dense(3)(inputs["b"])]
    by_name = complexity(keras.Model(inputs, outputs), {"a": (4,), "b": (6, 5)})
    in_order = complexity(keras.Model(list(inputs.values()), outputs), [(4,), (6, 5)])
    assert by_name.multiply_adds == in_order.multiply_adds == (4 * 2 + 2) + (6 * 5 * 3 + 6 * 3)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.convolution = kl.Conv2D(4, 3)
        self.head = keras.Sequential([kl.BatchNormalization(), kl.Dropout(0.5), kl.Dense(2)])

    def call(self, images):
        return self.head(keras.ops.mean(self.convolution(images), (1, 2)))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 2)


def test_a_subclassed_model_whether_built_or_not():
    model = Subclassed()
    first = complexity(model, (9, 9, 3))
    assert first.multiply_adds == 7 * 7 * 4 * (27 + 1) + 4 * 2 + 2
    assert (first.parameters, first.moving_statistics) == (4 * 27 + 4 + 8 + 10, 8)
    assert model(np.zeros((3, 9, 9, 3), "float32")).shape == (3, 2)
    assert complexity(model) == first


def test_counting_an_unbuilt_sequential_leaves_its_batch_open():
    model = keras.Sequential([kl.Conv2D(4, 3), kl.Flatten(), kl.Dense(2)])
    assert complexity(model, (5, 5, 1)).multiply_adds == 9 * 4 * 10 + 36 * 2 + 2
    assert model.input_shape == (None, 5, 5, 1)


@pytest.mark.parametrize("trainable", [True, False])
def test_freezing_changes_no_count(trainable):
    model = keras.Sequential([keras.Input((6, 6, 2)), kl.Conv2D(4, 3), kl.BatchNormalization()])
    model.trainable = trainable
    late = keras.Sequential([kl.Dense(3, trainable=trainable)])
    found = complexity(model)
    assert (found.parameters, found.moving_statistics) == (4 * 18 + 4 + 8, 8)
    assert complexity(late, (2,)).parameters == 9


def test_nothing_of_the_model_changes():
    layers = [kl.Conv2D(4, 3, activity_regularizer="l2"), kl.BatchNormalization(), kl.Dropout(0.5)]
    model = keras.Sequential([keras.Input((6, 6, 2)), *layers, kl.GaussianNoise(0.1)])
    model.call = original = model.call
    before = [keras.ops.convert_to_numpy(value) for value in model.variables]
    complexity(model)
    for value, old in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(value), old)
    assert vars(model)["call"] is original and model.losses == []
    assert not any("call" in vars(layer) or "quantized_call" in vars(layer) for layer in layers)


@pytest.mark.filterwarnings("ignore:Layer InputLayer does not have a `quantize` method")
def test_a_quantised_dense_layer_costs_as_before():
    model = keras.Sequential([keras.Input((5, 8)), kl.Dense(3)])
    model.quantize("int8")
    found = complexity(model)
    assert found.multiply_adds == 5 * 8 * 3 + 5 * 3
    assert (found.parameters, found.moving_statistics) == (8 * 3 + 3 + 3, 0)


class Scale(kl.Layer):
    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],))

    def call(self, inputs):
        return inputs * self.scale


class Squared(kl.Conv2D):
    def call(self, inputs):
        return super().call(inputs) ** 2


class OfThree(kl.Layer):
    def build(self, input_shape):
        self.dense = kl.Dense(3)
        self.dense.build(input_shape)

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.dense.kernel) + self.dense.bias


class LowRank(kl.Dense):
    def build(self, input_shape):
        super().build(input_shape)
        self.enable_lora(2)


UNKNOWN = [  # layer, shape of its input, the owner of weights that is named
    (Scale(name="own_weights"), (4,), "own_weights"),
    (Squared(4, 3, name="own_call"), (5, 5, 2), "own_call"),
    (OfThree(name="outer"), (4,), "dense"),
    (LowRank(4, name="lora"), (4,), "lora"),
    (kl.LSTM(3, name="recurrent"), (5, 4), "recurrent"),
    (kl.Bidirectional(kl.RNN(kl.GRUCell(3)), name="both"), (5, 4), "both/forward_rnn"),
]


@pytest.mark.parametrize("layer, input_shape, name", UNKNOWN)
def test_weights_of_unknown_use_are_named(layer, input_shape, name):
    model = keras.Sequential([keras.Input(input_shape), layer])
    with pytest.warns(UserWarning, match=f"unknown and left out: .*{name}"):
        found = complexity(model)
    assert any(unknown.startswith(name) for unknown in found.unknown)
    assert found.multiply_adds == 0 and "left out: " in str(found)
    assert found.parameters == sum(int(np.prod(weight.shape)) for weight in model.weights)


class Declares(OfThree):
    def call(self, inputs):
        return self.dense(inputs) + self.dense(inputs)

    def multiply_adds(self, input_shape):
        return 1000 * input_shape[0] + input_shape[-1]


def test_a_layer_can_tell_its_own_count_with_all_that_is_inside():
    found = complexity(keras.Sequential([keras.Input((4,)), Declares(name="declares")]))
    assert [(row.name, row.parameters) for row in found.layers] == [("declares", 15)]
    assert (found.multiply_adds, found.unknown) == (1004, ())


@pytest.mark.parametrize("input_shape", [None, (None, 8, 3), 32, (0, 8, 3)])
def test_unknown_input_sizes_are_refused(input_shape):
    model = keras.Sequential([keras.Input((None, None, 3)), kl.Conv2D(4, 3)])
    with pytest.raises(ValueError, match="must all be known, received: .*Pass `input_shape=`"):
        complexity(model, input_shape)
    assert complexity(model, (5, 5, 3)).multiply_adds == 9 * 4 * (27 + 1)


@pytest.mark.parametrize("model", [Subclassed(), keras.Sequential([kl.Dense(2)]), kl.Dense(2)])
def test_an_unbuilt_model_needs_an_input_shape(model):
    with pytest.raises(ValueError, match="must all be known, received: None.*`input_shape=`"):
        complexity(model)


def test_the_table():
    layers = [kl.Conv2D(64, 3, name="conv"), kl.BatchNormalization(name="norm")]
    model = keras.Sequential([keras.Input((34, 34, 16)), *layers])
    assert str(complexity(model)).splitlines() == [
        "layer  class               output shape     parameters  multiply-adds",
        "conv   Conv2D              (1, 32, 32, 64)       9,280      9,502,720",
        "norm   BatchNormalization  (1, 32, 32, 64)         128              0",
        "total                                            9,408      9,502,720",
        "moving statistics, not in the total: 128",
    ]
