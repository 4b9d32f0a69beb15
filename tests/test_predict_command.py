import json
import re
from pathlib import Path

import keras
import numpy as np
import photographs
import pytest
import tiny
from PIL import Image

from keras_bam import cli
from keras_bam.training import RunFolder
from keras_bam.training.object_detection import ObjectDetection


@pytest.fixture
def run(tmp_path):
    """Of a detector that was not trained, and so finds a lot with low scores."""
    keras.utils.set_random_seed(0)
    folder = RunFolder.create(tmp_path / "run")
    folder.write_config({"dataset": "shapes"})
    folder.save_model(tiny.detector(), "last.keras")
    ObjectDetection().begin(folder, tiny.shapes())
    return folder.path


@pytest.fixture
def images(tmp_path):
    paths = [tmp_path / f"{name}.jpg" for name in ("cat", "dog")]
    for number, path in enumerate(paths):
        photographs.image(90, 120 - 10 * number, number).save(path)
    return [str(path) for path in paths]


def predict(model, *arguments):
    return cli.main(["predict", str(model), *map(str, arguments)])


def test_pictures_and_json(run, images, tmp_path, capsys):
    out = tmp_path / "found"
    assert predict(run, *images, "--out", out, "--score", "0") == 0
    assert re.search(r"found/cat\.png: \d+ objects\n", capsys.readouterr().out)
    entries = json.loads((out / "detections.json").read_text())["images"]
    assert sorted(path.name for path in out.iterdir()) == ["cat.png", "detections.json", "dog.png"]
    for entry, path in zip(entries, images, strict=True):
        original = np.asarray(Image.open(path))
        assert (entry["file"], entry["height"], entry["width"]) == (path, *original.shape[:2])
        picture = np.asarray(Image.open(entry["picture"]))
        assert picture.shape == original.shape and (picture != original).any()
        assert entry["objects"]
        for found in entry["objects"]:
            assert found["class"] in ("circle", "square", "triangle")
            left, top, right, bottom = found["box"]
            assert 0 <= left <= right <= entry["width"] and 0 <= top <= bottom <= entry["height"]
            assert 0 < found["score"] < 1


def test_a_model_in_its_folder_and_nothing_found(run, images, tmp_path):
    assert predict(run / "last.keras", images[0], "--out", tmp_path, "--score", "1") == 0
    (entry,) = json.loads((tmp_path / "detections.json").read_text())["images"]
    assert entry["objects"] == []
    original = np.asarray(Image.open(images[0]).convert("RGB"))
    np.testing.assert_allclose(np.asarray(Image.open(tmp_path / "cat.png")), original, atol=3)


def test_mistakes(run, images, tmp_path, capsys):
    def refused(*arguments):
        assert predict(*arguments, "--out", tmp_path / "out") == 2
        assert not (tmp_path / "out").exists()
        return capsys.readouterr().err

    broken = tmp_path / "broken.jpg"
    broken.write_bytes(Path(images[0]).read_bytes()[:300])
    assert "broken.jpg is damaged" in refused(run, images[0], broken)
    assert "absent.jpg" in refused(run, tmp_path / "absent.jpg")
    (tmp_path / "two").mkdir()
    twin = tmp_path / "two/cat.png"
    photographs.image().save(twin)
    assert "would both become" in refused(run, images[0], twin)
    assert "--score must lie between 0 and 1" in refused(run, images[0], "--score", "40")
    assert "holds no run" in refused(tmp_path, images[0])
    tiny.linear().save(tmp_path / "linear.keras")
    assert "holds no run of a detector" in refused(tmp_path / "linear.keras", images[0])
    assert predict(run, twin, "--out", twin.parent) == 2
    assert "would be overwritten" in capsys.readouterr().err
