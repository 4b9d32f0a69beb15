import threading

import keras
import numpy as np
import pytest
import tiny

from keras_bam.training.classifier import compile_classifier
from keras_bam.training.divergence import Diverged, StopAtNaN

IMAGES, LABELS = np.ones((20, 8, 8, 1), "float32"), np.eye(3)[np.zeros(20, int)]


class Reached(keras.callbacks.Callback):
    """What came after the last good step."""

    def __init__(self):
        super().__init__()
        self.validated = self.epochs = 0

    def on_test_begin(self, logs=None):
        self.validated += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1


class SpoilWeights(keras.callbacks.Callback):
    """At the end of one epoch's training, as an update to infinity does."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            kernel = self.model.layers[-1].kernel
            kernel.assign(np.full(kernel.shape, np.inf))


def fit(images, callbacks, **arguments):
    model = tiny.linear()
    compile_classifier(model, keras.optimizers.SGD(0.0))
    fixed = {"batch_size": 2, "epochs": 3, "shuffle": False, "verbose": 0}
    model.fit(images, LABELS, callbacks=callbacks, **fixed, **arguments)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("bad", [0, 5, 9], ids=lambda step: f"step_{step}")
@pytest.mark.parametrize("validation", [{}, {"validation_data": (IMAGES, LABELS)}])
def test_the_first_bad_step_ends_the_run(value, bad, validation):
    images, reached = IMAGES.copy(), Reached()
    images[2 * bad] = value
    with pytest.raises(
        Diverged, match=rf"loss became (nan|inf) at step {bad + 1}, in epoch 1; low"
    ):
        fit(images, [StopAtNaN(), reached], **validation)
    assert (reached.validated, reached.epochs) == (0, 0)


def test_steps_are_counted_over_all_epochs():
    class BadEpoch(keras.utils.PyDataset):
        epoch = 0

        def __len__(self):
            return 4

        def __getitem__(self, index):
            value = np.nan if (self.epoch, index) == (2, 1) else 1.0
            return np.full((2, 8, 8, 1), value, "float32"), LABELS[:2]

    batches, reached, model = BadEpoch(), Reached(), tiny.linear()
    compile_classifier(model, "sgd")
    begin = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(batches, "epoch", epoch)
    )
    callbacks = [StopAtNaN(), begin, reached]
    with pytest.raises(Diverged) as caught:
        model.fit(batches, epochs=3, verbose=0, callbacks=callbacks, shuffle=False)
    assert (caught.value.step, caught.value.epoch) == (10, 3)
    assert reached.epochs == 2
    assert isinstance(caught.value, FloatingPointError)


def test_weights_that_the_last_step_spoilt_are_not_saved():
    reached = Reached()
    with pytest.raises(Diverged, match=r"kernel became not finite at step 20, in epoch 2; lower"):
        fit(IMAGES, [SpoilWeights(), StopAtNaN(), reached])
    assert reached.epochs == 1


def test_the_first_of_steps_reported_out_of_order():
    stop = StopAtNaN()
    stop.set_params({"steps": 10})
    stop.on_epoch_begin(1)
    for batch in range(3):
        stop.on_train_batch_begin(batch)
    for batch, loss in ((2, np.nan), (1, np.inf)):
        stop.on_train_batch_end(batch, {"loss": loss})
    late = threading.Timer(0.1, stop.on_train_batch_end, (0, {"loss": 1.0}))
    late.start()
    with pytest.raises(Diverged, match="loss became inf at step 12, in epoch 2"):
        stop.on_train_batch_begin(3)
    late.join()


def test_a_good_run_is_left_alone():
    reached = Reached()
    fit(IMAGES, [StopAtNaN(), reached], validation_data=(IMAGES, LABELS))
    assert (reached.validated, reached.epochs) == (3, 3)


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="Keras calls no callback in a thread there"
)
def test_training_does_not_wait_for_the_reports():
    """Reports that take long are made in other threads, while later steps begin."""
    released, threads = threading.Event(), set()

    class SlowReports(StopAtNaN):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 9:  # reached though no step is reported yet
                released.set()
            super().on_train_batch_begin(batch, logs)

        def on_train_batch_end(self, batch, logs=None):
            threads.add(threading.current_thread())
            assert released.wait(60)
            super().on_train_batch_end(batch, logs)

    fit(IMAGES, [SlowReports()])
    assert threads and threading.main_thread() not in threads
