import re
import sys
from pathlib import Path

import keras
import pytest
import tiny

from keras_bam import cli
from keras_bam.training import Recipe, RunFolder, fit
from keras_bam.training.curves import plot_curves


@pytest.mark.parametrize(
    "module, message",
    [
        ("matplotlib", "matplotlib is not installed: pip install 'keras-bam[fit]'"),
        ("tomli_w", "tomli-w is not installed: pip install 'keras-bam[fit]'"),
        ("tensorboardX", "tensorboardX is not installed: pip install 'keras-bam[tensorboard]'"),
    ],
)
def test_fit_names_the_extra_before_it_touches_the_folder(module, message, tmp_path, monkeypatch):
    (tmp_path / "config.toml").touch()
    monkeypatch.setitem(sys.modules, module, None)
    arguments = {"overwrite": True, "tensorboard": True}
    with pytest.raises(ModuleNotFoundError, match=re.escape(message)):
        fit(tiny.linear(), tiny.dataset(), Recipe(batch_size=4), tmp_path, **arguments)
    assert (tmp_path / "config.toml").exists()


CAT = str(Path(__file__).parent.parent / "docs/cat.jpg")
COMMANDS = [
    ("matplotlib", "fit digits", "matplotlib", "fit"),
    ("tomli_w", "fit digits", "tomli-w", "fit"),
    ("sklearn", "fit digits", "scikit-learn", "fit"),
    ("tensorboardX", "fit digits --tensorboard", "tensorboardX", "tensorboard"),
    ("matplotlib", "plot run", "matplotlib", "fit"),
    ("matplotlib", f"explain cifar10 {CAT} --out pictures", "matplotlib", "fit"),
    ("PIL", f"explain cifar10 {CAT} --out pictures", "pillow", "fit"),
    ("matplotlib", "reproduce 1b --dataset digits --out table", "matplotlib", "fit"),
    ("tensorflow", "export model.keras model.tflite", "tensorflow", "export"),
    ("ai_edge_litert", "export model.keras model.tflite", "ai-edge-litert", "export"),
    ("tf2onnx", "export model.keras model.onnx", "tf2onnx", "export"),
    ("onnxruntime", "export model.keras model.onnx", "onnxruntime", "export"),
    ("openvino", "export model.keras model.xml", "openvino", "export"),
    ("safetensors", "evaluate weights.safetensors --data .", "safetensors", "safetensors"),
]


@pytest.mark.parametrize("module, command, package, extra", COMMANDS)
def test_each_command_names_the_extra(
    module, command, package, extra, tmp_path, monkeypatch, capsys
):
    if module == keras.backend.backend():
        pytest.skip("Keras itself is on it")
    monkeypatch.chdir(tmp_path)
    tiny.linear().save("model.keras")
    Path("weights.safetensors").touch()
    there = {"model.keras", "weights.safetensors"}
    monkeypatch.setitem(sys.modules, module, None)
    assert cli.main(command.split()) == 2
    message = f"{package} is not installed: pip install 'keras-bam[{extra}]'"
    assert capsys.readouterr().err == f"keras-bam: error: {message}\n"
    assert {path.name for path in tmp_path.iterdir()} == there


def test_config_without_tomli_w(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(ModuleNotFoundError, match="tomli-w is not installed: pip install 'keras-"):
        RunFolder.create(tmp_path).write_config({})


def test_curves_without_matplotlib(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    (tmp_path / "log.csv").write_text("epoch,loss,accuracy\n1,1.0,0.5\n")
    with pytest.raises(ModuleNotFoundError, match="matplotlib is not installed: pip install 'ker"):
        plot_curves(tmp_path / "log.csv", tmp_path / "curves.png")
