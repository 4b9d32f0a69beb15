import sys

import pytest
import tiny

from keras_bam.training import Recipe, RunFolder, fit
from keras_bam.training.curves import plot_curves


@pytest.mark.parametrize("module, package", [("tomli_w", "tomli-w"), ("matplotlib", "matplotlib")])
def test_fit_names_the_extra_before_it_touches_the_folder(module, package, tmp_path, monkeypatch):
    (tmp_path / "config.toml").touch()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=f"{package} is not .*'keras-bam\\[fit\\]'"):
        fit(tiny.linear(), tiny.dataset(), Recipe(batch_size=4), tmp_path, overwrite=True)
    assert (tmp_path / "config.toml").exists()


def test_config_without_tomli_w(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(ModuleNotFoundError, match="tomli-w is not installed: pip install 'keras-"):
        RunFolder.create(tmp_path).write_config({})


def test_curves_without_matplotlib(finished, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    (tmp_path / "log.csv").write_text("epoch,loss,accuracy\n1,1.0,0.5\n")
    with pytest.raises(ModuleNotFoundError, match="matplotlib is not installed: pip install 'ker"):
        plot_curves(finished.folder / "log.csv", tmp_path / "curves.png")
