from pathlib import Path

import photographs
import pytest

from keras_bam.data.image_tree import image_paths, is_image, read_classes, shortened


def test_classes_are_the_sorted_folders(tmp_path):
    photographs.tree(tmp_path, ("dog", "Cat", "10", "9"))
    files = read_classes(tmp_path / "train")
    assert files.class_names == ("10", "9", "Cat", "dog")
    assert list(files.labels) == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    expected = [f"{name}/{i}.jpg" for name in files.class_names for i in range(4)]
    assert [Path(path).relative_to(tmp_path / "train").as_posix() for path in files.paths] == (
        expected
    )


def test_only_images_count(tmp_path):
    for name in ("b.JPEG", "a.Png", ".c.jpg", "notes.txt", "jpg", "d.jpg.part", "e.tif"):
        (tmp_path / name).touch()
    for folder in ("deeper", ".hidden"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "f.bmp").touch()
    found = [Path(path).relative_to(tmp_path).as_posix() for path in image_paths(tmp_path)]
    assert found == ["a.Png", "b.JPEG", "deeper/f.bmp", "e.tif"]
    assert is_image("x.WEBP") and not is_image(".webp")


def test_links_are_followed(tmp_path):
    photographs.tree(tmp_path / "real")
    (tmp_path / "linked").symlink_to(tmp_path / "real" / "train")
    assert len(read_classes(tmp_path / "linked")) == 8


def test_classes_without_images_are_named(tmp_path):
    photographs.tree(tmp_path)
    for name in ("emu", "fox"):
        (tmp_path / "train" / name).mkdir()
        (tmp_path / "train" / name / "notes.txt").touch()
    with pytest.raises(ValueError, match=r"class folders without images: emu, fox; put images \("):
        read_classes(tmp_path / "train")


def test_no_images_at_all(tmp_path):
    with pytest.raises(ValueError, match="holds no images in class folders"):
        read_classes(tmp_path)
    (tmp_path / "cat").mkdir()
    (tmp_path / "dog.jpg").touch()
    with pytest.raises(ValueError, match=r"it must have FOLDER/CLASS/\*"):
        read_classes(tmp_path)


def test_shortened():
    assert shortened("abcde") == "a, b, c, d, e"
    assert shortened("abcdefg") == "a, b, c, d, e and 2 more"
