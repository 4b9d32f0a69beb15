import pytest

from keras_bam.export import format_of, is_exported, open_file

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "path, name",
    [("a/b", "saved_model"), ("b.tflite", "tflite"), ("b.onnx", "onnx"), ("b.xml", "openvino")],
)
def test_format_of(path, name, tmp_path):
    assert format_of(path) == name
    assert is_exported(tmp_path / path) == (name != "saved_model")


def test_a_format_beside_the_suffix():
    assert format_of("model.bin", "tflite") == "tflite"
    with pytest.raises(ValueError, match="has the suffix '.bin', which says no format; known are"):
        format_of("model.bin")
    with pytest.raises(ValueError, match="format must be one of .*received 'lite'"):
        format_of("model.tflite", "lite")


def test_a_folder_is_a_file_where_a_saved_model_is_in_it(tmp_path):
    assert not is_exported(tmp_path)
    (tmp_path / "saved_model.pb").touch()
    assert is_exported(tmp_path)


@pytest.mark.parametrize("name", ["a.tflite", "a.onnx", "a.xml", "folder"])
def test_files_that_can_not_be_read(name, tmp_path):
    path = tmp_path / name
    with pytest.raises(FileNotFoundError, match=f"{name} does not exist"):
        open_file(path)
    if name == "folder":
        path.mkdir()
        path = path / "saved_model.pb"
    path.write_bytes(b"neither of these")
    with pytest.raises(ValueError, match=f"{name} can't be read: "):
        open_file(tmp_path / name)
