import keras
import numpy as np
import pytest
import tiny

from keras_bam.training import ExactResume


class Data(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return np.zeros((2, 8, 8, 1)), np.zeros(2)


class Endless(Data):
    num_batches = None


class Reshuffled(Data):
    def on_epoch_end(self):
        self.order = np.random.permutation(2)


class WithEpoch(Reshuffled):
    epoch = 0


def compiled(**arguments):
    model = tiny.linear()
    model.compile("sgd", "sparse_categorical_crossentropy", **arguments)
    return model


def fit(tmp_path, model=None, x=None, **arguments):
    x = Data() if x is None else x
    return ExactResume(tmp_path / "run").fit(model or compiled(), x, verbose=0, **arguments)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            {"shuffle": True},
            "shuffle can't be passed to a fit that resumes exactly; it takes epoch",
        ),
        ({"steps_per_epoch": 3}, "steps_per_epoch can't be passed"),
        ({"x": np.zeros((4, 8, 8, 1))}, "x must be a keras.utils.PyDataset, .* received ndarray"),
        ({"x": Endless()}, "x must have a length, received a data set without end"),
        ({"x": Data(use_multiprocessing=True)}, "x has use_multiprocessing=True"),
        ({"x": Reshuffled()}, "x, a Reshuffled, changes in on_epoch_begin or on_epoch_end"),
        ({"model": tiny.linear()}, "model 'linear' must be compiled"),
        (
            {"callbacks": [keras.callbacks.BackupAndRestore("b")]},
            "callbacks has a BackupAndRestore",
        ),
    ],
)
def test_what_cannot_be_resumed(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        fit(tmp_path, **arguments)
    assert list(tmp_path.iterdir()) == []


def test_several_steps_at_once_cannot_be_resumed(tmp_path):
    with pytest.raises(ValueError, match="steps_per_execution must be 1, received 4"):
        fit(tmp_path, compiled(steps_per_execution=4))


def test_a_distributed_model_cannot_be_resumed(tmp_path):
    model = compiled()
    model._distribute_strategy = "MirroredStrategy"
    with pytest.raises(ValueError, match="'linear' was built under a tf.distribute strategy"):
        fit(tmp_path, model)


@pytest.mark.parametrize("x", [Data(), WithEpoch()])
def test_the_least_that_fit_needs(tmp_path, x):
    history = fit(tmp_path, x=x, class_weight={0: 1.0, 1: 2.0, 2: 1.0})
    assert history.epoch == [0]
