import device_processes as run
import keras
import pytest
import tiny

from keras_bam.training import Recipe

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="for TensorFlow")


def test_two_replicas_are_one_device(tmp_path, on_one_device):
    run.finish(run.start(run.SCRIPT, tmp_path / "out", "--devices", "cpu:2"))
    run.check_equal(tmp_path / "out.0.npz", on_one_device)


def test_what_replicas_do_not_take():
    from keras_bam.training.devices.tensorflow_replicas import TensorFlowReplicas

    devices = TensorFlowReplicas(["CPU:0"])
    with pytest.raises(ValueError, match="'linear' was built on one device; build it within dev"):
        devices.check(tiny.linear(), Recipe(batch_size=8))
    with devices.scope():
        model = tiny.linear()
    with pytest.raises(ValueError, match="gradient_accumulation_steps=2 does not work in Keras"):
        devices.check(model, Recipe(batch_size=8, gradient_accumulation_steps=2))
    with pytest.raises(ValueError, match="on_error='skip' leaves batches that do not divide"):
        devices.check(model, Recipe(batch_size=8), on_error="skip")


def test_a_mask_is_refused():
    from keras_bam.training.devices.tensorflow_replicas import _synchronized_moments

    layer = keras.layers.BatchNormalization(name="masked")
    with pytest.raises(ValueError, match="batch norm 'masked' has a mask"):
        _synchronized_moments(layer, None, mask=True)
