import json

import pytest
import tiny

from keras_bam.training import Devices, Recipe


class Gathering(Devices):
    """One of several processes; what the others say is given."""

    def __init__(self, process, said):
        self.process, self.processes, self.count = process, len(said), len(said)
        self.said = said

    def gather(self, text):
        self.given = text
        return [text if said is None else said for said in self.said]


def test_one_device_is_the_first_and_agrees_with_itself():
    devices = Devices()
    assert (devices.is_first, devices.count) == (True, 1)
    assert devices.on_first(lambda: {"answer": 42}) == {"answer": 42}
    devices.check_same({"epochs": 3})
    assert devices.facts() == {
        "devices": 1,
        "processes": 1,
        "batch_norm_sees": "the whole batch",
    }


def test_a_batch_that_does_not_divide():
    devices = Gathering(0, [None, "", ""])
    devices.check(tiny.linear(), Recipe(batch_size=6))
    with pytest.raises(ValueError, match="batch_size=8 .* among 3 devices; take a multiple of 3"):
        devices.check(tiny.linear(), Recipe(batch_size=8))
    with pytest.raises(ValueError, match="take a multiple of 6"):
        devices.check(tiny.linear(), Recipe(batch_size=8, gradient_accumulation_steps=2))


def test_others_get_what_the_first_found_and_do_not_call():
    devices = Gathering(1, [json.dumps({"value": [1, 2]}), None])
    assert devices.on_first(lambda: 1 / 0) == [1, 2]


@pytest.mark.parametrize(
    "error, of_others",
    [
        (FileExistsError("the folder is there"), OSError),
        (ValueError("wrong"), ValueError),
        (KeyError("name"), RuntimeError),
    ],
)
def test_a_failure_of_the_first_is_everyones(error, of_others):
    def fail():
        raise error

    first = Gathering(0, [None, "{}"])
    with pytest.raises(type(error)):
        first.on_first(fail)
    other = Gathering(1, [first.given, None])
    with pytest.raises(of_others, match=f"the first process failed: {error}") as raised:
        other.on_first(lambda: None)
    assert type(raised.value) is of_others


@pytest.mark.parametrize("process", [0, 1, 2])
def test_processes_that_disagree(process):
    ours, theirs = {"epochs": 3, "seed": 0}, {"epochs": 4, "seed": 0}
    texts = [
        json.dumps({key: json.dumps(value) for key, value in facts.items()})
        for facts in (ours, ours, theirs)
    ]
    texts[process] = None
    devices = Gathering(process, texts)
    with pytest.raises(ValueError, match="processes 0 and 2 disagree about epochs: 3 and 4; start"):
        devices.check_same(theirs if process == 2 else ours)
