import pytest

from keras_bam.training.config import read_config


def test_keys_and_recipe(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("dataset = 'digits'\nlog_steps = true\n[recipe]\nname = 'short'\nepochs = 2\n")
    assert read_config(path) == (
        {"dataset": "digits", "log_steps": True},
        {"name": "short", "epochs": 2},
    )


@pytest.mark.parametrize(
    "text, message",
    [
        ("dataset =", "mine.toml is not TOML"),
        ("datset = 'digits'", "mine.toml: unknown key 'datset'; did you mean 'dataset'"),
        ("epochs = 3", "unknown key 'epochs'"),
        ("dataset = 10", "dataset must be of type str, received 10"),
        ("image_size = true", "image_size must be of type int, received True"),
        ("recipe = 'short'", "recipe must be a table, .recipe., received 'short'"),
        ("[recipe]\nname = 1", "name of .recipe. must be a string, received 1"),
        ("[recipe]\nepoch = 1", "unknown key of a recipe 'epoch'; did you mean 'epochs'"),
    ],
)
def test_mistakes(text, message, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_config(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_config(tmp_path / "none.toml")
