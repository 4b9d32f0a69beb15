import pytest

from keras_bam.files import replacing, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_temporary_file_becomes_the_file(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")
    with replacing(str(path)) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == tmp_path and temporary.suffix == ".keras"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["model.keras"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("half", [True, False])
def test_an_error_leaves_the_old_file_alone(error, half, tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("old")
    with pytest.raises(error), replacing(path) as temporary:
        if half:
            temporary.write_text("half a mod")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["model.keras"]


def test_write_text_is_utf_8(tmp_path):
    write_text(tmp_path / "a.txt", "ä\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa4\n"
    assert names(tmp_path) == ["a.txt"]
