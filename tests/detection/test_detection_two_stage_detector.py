"""Against loops over float64 numbers, which every backend so equals."""

import draws
import keras
import numpy as np
import pytest
import tiny_two_stage as tiny
import two_stage_by_loops as loops

from keras_bam import complexity, detection
from keras_bam.detection.two_stage_detector import LOSSES

HEIGHT, WIDTH = tiny.CANVAS


def first_stage(model, inputs):
    """Of each image: features, probability of an object and offsets of each anchor, the limits."""
    outputs = {name: draws.array(x) for name, x in model(inputs, training=True).items()}
    logits = outputs["logits"].astype("float64")
    odds = np.exp(logits - logits.max(-1, keepdims=True))
    limits = inputs["sizes"][:, ::-1] / (WIDTH, HEIGHT)
    scores = (odds / odds.sum(-1, keepdims=True))[..., 1]
    offsets = outputs["offsets"].astype("float64")
    return zip(outputs["features"].astype("float64"), logits, scores, offsets, limits, strict=True)


def second_stage(model, features, boxes):
    pooled = [loops.pooled(features, box, 2, (WIDTH / 8, HEIGHT / 8)) for box in boxes]
    logits, offsets = model.head.predict(np.stack(pooled).astype("float32"), verbose=0)
    shape = len(boxes), logits.shape[-1], 4
    return logits.astype("float64"), offsets.astype("float64").reshape(shape)


def losses_by_loops(model, inputs, targets):
    numbers, images = model.settings, []
    corners = model.anchors.corners.astype("float64")
    for n, (features, logits, scores, offsets, limit) in enumerate(first_stage(model, inputs)):
        labels, wanted = targets["anchor_labels"][n], targets["anchor_offsets"][n]
        keys = np.arange(len(labels), 0, -1)
        rows = loops.samples(labels == 1, labels == 0, keys, numbers.anchor_samples, 0.5)
        of_first = loops.losses(labels[rows], logits[rows], wanted[rows], offsets[rows], 3)
        real = targets["labels"][n] >= 0
        objects, classes = targets["boxes"][n][real].astype("float64"), targets["labels"][n][real]
        counts = numbers.training_candidates, numbers.training_proposals, 0.7
        boxes = [*loops.proposals(scores, offsets, corners, limit, *counts), *objects]
        table = np.array([[loops.overlap(box, one) for one in objects] for box in boxes])
        near = table.max(axis=1) >= 0.5
        keys = np.arange(len(boxes), 0, -1)
        rows = loops.samples(near, ~near, keys, numbers.samples, 0.25)
        own = [classes[table[row].argmax()] + 1 if near[row] else 0 for row in rows]
        wanted = [loops.offsets_to(boxes[row], objects[table[row].argmax()]) for row in rows]
        logits, offsets = second_stage(model, features, [boxes[row] for row in rows])
        found = [offsets[place, label] for place, label in enumerate(own)]
        images.append((*of_first, *loops.losses(own, logits, wanted, found)))
    return np.mean(images, axis=0)


def detections_by_loops(model, inputs):
    numbers, corners = model.settings, model.anchors.corners.astype("float64")
    for features, _, scores, offsets, limit in first_stage(model, inputs):
        counts = numbers.candidates, numbers.proposals, 0.7
        boxes = loops.proposals(scores, offsets, corners, limit, *counts)
        logits, offsets = second_stage(model, features, boxes)
        found = []
        for label in range(1, logits.shape[1]):
            chances = np.array([np.exp(-loops.cross_entropy(row, label)) for row in logits])
            moved = [
                loops.clipped(loops.moved(box, by[label], (0.1, 0.1, 0.2, 0.2)), limit)
                for box, by in zip(boxes, offsets, strict=True)
            ]
            kept = []
            for place in np.argsort(-chances):
                apart = [loops.overlap(moved[place], moved[other]) <= 0.3 for other in kept]
                if all(apart) and chances[place] > 0.01:
                    kept.append(place)
            found += [(chances[place], label - 1, moved[place]) for place in kept]
        yield sorted(found, key=lambda one: -one[0])[: numbers.max_detections]


@pytest.fixture(scope="module")
def model():
    made = tiny.detector(freeze_batch_norms=True)  # so that training computes the same
    draws.weights(made.trunk)
    draws.weights(made.proposer, seed=1)
    draws.weights(made.head, seed=2)
    return made


def test_losses(model):
    inputs, targets = tiny.batch(model)
    model.compile("sgd")
    found = model.test_on_batch(inputs, targets, return_dict=True)
    expected = losses_by_loops(model, inputs, targets)
    np.testing.assert_allclose([found[name] for name in LOSSES], expected, rtol=1e-4)
    np.testing.assert_allclose(found["loss"], expected.sum(), rtol=1e-4)
    np.testing.assert_allclose(found["localization_loss"], expected[[1, 3]].sum(), rtol=1e-4)


def test_detections(model):
    inputs, _ = tiny.batch(model)
    found = model.predict(inputs, verbose=0)
    for n, expected in enumerate(detections_by_loops(model, inputs)):
        count = found["count"][n]
        scores, classes, boxes = zip(*expected, strict=True)
        assert count == len(expected) > 1 and found["classes"][n, :count].tolist() == list(classes)
        np.testing.assert_allclose(found["scores"][n, :count], scores, rtol=1e-4)
        np.testing.assert_allclose(found["boxes"][n, :count], boxes, atol=1e-4)
        assert not found["scores"][n, count:].any() and (found["classes"][n, count:] == -1).all()


def test_images_alone_are_as_large_as_the_canvas(model):
    inputs, _ = tiny.batch(model, images=1)
    assert inputs["sizes"].tolist() == [list(tiny.CANVAS)]
    expected = model.predict(inputs, verbose=0)
    found = model.predict(inputs["images"], verbose=0)
    for name in found:
        np.testing.assert_array_equal(found[name], expected[name])


def test_it_learns_with_random_samples_and_leaves_alone_what_is_frozen():
    settings = {**tiny.SETTINGS, "random_samples": True}
    model = tiny.detector(settings=settings, frozen=["stem_conv"], freeze_batch_norms=True)
    inputs, targets = tiny.batch(model)
    before = {weight.path: draws.array(weight) for weight in model.weights}
    model.compile(keras.optimizers.Adam(0.01))
    history = model.fit(inputs, targets, batch_size=2, epochs=25, verbose=0).history
    assert np.isfinite(history["loss"]).all() and history["loss"][-1] < 0.7 * history["loss"][0]
    assert {*LOSSES, "localization_loss", "loss"} == set(history)
    still = {w.path for w in model.weights if np.array_equal(draws.array(w), before[w.path])}
    norms = {path for path in before if "bn" in path or "norm" in path.rpartition("/")[0]}
    assert norms and {"stem_conv/kernel", "stem_conv/bias"} | norms <= still
    # The few hidden units of BAM's channel branch may all be dead from the start.
    assert all(
        "_bam/channel/" in path for path in still - norms - {"stem_conv/kernel", "stem_conv/bias"}
    )


def test_a_file_has_all_of_it(tmp_path, model):
    frozen = tiny.detector(frozen=["stem_conv"], freeze_batch_norms=True)
    frozen.set_weights(model.get_weights())
    frozen.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    inputs, _ = tiny.batch(model)
    expected, found = (one.predict(inputs, verbose=0) for one in (model, copy))
    for name in found:
        np.testing.assert_array_equal(found[name], expected[name])
    paths = [[weight.path for weight in one.trainable_weights] for one in (frozen, copy)]
    assert paths[0] == paths[1] and len(paths[0]) == len(model.trainable_weights) - 2
    facts = "anchors", "settings", "frozen", "freeze_batch_norms", "data_format", "name"
    configs = [one.get_config() for one in (frozen, copy)]
    assert [configs[0][name] for name in facts] == [configs[1][name] for name in facts]
    copy.save_weights(tmp_path / "model.weights.h5")
    frozen.load_weights(tmp_path / "model.weights.h5")


def test_uncompiled_shares_the_weights(model):
    model.compile("sgd")
    other = model.uncompiled()
    assert not other.compiled and other.name == model.name and other is not model
    assert [id(a) for a in other.weights] == [id(b) for b in model.weights]


def test_the_task(model):
    task = detection.task_of(model)
    assert task.model is model and task.classes == model.classes == 2
    assert task.batches["size"] == tiny.CANVAS and task.batches["mode"] == "letterbox"


def test_it_is_counted(model):
    """The trunk and the proposer once, the head for each proposal."""
    parts = [complexity(part).multiply_adds for part in (model.trunk, model.proposer, model.head)]
    expected = parts[0] + parts[1] + model.settings.proposals * parts[2]
    counted = complexity(model)
    assert counted.multiply_adds == expected
    sizes = {w.path: int(np.prod(w.shape)) for w in model.weights if "moving" not in w.path}
    assert counted.parameters == sum(sizes.values())


def test_both_data_formats_compute_the_same(model):
    first = tiny.detector(data_format="channels_first")
    first.set_weights(model.get_weights())
    inputs, targets = tiny.batch(first)
    try:
        found = first.predict_on_batch(inputs)
    except Exception as error:  # TensorFlow on a CPU has no convolutions with channels first
        pytest.skip(f"channels first: {str(error)[:80]}")
    last, _ = tiny.batch(model)
    for name, expected in model.predict_on_batch(last).items():
        np.testing.assert_allclose(found[name], expected, atol=1e-4)


def test_mixed_precision_and_a_batch_norm_that_is_not_frozen():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = tiny.detector()
    finally:
        keras.config.set_dtype_policy(before)
    inputs, targets = tiny.batch(model)
    outputs = model(inputs, training=True)
    dtypes = {name: keras.backend.standardize_dtype(x.dtype) for name, x in outputs.items()}
    assert dtypes == {"features": "bfloat16", "logits": "float32", "offsets": "float32"}
    means = model.trunk.get_layer("stem_bn").moving_mean
    unmoved = draws.array(means)  # but for the call above
    model.compile("sgd")
    assert np.isfinite(model.train_on_batch(inputs, targets)).all()
    assert (draws.array(means) != unmoved).any()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"frozen": ["stem_cnv"]}, "unknown layer in frozen 'stem_cnv'; did you mean 'stem_conv'"),
        ({"settings": {"proposals": 97}}, "this canvas has 96 anchors: pass fewer"),
        ({"data_format": "NHWC"}, "data_format must be one of"),
    ],
)
def test_wrong_arguments(model, arguments, message):
    config = {**model.get_config(), **arguments}
    with pytest.raises(ValueError, match=message):
        detection.TwoStageDetector.from_config(config)


def test_parts_that_do_not_fit_together(model):
    config = {**model.get_config(), "anchors": {**model.get_config()["anchors"], "ratios": (1,)}}
    with pytest.raises(ValueError, match="trunk gives a map of .* 2 and 4 for 2 anchors"):
        detection.TwoStageDetector.from_config(config)


def test_fewer_boxes_than_samples(model):
    other = tiny.detector(settings={**tiny.SETTINGS, "samples": 16})
    inputs, targets = tiny.batch(other)
    other.compile("sgd")
    with pytest.raises(ValueError, match="16 samples can't be taken from 12 proposals and 3 rows"):
        other.test_on_batch(inputs, targets)
