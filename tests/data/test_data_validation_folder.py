import photographs
import pytest

from keras_bam.data import load_validation


@pytest.fixture
def folder(tmp_path):
    photographs.tree(tmp_path)
    return tmp_path


@pytest.mark.parametrize("inner", ["", "val"])
def test_class_folders(inner, folder):
    data = load_validation(str(folder / inner), image_size=96, mean=(0.5,) * 3, std=(0.1,) * 3)
    assert (data.name, data.class_names) == ("imagenet", ("cat", "dog"))
    assert (data.input_shape, data.mean, data.std) == ((96, 96, 3), (0.5,) * 3, (0.1,) * 3)
    assert list(data.test.labels) == [0, 0, 1, 1] and data.train is data.test
    assert {path.split("/")[-3] for path in data.test.paths} == {"val"}


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(
    "text, classes, labels",
    [
        ("0.jpg dog\n1.jpg cat\n", ("cat", "dog"), [1, 0]),
        ("0.jpg 11\n1.jpg 2\n", tuple(map(str, range(12))), [11, 2]),
    ],
)
def test_a_flat_folder_with_labels(text, classes, labels, inside, folder):
    for path in (folder / "val" / "dog").iterdir():
        path.rename(folder / "val" / path.name)
    for path in (folder / "val" / "cat").iterdir():
        path.unlink()
    (folder / ("val" if inside else "") / "val.txt").write_text(text)
    data = load_validation(folder)
    assert (data.class_names, list(data.test.labels)) == (classes, labels)
    if inside:
        assert load_validation(folder / "val").class_names == classes


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder '.*/x' of validation images"):
        load_validation(tmp_path / "x")


def test_no_images(tmp_path):
    with pytest.raises(ValueError, match="holds no images in class folders"):
        load_validation(tmp_path)


def test_no_labels(folder):
    (folder / "val" / "cat" / "0.jpg").rename(folder / "val" / "0.jpg")
    with pytest.raises(ValueError, match="holds images but no class folders, and no labels"):
        load_validation(folder)
