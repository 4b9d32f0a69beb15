import sys

import pytest

from keras_bam.data.pillow import from_pillow


def test_a_module_of_pillow():
    assert from_pillow("Image").__name__ == "PIL.Image"


def test_missing_pillow_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"Pillow.*pip install keras-bam\[fit\]"):
        from_pillow("Image")
