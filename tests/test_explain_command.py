import json

import keras
import photographs
import pytest
import tiny
import tiny_two_stage
from PIL import Image

from keras_bam import cli, data, training

NORMALISED = "--mean 0.5 --std 0.25"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a model and two images, in which commands run."""
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    tiny.with_bam().save("model.keras")
    photographs.image(seed=1).save("one.jpg")
    (tmp_path / "more").mkdir()
    photographs.image(30, 20, seed=2).save(tmp_path / "more" / "one.png")
    return tmp_path


def command(arguments):
    return cli.main(["explain", *arguments.split()])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_pictures_and_numbers(here, capsys):
    (here / "boxes.json").write_text('{"one.jpg": [[30, 20, 60, 40]]}')
    assert (
        command(f"model.keras one.jpg more/one.png {NORMALISED} --boxes boxes.json --out out") == 0
    )
    written = ["attention-one-2.png", "attention-one.png", "explain.json", "grad_cam.png"]
    assert names(here / "out") == [*written, "hierarchy.png"]
    for path in (here / "out").glob("*.png"):
        with Image.open(path) as image:
            image.load()
    first, second = json.loads((here / "out" / "explain.json").read_text())
    assert [first["image"], second["image"]] == ["one.jpg", "more/one.png"]
    (numbers,) = first["attention"]
    assert 0 < numbers["min"] <= numbers["mean"] <= numbers["max"] < 1
    assert numbers["random_weights"] and numbers["box_share"] > 0
    assert "box_share" not in second["attention"][0]
    printed = capsys.readouterr().out
    assert (
        "out/hierarchy.png" in printed and "of chance" in printed and "(random weights)" in printed
    )
    shown = f"one.jpg: taken for {first['taken for']}, {100 * first['probability']:.1f} %"
    assert shown in printed and first["taken for"] == f"class {first['class_index']}"


def test_layer_class_and_override(here, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(
        "keras_bam.explain_command.explain.plot_grad_cam",
        lambda cams, images, path, names: asked.extend(cams),
    )
    name = keras.saving.load_model("model.keras").layers[1].name
    options = f"--layer {name} --class-index 2 --no-random-weights"
    assert command(f"model.keras one.jpg {NORMALISED} {options} --out out") == 0
    (cam,) = asked
    assert (cam.layer, list(cam.class_index), cam.random_weights) == (name, [2], False)
    assert "(random weights)" not in capsys.readouterr().out


def test_without_bam(here, capsys):
    image = keras.Input((8, 8, 1))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(image))
    keras.Model(image, keras.layers.Dense(3)(x), name="plain").save("plain.keras")
    assert command(f"plain.keras one.jpg {NORMALISED} --out out") == 0
    assert names(here / "out") == ["explain.json", "grad_cam.png"]
    assert (
        "plain has no BAM: there is Grad-CAM to show, and no attention" in capsys.readouterr().out
    )


@pytest.mark.once
def test_what_is_no_classifier(here, capsys):
    image = keras.Input((8, 8, 1))
    maps = keras.layers.Conv2D(4, 3)(image)
    keras.Model(image, maps, name="maps").save("maps.keras")
    assert command(f"maps.keras one.jpg {NORMALISED} --out out") == 2
    assert "'maps' has no BAM, whose attention could be shown" in capsys.readouterr().err
    with_bam = tiny.with_bam()
    keras.Model(with_bam.input, with_bam.layers[2].output, name="backbone").save("backbone.keras")
    assert command(f"backbone.keras one.jpg {NORMALISED} --out out") == 0
    assert "is no classifier: there is no Grad-CAM" in capsys.readouterr().out
    assert names(here / "out") == ["attention-one.png", "explain.json", "hierarchy.png"]


def test_a_detector(here, capsys):
    """Whose last tensors are lists of boxes, and no maps."""
    tiny.detector(attention="bam").save("detector.keras")
    assert command("detector.keras one.jpg --mean 0,0,0 --std 1,1,1 --out out") == 0
    assert names(here / "out") == ["attention-one.png", "explain.json", "hierarchy.png"]
    assert "is no classifier: there is no Grad-CAM" in capsys.readouterr().out


@pytest.mark.once
@pytest.mark.parametrize(
    "arguments, message",
    [
        ("none one.jpg", "'none' holds no run"),
        ("model.keras one.jpg", "does not say how its images are normalised"),
        ("model.keras one.jpg --mean 0.5", "--mean and --std go together"),
        (f"model.keras one.jpg {NORMALISED} --class-index 3", "the model has 3 classes, 0 to 2"),
        (
            f"model.keras one.jpg {NORMALISED} --layer bamm",
            "unknown layer 'bamm'; did you mean 'bam",
        ),
        (f"model.keras model.keras {NORMALISED}", "model.keras is damaged or no image"),
        (f"model.keras one.jpg {NORMALISED} --size 9", "--size 9, but 'with_bam' takes"),
        ("model.keras one.jpg --mean 0,0 --std 1,1", "mean must hold 1 values"),
    ],
)
def test_mistakes(here, capsys, arguments, message):
    assert command(f"{arguments} --out out") == 2
    printed = capsys.readouterr().err
    assert printed.startswith("keras-bam: error: ") and message in printed
    assert not (here / "out").exists()


def test_numbers_are_numbers(here, capsys):
    with pytest.raises(SystemExit, match="2"):
        command("model.keras one.jpg --mean a --std 1 --out out")
    assert "must be like 0.5,0.5,0.5, received 'a'" in capsys.readouterr().err


def test_a_two_stage_detector(here, capsys):
    """Of which the trunk is shown."""
    tiny_two_stage.detector(classes=3, settings=tiny_two_stage.SETTINGS).save("detector.keras")
    assert command("detector.keras one.jpg --mean 0,0,0 --std 1,1,1 --out out") == 0
    assert names(here / "out") == ["attention-one.png", "explain.json", "hierarchy.png"]


@pytest.mark.once
def test_a_picture_that_fails_leaves_none(here, monkeypatch, capsys):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("keras_bam.explain_command.explain.plot_grad_cam", fail)
    assert command(f"model.keras one.jpg {NORMALISED} --out out") == 2
    assert "disk full" in capsys.readouterr().err
    assert names(here / "out") == []


@pytest.fixture
def finished_run(tmp_path, monkeypatch):
    dataset = tiny.dataset()
    monkeypatch.setattr(data, "load", lambda name, folder=None: dataset)
    keras.utils.set_random_seed(0)
    recipe = training.Recipe(epochs=1, batch_size=8)
    config = {"dataset": "digits"}
    training.fit(tiny.with_bam(), dataset, recipe, tmp_path / "run", config=config)
    return tmp_path / "run"


def test_a_run(finished_run, tmp_path, monkeypatch, capsys):
    """With what its data set says, and class names; the data set itself may be gone."""
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(data, "load", None)
    photographs.image().save("one.jpg")
    assert command(f"{finished_run} one.jpg --out out") == 0
    (fact,) = json.loads((tmp_path / "out" / "explain.json").read_text())
    assert fact["taken for"] in tiny.CLASSES
    assert not fact["attention"][0]["random_weights"]
