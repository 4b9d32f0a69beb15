import os

import pytest

from keras_bam.files import replacing, replacing_together, write_text

pytestmark = pytest.mark.once


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


def test_files_and_folders_move_together(tmp_path):
    (tmp_path / "model.bin").write_text("old")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "old").touch()
    with replacing_together(tmp_path / "model.xml") as folder:
        (folder / "model.bin").write_text("new")
        (folder / "model.xml").write_text("new")
        (folder / "saved").mkdir()
        (folder / "saved" / "new").touch()
        assert folder.parent == tmp_path and (tmp_path / "model.bin").read_text() == "old"
    assert names(tmp_path) == ["model.bin", "model.xml", "saved"]
    assert (tmp_path / "model.bin").read_text() == "new"
    assert names(tmp_path / "saved") == ["new"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_error_leaves_the_old_folder_alone(error, tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "old").touch()
    with pytest.raises(error), replacing_together(tmp_path / "saved") as folder:
        (folder / "saved").mkdir()
        raise error
    assert names(tmp_path) == ["saved"] and names(tmp_path / "saved") == ["old"]


def test_a_folder_that_can_not_move_is_left(tmp_path, monkeypatch):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "old").touch()
    replace = os.replace

    def failing(source, target):
        if os.path.basename(source) == "saved" and os.path.basename(target) == "saved":
            raise OSError(28, "No space left on device")
        replace(source, target)

    with pytest.raises(OSError), replacing_together(tmp_path / "saved") as folder:
        (folder / "saved").mkdir()
        monkeypatch.setattr(os, "replace", failing)
    monkeypatch.undo()
    assert names(tmp_path) == ["saved"] and names(tmp_path / "saved") == ["old"]


def test_write_text_is_utf_8(tmp_path):
    write_text(tmp_path / "a.txt", "ä\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa4\n"
    assert names(tmp_path) == ["a.txt"]
