import csv
import json

import numpy as np
import pytest

from keras_bam.training.epoch_log import EpochLog, StepLog, read_log


def read(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_logs_are_whole_after_each_epoch(tmp_path):
    epochs, steps = EpochLog(tmp_path / "log.csv"), StepLog(tmp_path / "steps.csv")
    for epoch in range(2):
        steps.on_epoch_begin(epoch)
        for batch in range(2):
            steps.on_train_batch_end(batch, {"loss": 10 * epoch + batch})
        steps.on_epoch_end(epoch)
        epochs.on_epoch_end(epoch, {"loss": epoch, "accuracy": 0.5})
        assert len(read_log(tmp_path / "log.csv")["epoch"]) == epoch + 1
    assert read(tmp_path / "log.csv") == [
        ["epoch", "accuracy", "loss"],
        ["1", "0.5", "0"],
        ["2", "0.5", "1"],
    ]
    assert read(tmp_path / "steps.csv") == [
        ["step", "loss"],
        ["1", "0.0"],
        ["2", "1.0"],
        ["3", "10.0"],
        ["4", "11.0"],
    ]


def test_json_is_strict_and_keeps_every_digit(tmp_path):
    logs = {"loss": 0.1 + 0.2, "val_loss": float("nan"), "val_top1_error": float("inf")}
    EpochLog(tmp_path / "log.csv").on_epoch_end(0, logs)
    (line,) = (tmp_path / "log.jsonl").read_text().splitlines()

    def refuse(constant):
        raise AssertionError(constant)

    expected = {"epoch": 1, "loss": 0.1 + 0.2, "val_loss": None, "val_top1_error": None}
    assert json.loads(line, parse_constant=refuse) == expected
    log = read_log(tmp_path / "log.csv")
    assert log["loss"] == 0.1 + 0.2 and np.isnan(log["val_loss"])
    assert np.isposinf(log["val_top1_error"])


def test_a_log_goes_on_with_entries_that_come_and_go(tmp_path):
    for epoch, logs in enumerate(({"loss": 2.0}, {"loss": 1.0, "val_loss": 3.0}, {"lr": 0.5})):
        EpochLog(tmp_path / "log.csv").on_epoch_end(epoch, logs)
    assert read(tmp_path / "log.csv") == [
        ["epoch", "loss", "val_loss", "lr"],
        ["1", "2.0", "", ""],
        ["2", "1.0", "3.0", ""],
        ["3", "", "", "0.5"],
    ]
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3
    np.testing.assert_array_equal(read_log(tmp_path / "log.csv")["val_loss"], [np.nan, 3, np.nan])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv", "log.jsonl"]


@pytest.mark.parametrize(
    "text, message",
    [
        (None, "log.csv holds no finished epoch; wait for the first one to end"),
        ("epoch,loss\n", "log.csv holds no finished epoch"),
        ("epoch,loss\n1,high\n", "log.csv is no log of epochs: could not convert.*'high'"),
        ("epoch,loss\n1,2,3\n", "log.csv is no log of epochs"),
        ("step,loss\n1,2\n", r"it has no column epoch, but \['step', 'loss'\]"),
    ],
)
def test_a_file_that_is_no_log(text, message, tmp_path):
    if text is not None:
        (tmp_path / "log.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_log(tmp_path / "log.csv")
