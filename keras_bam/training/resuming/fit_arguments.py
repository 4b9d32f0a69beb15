"""What a fit that resumes exactly can take."""

import keras

_PASSED_ON = (
    "validation_data",
    "validation_freq",
    "validation_steps",
    "validation_batch_size",
    "class_weight",
)


def check(model, x, callbacks, arguments, devices):
    """Raises ValueError for what can't be resumed exactly."""
    for name in arguments:
        if name not in _PASSED_ON:
            raise ValueError(
                f"{name} can't be passed to a fit that resumes exactly; it takes epochs, verbose, "
                f"callbacks, {', '.join(_PASSED_ON)}"
            )
    if not isinstance(x, keras.utils.PyDataset):
        raise ValueError(
            "x must be a keras.utils.PyDataset, whose batches can be had by index, received "
            f"{type(x).__name__}; wrap it, or take keras_bam.data.Batches"
        )
    _check_order(x)
    if not model.compiled:
        raise ValueError(f"model {model.name!r} must be compiled; call model.compile first")
    if model.steps_per_execution != 1:
        raise ValueError(
            f"steps_per_execution must be 1, received {model.steps_per_execution}: a checkpoint "
            "lies between two steps; compile the model without it"
        )
    if getattr(model, "_distribute_strategy", None) is not None and devices.count == 1:
        raise ValueError(
            f"model {model.name!r} was built under a tf.distribute strategy, whose variables are "
            "several; build it within the scope of devices, and pass them"
        )
    if any(isinstance(callback, keras.callbacks.BackupAndRestore) for callback in callbacks):
        raise ValueError("callbacks has a BackupAndRestore, which resumes too; leave it out")


def _check_order(x):
    if x.num_batches is None:
        raise ValueError("x must have a length, received a data set without end")
    if x.use_multiprocessing:
        raise ValueError(
            "x has use_multiprocessing=True, received with Keras's queues, which do not know the "
            "epoch; leave it out, workers are threads then"
        )
    ends = type(x).on_epoch_end is not keras.utils.PyDataset.on_epoch_end
    begins = type(x).on_epoch_begin is not keras.utils.PyDataset.on_epoch_begin
    if (ends or begins) and not hasattr(x, "epoch"):
        raise ValueError(
            f"x, a {type(x).__name__}, changes in on_epoch_begin or on_epoch_end, which a run that "
            "goes on can't repeat; shuffle by (seed, epoch) where its attribute epoch is set"
        )
