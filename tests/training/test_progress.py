import keras
import numpy as np
import pytest
import tiny

from keras_bam.training import progress
from keras_bam.training.callbacks import Measurements
from keras_bam.training.classifier import compile_classifier
from keras_bam.training.progress import Progress, closing_line, duration, epoch_facts

LOGS = {"loss": 1.25, "accuracy": 0.75, "val_loss": 1.5, "val_accuracy": 0.7}
TOP5 = {"top5_accuracy": 0.9, "val_top5_accuracy": 0.875}
MEASURED = {"learning_rate": 0.05, "seconds": 70.4, "images_per_second": 12345.6}


def test_what_the_logs_say():
    assert epoch_facts(LOGS | MEASURED, "test") == [
        "train loss 1.2500, top-1 75.00 % (error 25.00)",
        "test loss 1.5000, top-1 70.00 % (error 30.00)",
        "lr 0.05",
        "12,346 images/s",
        "1 min 10 s",
    ]
    assert epoch_facts(LOGS | TOP5, "validation") == [
        "train loss 1.2500, top-1 75.00 % (error 25.00), top-5 90.00 % (error 10.00)",
        "validation loss 1.5000, top-1 70.00 % (error 30.00), top-5 87.50 % (error 12.50)",
    ]
    assert epoch_facts({"loss": float("nan")}, "test") == ["train loss nan"]


def test_closing_line_of_the_authors():
    assert closing_line({"loss": 1.0, "accuracy": 0.7686}) == " * Prec@1 76.860"
    both = {"accuracy": 0.7686, "top5_accuracy": 0.934159}
    assert closing_line(both) == " * Prec@1 76.860 Prec@5 93.416"


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0.2, "1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def fit(verbose, epochs=3):
    model = tiny.linear()
    compile_classifier(model, "sgd")
    images, labels = np.ones((6, 8, 8, 1)), np.eye(3)[np.zeros(6, int)]
    callbacks = [Measurements(6), Progress("validation")]
    validation = (images, labels)
    model.fit(
        images,
        labels,
        batch_size=2,
        validation_data=validation,
        epochs=epochs,
        verbose=verbose,
        callbacks=callbacks,
    )


def test_one_line_an_epoch(capsys):
    fit(verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for epoch, line in enumerate(lines):
        parts = line.split(" - ")
        assert parts[0] == f"epoch {epoch + 1}/3"
        assert parts[1].startswith("train loss ") and parts[2].startswith("validation loss ")
        assert parts[4].endswith(" images/s")
        assert parts[-1].endswith(" left") == (epoch < 2)


def test_a_bar_and_a_line_below_it(capsys):
    keras.config.enable_interactive_logging()
    fit(verbose=1, epochs=2)
    printed = capsys.readouterr().out
    assert printed.count("Epoch 1/2\n") == 1
    lines = [line for line in printed.splitlines() if line.startswith("  validation loss ")]
    assert len(lines) == 2 and " images/s - " in lines[0]
    bars = [line for line in printed.splitlines() if "3/3" in line]
    assert "accuracy: " in bars[-1] and " - loss: " in bars[-1]
    assert "val_" not in printed and "learning_rate" not in printed


def test_silence(capsys):
    fit(verbose=0)
    assert capsys.readouterr().out == ""


def test_time_left_goes_by_the_latest_epochs(capsys, monkeypatch):
    ends = iter([0, 1000, 1010, 1020, 1030, 1040, 1100, 1160, 1220])
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(ends))
    shown = Progress()
    shown.set_params({"verbose": 2, "epochs": 108, "steps": 1})
    shown.on_train_begin()
    for epoch in range(8):
        shown.on_epoch_end(epoch, {"loss": 1.0})
    left = [line.rpartition(" - ")[2] for line in capsys.readouterr().out.splitlines()]
    assert left[0] == "1 d 5 h left"  # 107 epochs like the first
    assert left[1] == "17 min 40 s left"  # 106 like the second: the first has compiled
    assert left[7] == "1 h 40 min left"  # 100 of 60 s, the median of the latest five
