import keras
import numpy as np
import pytest
import tiny

from keras_bam.training import RunFolder
from keras_bam.training.callbacks import Measurements, SaveModels
from keras_bam.training.classifier import compile_classifier


def test_best_is_the_first_of_the_largest(tmp_path):
    run, model = RunFolder.create(tmp_path), tiny.linear()
    saver = SaveModels(run)
    saver.set_model(model)
    kernel = model.layers[-1].kernel
    for epoch, accuracy in enumerate((0.3, 0.7, 0.7, 0.5)):
        kernel.assign(np.full(kernel.shape, epoch))
        saver.on_epoch_end(epoch, {"val_accuracy": accuracy})
    assert (saver.epochs, saver.best_epoch) == (4, 2)
    assert run.load_model("best").layers[-1].get_weights()[0][0, 0] == 1
    assert run.load_model("last").layers[-1].get_weights()[0][0, 0] == 3


@pytest.mark.parametrize("classes, measured", [(3, ("top1",)), (11, ("top1", "top5"))])
def test_measurements_of_an_epoch(classes, measured):
    model = tiny.linear(classes)
    compile_classifier(model, keras.optimizers.SGD(0.25))
    images, labels = np.ones((6, 8, 8, 1)), np.eye(classes)[np.zeros(6, int)]
    logs = model.fit(
        images,
        labels,
        validation_data=(images, labels),
        verbose=0,
        callbacks=[Measurements(6)],
    ).history
    assert logs["learning_rate"] == [0.25]
    assert logs["images_per_second"][0] >= 6 / logs["seconds"][0] > 0
    accuracies = {"top1": "accuracy", "top5": "top5_accuracy"}
    for prefix in ("", "val_"):
        for name in measured:
            accuracy = logs[prefix + accuracies[name]][0]
            assert logs[f"{prefix}{name}_error"][0] == pytest.approx(100 - 100 * accuracy)
    assert ("top5_error" in logs) == (classes > 10)
