import json

import keras
import pytest
import tiny

from keras_bam.training.resuming.identity import check_same, facts, machine, warn_of_another_machine


def found(model=None, data="abc", epochs=3, callbacks=(), identity=None, optimizer="sgd"):
    model = model or tiny.linear()
    model.compile(optimizer, "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return facts(model, data, epochs, callbacks, identity)


def test_the_same_twice_is_the_same():
    first, second = found(), found()
    assert json.loads(json.dumps(first)) == first
    assert first["backend"] == keras.backend.backend() and first["keras"] == keras.__version__
    check_same(first, second, "run")


def test_a_learning_rate_may_have_been_changed_by_a_callback():
    check_same(found(), found(optimizer=keras.optimizers.SGD(0.5)), "run")


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"epochs": 4}, "epochs: 3 then, 4 now"),
        ({"data": "abcd"}, "steps an epoch: 3 then, 4 now"),
        ({"identity": {"data": "cifar10"}}, "identity.data: 'absent' then, 'cifar10' now"),
        ({"optimizer": "adam"}, "optimizer.class: 'SGD' then, 'Adam' now"),
        (
            {"optimizer": keras.optimizers.SGD(momentum=0.5)},
            "optimizer.momentum: 0.0 then, 0.5 now",
        ),
        ({"callbacks": [keras.callbacks.History()]}, r"callbacks: \[\] then, \['History'\] now"),
        (
            {"model": tiny.linear(classes=4)},
            r"variables.model\[0\]: \['kernel', \[64, 3\], 'float32",
        ),
        ({"model": tiny.with_bam()}, "variables.model: 2 of them|variables.model: .* then"),
    ],
)
def test_what_differs_is_listed(changes, message):
    with pytest.raises(ValueError, match=f"(?s)run in some/folder was started diff.*{message}"):
        check_same(found(), found(**changes), "some/folder")


def test_another_backend_or_version_is_listed():
    first = found()
    with pytest.raises(ValueError, match="(?s)backend: 'other' then, .*keras: '0.1' then, "):
        check_same(first | {"backend": "other", "keras": "0.1"}, first, "run")


def test_a_long_list_is_cut():
    first = found(identity={str(number): number for number in range(14)})
    with pytest.raises(ValueError, match=r"identity\.9: 9 then, 'absent' now\n  and 4 more\n"):
        check_same(first, found(), "run")


@pytest.mark.parametrize("identity", ["cifar", ["cifar"], {"data": object()}])
def test_an_identity_that_json_cannot_hold(identity):
    with pytest.raises(ValueError, match="identity must (be a dict|hold what JSON can)"):
        found(identity=identity)


def test_an_optimizer_that_has_no_config():
    class Halving(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5 ** keras.ops.cast(step, "float32")

    first = found(optimizer=keras.optimizers.SGD(Halving()))
    assert first["optimizer"] == {"class": "SGD"}


def test_another_number_of_cores_is_a_warning():
    here = machine()
    warn_of_another_machine(here, machine())
    assert here["cores"] >= 1
    with pytest.warns(UserWarning, match="cores: 0 when the checkpoint was written, .* last bits"):
        warn_of_another_machine(here | {"cores": 0}, here)
