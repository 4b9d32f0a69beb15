import shutil
import zipfile
from pathlib import Path

import annotated
import numpy as np
import pytest

from keras_bam.data import VOC_CLASSES, DetectionBatches, load

REAL = Path(__file__).parents[4] / "shared" / "data" / "bccd_voc.zip"
PERSON = ("person", 1, 1, 20, 30)


def devkit(folder):
    annotated.voc_part(
        folder / "VOC2007",
        {
            "trainval": {"000005": [PERSON], "000007": [("cat", 3, 3, 9, 9, 1)]},
            "test": {"000001": [PERSON, ("dog", 1, 1, 5, 5)]},
        },
    )
    annotated.voc_part(
        folder / "VOC2012",
        {"train": {"2008_000002": [PERSON]}, "val": {"2008_000003": [("tvmonitor", 1, 1, 5, 5)]}},
    )
    listed = folder / "VOC2012" / "ImageSets" / "Main" / "trainval.txt"
    listed.write_text("2008_000002\n2008_000003\n")
    return folder


@pytest.mark.parametrize("inside", [".", "VOCdevkit"])
def test_the_devkit(tmp_path, inside):
    devkit(tmp_path / inside)
    data = load("voc", tmp_path, image_size=64, flip=False)
    assert data.class_names == VOC_CLASSES == tuple(sorted(VOC_CLASSES)) and len(VOC_CLASSES) == 20
    ids = ["000005", "000007", "2008_000002", "2008_000003"]
    assert [found.image_id for found in data.train.objects] == ids
    assert [Path(path).stem for path in data.train.images] == ids
    assert [found.image_id for found in data.test.objects] == ["000001"]
    assert [list(found.labels) for found in data.train.objects] == [[14], [7], [14], [19]]
    assert data.train.objects[1].difficult.all() and not data.train.objects[0].difficult.any()
    assert (data.name, data.input_shape, data.flip) == ("voc", (64, 64, 3), False)


def test_other_splits(tmp_path):
    devkit(tmp_path)
    data = load("voc", tmp_path, train="2007/trainval+2012/train", test="2012/val")
    assert (len(data.train), len(data.test)) == (3, 1)
    shutil.rmtree(tmp_path / "VOC2012")
    assert len(load("voc", tmp_path).train) == 2
    with pytest.raises(ValueError, match=r"has no split '2012/val'; there are 2007/\.\.\."):
        load("voc", tmp_path, test="2012/val")
    with pytest.raises(ValueError, match=r"there is no .*2007.*x\.txt, which lists the images"):
        load("voc", tmp_path, test="2007/x")
    (tmp_path / "VOC2007" / "ImageSets" / "Main" / "test.txt").unlink()
    with pytest.raises(ValueError, match=r"lacks VOC2007/ImageSets/Main/test\.txt, which is what"):
        load("voc", tmp_path)


@pytest.mark.parametrize("inside", [".", "BCCD"])
def test_a_single_folder(tmp_path, inside):
    annotated.cells(tmp_path / inside)
    data = load("voc", tmp_path)
    assert data.class_names == ("red", "white")
    assert [len(found) for found in data.train.objects] == [2, 1, 0]
    assert (len(data.test), data.train.category_ids) == (1, (1, 2))
    named = load("voc", tmp_path, class_names=("white", "pale", "red"))
    assert list(named.train.objects[0].labels) == [2, 0]


def test_train_and_val_where_there_is_no_trainval(tmp_path):
    annotated.voc_part(tmp_path, {"train": {"a": [PERSON]}, "val": {"b": [PERSON]}})
    assert load("voc", tmp_path).test.objects[0].image_id == "b"
    (tmp_path / "ImageSets" / "Main" / "val.txt").unlink()
    with pytest.raises(ValueError, match=r"has neither trainval\.txt and test\.txt nor train\.txt"):
        load("voc", tmp_path)
    assert load("voc", tmp_path, train="train", test="train").test.objects[0].image_id == "a"
    with pytest.raises(ValueError, match="has no split '2007/train'; there are names without '/'"):
        load("voc", tmp_path, train="2007/train", test="train")


def test_a_class_of_the_test_split_alone(tmp_path):
    objects = {"a": [PERSON]}
    annotated.voc_part(tmp_path, {"train": objects, "val": {"b": [PERSON, ("cow", 1, 1, 5, 5)]}})
    with pytest.raises(ValueError, match=r"b\.xml, object 2: unknown class 'cow'; known are \['pe"):
        load("voc", tmp_path)


def test_bad_boxes(tmp_path):
    boxes = [PERSON, ("person", 9, 9, 9, 9), ("person", 5, 1, 2, 3)]
    annotated.voc_part(tmp_path, {"train": {"a": boxes}, "val": {"b": [PERSON]}})
    with pytest.warns(UserWarning, match=r"2 bad boxes of .*, train were .*a\.xml, object 2 \(per"):
        data = load("voc", tmp_path)
    assert (len(data.train.objects[0]), len(data.train.bad_boxes)) == (1, 2)
    assert data.test.bad_boxes == ()
    with pytest.raises(ValueError, match=r"a\.xml, object 2 \(person\): the box .* has no area"):
        load("voc", tmp_path, on_bad_box="raise")


def test_what_is_missing(tmp_path):
    with pytest.raises(ValueError, match="voc needs a folder: it holds VOC2007"):
        load("voc")
    with pytest.raises(
        FileNotFoundError, match="there is no folder '.*nowhere' in the form of VOC"
    ):
        load("voc", tmp_path / "nowhere")
    with pytest.raises(ValueError, match="is not in the form of VOC: it must hold VOC2007"):
        load("voc", tmp_path)
    annotated.cells(tmp_path)
    (tmp_path / "JPEGImages" / "a.jpg").rename(tmp_path / "JPEGImages" / "a.JPEG")
    assert load("voc", tmp_path).train.images[0].endswith("a.JPEG")
    (tmp_path / "JPEGImages" / "b.jpg").unlink()
    with pytest.raises(ValueError, match=r"trainval\.txt lists images that JPEGImages lacks: b$"):
        load("voc", tmp_path)
    (tmp_path / "Annotations" / "d.xml").unlink()
    with pytest.raises(ValueError, match=r"test\.txt lists images that Annotations lacks: d$"):
        load("voc", tmp_path, train="test", test="test")
    (tmp_path / "ImageSets" / "Main" / "test.txt").write_text("\n")
    with pytest.raises(ValueError, match=r"test\.txt lists no images"):
        load("voc", tmp_path, train="test", test="test")


@pytest.mark.skipif(not REAL.exists(), reason=f"needs the project's shared data, {REAL}")
def test_blood_cells(tmp_path):
    with zipfile.ZipFile(REAL) as packed:
        names = [name for name in packed.namelist() if not name.endswith(".jpg")]
        packed.extractall(tmp_path, names)
        pictures = [name for name in packed.namelist() if name.endswith(".jpg")]
        (tmp_path / "BCCD" / "JPEGImages").mkdir()
        for name in pictures:  # their names; the pixels of two
            (tmp_path / name).touch()
        packed.extractall(tmp_path, pictures[:2])
    with pytest.warns(UserWarning, match="2 bad boxes of .*, trainval were left out"):
        data = load("voc", tmp_path)
    assert [Path(line.partition(",")[0]).stem for line in data.train.bad_boxes] == [
        "BloodImage_00338",
        "BloodImage_00343",
    ]
    assert data.class_names == ("Platelets", "RBC", "WBC")
    assert (len(data.train), len(data.test)) == (292, 72)
    labels = [found.labels for part in (data.train, data.test) for found in part.objects]
    np.testing.assert_array_equal(np.bincount(np.concatenate(labels)), [361, 4155 - 2, 372])

    for part in (data.train, data.test):
        there = [n for n, path in enumerate(part.images) if Path(path).stat().st_size]
        for number in there:
            batches = DetectionBatches(part.take([number]), 1, mean=data.mean, std=data.std)
            images, targets = batches[0]
            assert images.shape == (1, 300, 300, 3)
            count = len(part.objects[number])
            pixels = batches.to_pixels(0, targets["boxes"][:, :count])
            np.testing.assert_allclose(pixels[0], part.objects[number].boxes, atol=1e-3)
