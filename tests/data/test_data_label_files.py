import pytest

from keras_bam.data.label_files import DEVKIT, find_labels, read_labelled

CLASSES = ("n01", "n02", "n03")


@pytest.fixture
def flat(tmp_path):
    """A folder of three images, empty files since nothing opens them."""
    for name in ("x_1.JPEG", "x_2.JPEG", "x_3.JPEG"):
        (tmp_path / name).touch()
    return tmp_path


def labelled(flat, text, name="val.txt", class_names=CLASSES):
    (flat / name).write_text(text)
    files = read_labelled(flat, flat / name, class_names)
    assert [path.rsplit("_", 1)[1] for path in files.paths] == ["1.JPEG", "2.JPEG", "3.JPEG"]
    return list(files.labels)


@pytest.mark.parametrize(
    "text",
    [
        "x_2.JPEG n01\nx_1.JPEG n03\nx_3.JPEG n02\n",
        "x_1.JPEG\t2\n\nx_2.JPEG 0\nx_3.JPEG n02",
        "x_1 n03\nx_2 n01\nx_3 n02\n",
    ],
)
def test_names_and_indices_of_classes(flat, text):
    assert labelled(flat, text) == [2, 0, 1]


def test_a_name_goes_before_an_index(flat):
    text = "x_1.JPEG 1\nx_2.JPEG 2\nx_3.JPEG a class\n"
    assert labelled(flat, text, class_names=("2", "1", "a class")) == [1, 0, 2]


def test_kaggles_solution(flat):
    text = (
        "ImageId,PredictionString\nx_3,n01 1 2 3 4 n01 5 6 7 8 \nx_1,n02 0 0 9 9\nx_2,n03 1 1 2 2\n"
    )
    assert labelled(flat, text, "LOC_val_solution.csv") == [1, 2, 0]


@pytest.mark.parametrize(
    "text, message",
    [
        ("x_1.JPEG n04", "line 1: 'n04' is neither the name of a class nor .* one, 0..2, in the"),
        ("x_1.JPEG 3", "line 1: '3' is neither"),
        ("x_1.JPEG -1", "line 1: '-1' is neither"),
        ("x_1.JPEG 1\nx_1.JPEG 2", r"line 2: a second label for x_1\.JPEG"),
        ("x_1.JPEG 1\n", r"has no label for these images: x_2, x_3"),
        ("x_1 1\nx_2 1\nx_3 1\nx_9 1", "labels images that .* lacks: x_9"),
        ("x_1.JPEG 1\n490\n", r"line 2: must be 'FILENAME LABEL', got \['490'\]"),
    ],
)
def test_labels_that_do_not_fit(flat, text, message):
    with pytest.raises(ValueError, match=message):
        labelled(flat, text)


def test_a_csv_of_another_form(flat):
    with pytest.raises(ValueError, match="line 2: must be 'ImageId,PredictionString', got"):
        labelled(flat, "a,b\nx_1,n01,n02\n", "LOC_val_solution.csv")


def test_where_labels_are_found(flat):
    inner = flat / "val"
    inner.mkdir()
    with pytest.raises(ValueError, match=r"and no labels: put val\.txt beside them, with lines"):
        find_labels([flat, inner])
    (inner / DEVKIT).write_text("490\n")
    with pytest.raises(ValueError, match="numbers the classes in an order of its own"):
        find_labels([flat, inner])
    for path in (inner / "LOC_val_solution.csv", inner / "val_labels.txt", flat / "val.txt"):
        path.touch()
        assert find_labels([flat, inner]) == path


def test_the_devkits_file_is_refused(flat):
    with pytest.raises(ValueError, match="ILSVRC2012_ID of the devkit's meta.mat"):
        labelled(flat, "490\n361\n171\n", DEVKIT)
