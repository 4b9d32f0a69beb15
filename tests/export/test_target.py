import pytest

from keras_bam.export.target import check_target

pytestmark = pytest.mark.once


def test_what_may_be_written(tmp_path):
    saved = tmp_path / "saved"
    saved.mkdir()
    assert check_target(str(saved), "saved_model") == saved
    (saved / "saved_model.pb").touch()
    assert check_target(saved, "saved_model") == saved
    (tmp_path / "a.onnx").touch()
    assert check_target(tmp_path / "a.onnx", "onnx") == tmp_path / "a.onnx"


@pytest.mark.parametrize("path, format", [("thesis", "saved_model"), ("file", "saved_model")])
def test_what_else_is_there_stays(path, format, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter").touch()
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=f"{path}' is there already and is no SavedModel; choose"):
        check_target(tmp_path / path, format)


def test_mistakes(tmp_path):
    with pytest.raises(ValueError, match="path=.* is a folder, and onnx needs the path of a file"):
        check_target(tmp_path, "onnx")
    with pytest.raises(ValueError, match="path='.' is no name of a new file or folder"):
        check_target(".", "saved_model")
    with pytest.raises(FileNotFoundError, match="there is no folder '.*missing'"):
        check_target(tmp_path / "missing" / "a.onnx", "onnx")
