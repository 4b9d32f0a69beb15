"""TensorFlow: `tf.distribute.MirroredStrategy`, one replica a device, in one process."""

import contextlib
import functools

import keras
import numpy as np
import tensorflow as tf

from keras_bam.data import Share, SharedBatches
from keras_bam.training.devices.batch_norms import batch_norms, moving_statistics
from keras_bam.training.devices.listing import processor
from keras_bam.training.devices.one_device import OF_THE_SHARE, Devices
from keras_bam.training.devices.replaced import replaced
from keras_bam.training.devices.spelling import chosen
from keras_bam.training.resuming import variables


class TensorFlowReplicas(Devices):
    """Variables on every device, the rows of a batch divided.

    Args:
        names: of the devices, such as "GPU:0".
        synchronize_batch_norm: take mean and variance over the whole batch.
    """

    batch_norm = OF_THE_SHARE

    def __init__(self, names, synchronize_batch_norm=False):
        self.count = len(names)
        self._strategy = _strategy(tuple(names))
        self._synchronize = synchronize_batch_norm
        if synchronize_batch_norm:
            self.batch_norm = Devices.batch_norm

    def scope(self):
        return self._strategy.scope()

    def check(self, model, recipe, on_error="raise"):
        super().check(model, recipe, on_error)
        if model._distribute_strategy is not self._strategy:
            raise ValueError(
                f"model {model.name!r} was built on one device; build it within devices.scope()"
            )
        if recipe.gradient_accumulation_steps > 1:
            raise ValueError(
                f"gradient_accumulation_steps={recipe.gradient_accumulation_steps} does not work "
                "in Keras under TensorFlow's MirroredStrategy; set it to 1, or take one device or "
                "another backend"
            )
        if on_error == "skip":
            raise ValueError(
                "on_error='skip' leaves batches that do not divide among TensorFlow's replicas; "
                "take 'raise', or one device"
            )

    def divide(self, batches):
        return _DividingBatches(SharedBatches(batches, Share()), self.count)

    @contextlib.contextmanager
    def training(self, model, batches):
        with self.scope():
            variables.build(model, batches[0])
        average = [] if self._synchronize else moving_statistics(model)
        steps = {
            "train_step": functools.partial(_step, model, model.train_step, average),
            "test_step": functools.partial(_step, model, model.test_step, []),
        }
        with contextlib.ExitStack() as changed:
            if self._synchronize:
                for layer in batch_norms(model):
                    moments = functools.partial(_synchronized_moments, layer)
                    changed.enter_context(replaced(layer, _moments=moments))
            changed.enter_context(replaced(model, **steps))
            model.train_function = model.test_function = None  # to be made of these steps
            try:
                yield
            finally:
                model.train_function = model.test_function = None


class _DividingBatches(keras.utils.PyDataset):
    """Batches that divide among `devices`: one that does not is repeated for each of them.

    Args:
        batches: `SharedBatches`, of the whole batch.
        devices: how many.
    """

    def __init__(self, batches, devices):
        super().__init__()
        self.batches = batches
        self.devices = devices

    @property
    def epoch(self):
        return self.batches.epoch

    @epoch.setter
    def epoch(self, epoch):
        self.batches.epoch = epoch

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        """Images, labels, and whether each row counts, float32 of shape (rows,)."""
        images, labels, counts = self.batches[index]
        if len(images) % self.devices == 0:
            return images, labels, counts
        images, labels = (np.concatenate([array] * self.devices) for array in (images, labels))
        rows = len(counts)
        return images, labels, (np.arange(len(images)) < rows).astype(np.float32)


def _step(model, step, average, data):
    """One replica's step; rows that do not count leave no trace in the metrics."""
    images, labels, counts = data
    metrics = [variable.value for variable in model.metrics_variables]
    before = [tf.identity(value) for value in metrics]
    with tf.control_dependencies(before):
        logs = step((images, labels))
    for value, old in zip(metrics, before, strict=True):
        value.assign(old + counts[0] * (value - old))
    if average:
        replica = tf.distribute.get_replica_context()
        values = [tf.identity(variable.value) for variable in average]
        means = replica.all_reduce(tf.distribute.ReduceOp.MEAN, values)
        for variable, mean in zip(average, means, strict=True):
            variable.value.assign(mean)
    return logs


@functools.cache
def _strategy(names):
    """One for all of this process: the exchanges of a second one bear the same numbers."""
    return tf.distribute.MirroredStrategy(names)


def _synchronized_moments(layer, inputs, mask):
    if mask is not None:
        raise ValueError(
            f"batch norm {layer.name!r} has a mask, with which it can't be synchronised; leave "
            "synchronize_batch_norm out"
        )
    return keras.ops.moments(inputs, axes=layer._reduction_axes, synchronized=True)


def present(wanted):
    """Names of the devices asked for: GPUs, or parts of the processor.

    Raises:
        ValueError: if there are fewer, or TensorFlow has started with fewer parts.
    """
    if wanted.of_processor:
        return _parts_of_processor(wanted.count)
    names = [f"GPU:{number}" for number in range(len(tf.config.list_physical_devices("GPU")))]
    return chosen(wanted, names or ["CPU:0"], ", ".join(names or ["the processor"]))


def _parts_of_processor(count):
    (processor,) = tf.config.list_physical_devices("CPU")
    with contextlib.suppress(RuntimeError):  # it has started; perhaps with enough of them
        tf.config.set_logical_device_configuration(
            processor, [tf.config.LogicalDeviceConfiguration()] * count
        )
    present = len(tf.config.list_logical_devices("CPU"))
    if present < count:
        raise ValueError(
            f"TensorFlow has started with {present} device(s) of the processor, so there are no "
            f"{count}; open devices before the first tensor"
        )
    return [f"CPU:{number}" for number in range(count)]


def listed():
    """As `listing.listed`; TensorFlow does not say how large a GPU's memory is."""
    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    return [
        {"name": f"GPU:{number}", "kind": of_gpu.get("device_name", "GPU"), "memory": None}
        for number, of_gpu in enumerate(details)
    ] or [processor("CPU:0")]
