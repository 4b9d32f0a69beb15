import keras

from keras_bam import cli


def test_devices_are_listed(capsys, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert cli.main(["devices"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"backend    {keras.backend.backend()}, Keras {keras.__version__}\n")
    assert "\ndevices    " in shown
    assert shown.endswith("processes  4, this one is 1\n")
