"""The loss against a loop written from the paper's equations 1 to 3, in float64."""

import gradients
import keras
import numpy as np
import pytest

from keras_bam import detection
from keras_bam.detection.multibox_loss import hard_negatives


def by_loops(y_true, y_pred, ratio=3, weight=1.0):
    total, positives = 0.0, 0
    for targets, outputs in zip(y_true, y_pred, strict=True):
        negatives = []
        found = 0
        for target, output in zip(targets, outputs, strict=True):
            logits = output[4:]
            shifted = logits - logits.max()
            loss = np.log(np.exp(shifted).sum()) - shifted[int(target[4])]
            if target[4] > 0:
                found += 1
                total += loss
                for difference in np.abs(target[:4] - output[:4]):
                    small = difference < 1
                    total += weight * (0.5 * difference**2 if small else difference - 0.5)
            else:
                negatives.append(loss)
        total += sum(sorted(negatives, reverse=True)[: int(ratio * found)])
        positives += found
    return total / max(positives, 1)


def drawn(positives=(2, 0, 40, 5), boxes=50, classes=3, seed=0):
    """Targets with so many positives in each image, and outputs."""
    rng = np.random.default_rng(seed)
    y_true = np.zeros((len(positives), boxes, 5))
    for image, count in enumerate(positives):
        chosen = rng.permutation(boxes)[:count]
        y_true[image, chosen, :4] = rng.normal(size=(count, 4))
        y_true[image, chosen, 4] = rng.integers(1, classes + 1, count)
    y_pred = 2 * rng.normal(size=(len(positives), boxes, 4 + 1 + classes))
    return y_true.astype("float32"), y_pred.astype("float32")


def doubles(arrays):
    return [array.astype("float64") for array in arrays]


@pytest.mark.parametrize("positives", [(2, 0, 40, 5), (50, 1), (0, 0), (1,)])
@pytest.mark.parametrize("settings", [{}, {"negative_ratio": 1.5, "localization_weight": 2.0}])
def test_equals_the_loop(positives, settings):
    arrays = drawn(positives)
    loss = detection.MultiboxLoss(**settings)
    expected = by_loops(*doubles(arrays), *settings.values())
    np.testing.assert_allclose(float(loss(*arrays)), expected, rtol=1e-5)


def test_gradients():
    """Zero for negatives that are not mined; and no gradient through the choice."""
    y_true, y_pred = drawn((2, 0), boxes=12)
    targets = keras.ops.convert_to_tensor(y_true)
    layer = keras.layers.Lambda(lambda y: detection.MultiboxLoss().call(targets, y))
    taken = gradients.of_layer(layer, y_pred, np.ones(2, "float32"), training=True)["features"]
    values = {"y": y_pred.astype("float64")}
    expected = gradients.by_differences(
        lambda: by_loops(y_true.astype("float64"), values["y"]), values
    )["y"]
    np.testing.assert_allclose(taken, expected, atol=1e-5)
    assert (np.abs(taken[0]).sum(axis=1) > 0).sum() == 8  # two and three for each of them
    assert not taken[1].any()


def test_of_equal_losses_the_first_are_mined():
    losses = np.full((3, 6), 0.5, "float32")
    positive = np.array([[0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0]], "float32")
    tensors = (keras.ops.convert_to_tensor(array) for array in (losses, positive))
    mined = keras.ops.convert_to_numpy(hard_negatives(*tensors, ratio=2))
    assert mined.tolist() == [[1, 0, 1, 0, 0, 0], [0] * 6, [0, 0, 0, 0, 0, 1]]


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_it_compiles_and_falls(dtype):
    keras.utils.set_random_seed(0)
    y_true, _ = drawn()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        inputs = keras.Input((50, 8))
        model = keras.Model(inputs, keras.layers.Dense(8)(keras.layers.Dense(32, "relu")(inputs)))
    finally:
        keras.config.set_dtype_policy(before)
    model.compile(keras.optimizers.Adam(0.01), detection.MultiboxLoss())
    images = np.random.default_rng(1).normal(size=(4, 50, 8)).astype("float32")
    losses = model.fit(images, y_true, batch_size=4, epochs=15, verbose=0).history["loss"]
    assert np.isfinite(losses).all() and losses[-1] < 0.8 * losses[0]


def test_config():
    loss = detection.MultiboxLoss(negative_ratio=2, localization_weight=0.5, name="mine")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert isinstance(copy, detection.MultiboxLoss)
    assert copy.get_config() == loss.get_config()
    assert (copy.negative_ratio, copy.localization_weight, copy.name) == (2, 0.5, "mine")


@pytest.mark.parametrize(
    "true_shape, predicted_shape",
    [((2, 5, 5), (2, 4, 9)), ((2, 5, 4), (2, 5, 9)), ((2, 5, 5), (2, 5, 5)), ((5, 5), (5, 9))],
)
def test_shapes_that_do_not_belong_together(true_shape, predicted_shape):
    with pytest.raises(ValueError, match="y_true must be .* for the same boxes; received"):
        detection.MultiboxLoss().call(np.zeros(true_shape, "f4"), np.zeros(predicted_shape, "f4"))


@pytest.mark.parametrize("name", ["negative_ratio", "localization_weight"])
def test_wrong_arguments(name):
    with pytest.raises(ValueError, match=f"{name} must be a positive number, received 0"):
        detection.MultiboxLoss(**{name: 0})


def test_localization_alone_is_a_mean_over_batches():
    """Weighted by their images, as `fit` weighs losses."""
    batches = [drawn((2, 0, 4), seed=1), drawn((5,), seed=2)]
    metric = detection.LocalizationLoss()
    expected = []
    for y_true, y_pred in batches:
        metric.update_state(y_true, y_pred)
        whole, without = (by_loops(*doubles((y_true, y_pred)), weight=w) for w in (1, 0))
        expected.append(whole - without)
    np.testing.assert_allclose(float(metric.result()), np.average(expected, weights=(3, 1)), 1e-5)
    again = detection.LocalizationLoss.from_config(metric.get_config())
    assert again.name == "localization_loss"
