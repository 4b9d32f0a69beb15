import numpy as np
import tiny

from keras_bam.training.resuming import variables

BATCH = np.ones((2, 8, 8, 1), "float32"), np.array([0, 1], "int32")


def compiled():
    model = tiny.with_bam()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_all_that_training_changes_is_there_before_the_first_step():
    model = compiled()
    variables.build(model, list(BATCH))
    described = variables.describe(model)
    model.train_on_batch(*BATCH)
    assert variables.describe(model) == described
    assert {name for name, _, _ in described["metrics"]} == {"total", "count"}
    assert len(described["optimizer"]) == 2 + 2 * len(model.trainable_variables)


def test_values_come_back():
    model = compiled()
    variables.build(model, BATCH)
    model.train_on_batch(*BATCH)
    saved = variables.capture(model)
    model.train_on_batch(*BATCH)
    changed = variables.capture(model)
    assert saved["optimizer"][0] == 1 and changed["optimizer"][0] == 2
    variables.restore(model, saved)
    restored = variables.capture(model)
    for group in ("model", "optimizer", "metrics"):
        pairs = zip(restored[group], saved[group], strict=True)
        assert all(a.tobytes() == b.tobytes() for a, b in pairs)
