import sys

import keras
import pytest

from keras_bam.training.callback_paths import callback_from_path

MODULE = """
import keras

class Mine(keras.callbacks.Callback):
    def __init__(self, every=1):
        super().__init__()
        self.every = every

number = 3
"""


@pytest.fixture
def working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in ("", str(tmp_path))])
    (tmp_path / "my_callbacks.py").write_text(MODULE)
    (tmp_path / "needs_more.py").write_text("import not_installed_anywhere\n")
    yield tmp_path
    sys.modules.pop("my_callbacks", None)


def test_a_callback_of_keras():
    made = callback_from_path("keras.callbacks:EarlyStopping:monitor=val_loss,patience=5")
    assert type(made) is keras.callbacks.EarlyStopping
    assert (made.monitor, made.patience) == ("val_loss", 5)


def test_a_callback_of_a_file_in_the_working_folder(working_folder):
    before = list(sys.path)
    assert callback_from_path("my_callbacks:Mine").every == 1
    assert callback_from_path("my_callbacks:Mine:every=2").every == 2
    assert sys.path == before


@pytest.mark.parametrize(
    "text, message",
    [
        ("EarlyStopping", "'EarlyStopping' must be like module:Class or module:Class:key=value"),
        ("keras.callbacks:", "'keras.callbacks:' must be like module:Class"),
        ("./mine.py:Mine", "'./mine.py:Mine' must be like module:Class"),
        (
            "keras.callbacks:EarlyStoping",
            "unknown callback of keras.callbacks 'EarlyStoping'; did ",
        ),
        ("my_callbacks:number", "number of my_callbacks is no class derived from keras.callb.*3"),
        ("keras:Model", "Model of keras is no class derived from keras.callbacks.Callback, but"),
        ("my_callbacks:Mine:evry=2", "'evry'; did you mean 'every'"),
        ("my_callbacks:Mine:2", "'2' in 'Mine:2' is not of the form key=value"),
        ("keras.callbacks:LearningRateScheduler", "can't be made: .*'schedule'"),
    ],
)
def test_mistakes(text, message, working_folder):
    with pytest.raises(ValueError, match=message):
        callback_from_path(text)


@pytest.mark.parametrize("module", ["no_such_module", "keras.no_such_module", "no.such"])
def test_no_such_module(module, working_folder):
    with pytest.raises(ModuleNotFoundError, match=f"callback '{module}:A': there is no module '"):
        callback_from_path(f"{module}:A")


def test_a_module_that_needs_another(working_folder):
    with pytest.raises(ModuleNotFoundError, match="^No module named 'not_installed_anywhere'$"):
        callback_from_path("needs_more:A")
