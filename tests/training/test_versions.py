import datetime

import keras

from keras_bam.training.versions import versions


def test_what_a_run_was_made_with():
    found = versions()
    assert found["backend"] == keras.backend.backend()
    assert found["packages"]["keras"] == keras.__version__
    assert found["cpus"] > 0 and found["device"] and found["machine"]
    datetime.date.fromisoformat(found["date"])


def test_a_package_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr("keras_bam.training.versions.PACKAGES", ("keras", "no-such-package"))
    assert list(versions()["packages"]) == ["keras"]
