"""JAX: `keras.distribution.DataParallel` over the devices of one process, or of several."""

import contextlib
import itertools
import signal

import jax
import keras
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from keras_bam.data import Share, SharedBatches
from keras_bam.training.devices.listing import processor
from keras_bam.training.devices.one_device import Devices
from keras_bam.training.devices.spelling import chosen
from keras_bam.training.resuming import variables

# After so long without a sign of life a process is lost; so long it waits for others at its end.
_SECONDS_OF_SILENCE = 20
_GATHERED = itertools.count()  # how often in this process


class JaxDevices(Devices):
    """Variables on every device, the rows of a batch divided; batch norm sees the whole batch.

    Args:
        devices: `jax.Device`s, of all processes.
    """

    def __init__(self, devices):
        self.count = len(devices)
        self.processes, self.process = jax.process_count(), jax.process_index()
        names = [f"{device.platform}:{device.id}" for device in devices]
        self._distribution = keras.distribution.DataParallel(
            devices=names, auto_shard_dataset=False
        )
        self._mesh = self._distribution.device_mesh.backend_mesh

    def scope(self):
        return self._distribution.scope()

    def check(self, model, recipe, on_error="raise"):
        super().check(model, recipe, on_error)
        if not all(_lies_on(variable, self._mesh) for variable in model.variables):
            raise ValueError(
                f"model {model.name!r} was built on one device; build it within devices.scope()"
            )
        if on_error == "skip" and self.processes > 1:
            raise ValueError(
                "on_error='skip' would leave some of the JAX processes with fewer rows; take "
                "'raise', or one process"
            )

    def divide(self, batches):
        share = Share(self.process, self.processes, self.count)
        return _PlacedBatches(SharedBatches(batches, share), self._mesh)

    @contextlib.contextmanager
    def training(self, model, batches):
        with self.scope():
            variables.build(model, batches[0])
            model.make_train_function(force=True)
            model.make_test_function(force=True)
        # The batches lie on their devices: Keras, which divides them only evenly, leaves them.
        try:
            yield
        finally:
            model.train_function = model.test_function = None

    def agreeing(self, asked):
        # Several processes have no exchange in a step that Python sees.
        return super().agreeing(asked) if self.processes == 1 else _ended_by_sigterm()

    def gather(self, text):
        """Through the coordinator, where one may wait for as long as the other process lives."""
        if self.processes == 1:
            return [text]
        # Not public, but what JAX's own libraries of checkpoints use.
        from jax._src.distributed import global_state

        number = next(_GATHERED)
        keys = [f"keras_bam/{number}/{process}" for process in range(self.processes)]
        global_state.client.key_value_set(keys[self.process], text)
        return [global_state.client.blocking_key_value_get(key, 2**31 - 1) for key in keys]


class _PlacedBatches(keras.utils.PyDataset):
    """Batches as JAX arrays: rows divided among the devices, or whole on each of them.

    Args:
        batches: the `SharedBatches` of this process.
        mesh: of all devices, in one line.
    """

    def __init__(self, batches, mesh):
        super().__init__()
        self.batches = batches
        self._divided = NamedSharding(mesh, PartitionSpec(mesh.axis_names[0]))
        self._whole = NamedSharding(mesh, PartitionSpec())

    @property
    def epoch(self):
        return self.batches.epoch

    @epoch.setter
    def epoch(self, epoch):
        self.batches.epoch = epoch

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        images, labels, _ = self.batches[index]
        of_this_process = self._divided.mesh.local_devices
        divides = self.batches.divides(index) and len(images) % len(of_this_process) == 0
        sharding = self._divided if divides else self._whole
        return tuple(
            jax.make_array_from_process_local_data(sharding, np.asarray(array))
            for array in (images, labels)
        )


@contextlib.contextmanager
def _ended_by_sigterm():
    """SIGTERM ends the process, as it does by default; gives False."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield False
    finally:
        signal.signal(signal.SIGTERM, before)


def _lies_on(variable, mesh):
    return variable.value.sharding.device_set == set(mesh.devices.flat)


def limit_to_processor(count):
    """That many virtual devices of the processor, and no others; before JAX starts.

    Raises:
        ValueError: if JAX has started with fewer.
    """
    try:
        jax.config.update("jax_platforms", "cpu")
        jax.config.update("jax_num_cpu_devices", count)
    except RuntimeError:  # it has started; perhaps with enough of them
        present = len(jax.local_devices(backend="cpu"))
        if present < count:
            raise ValueError(
                f"JAX has started with {present} device(s) of the processor, so there are no "
                f"{count}; open devices before the first tensor, or set "
                f"XLA_FLAGS=--xla_force_host_platform_device_count={count} before the start"
            ) from None


def present(wanted):
    """The `jax.Device`s asked for: so many of each process.

    Raises:
        ValueError: if a process has fewer.
    """
    of_processes: dict[int, list] = {}
    for device in jax.devices("cpu") if wanted.of_processor else jax.devices():
        of_processes.setdefault(device.process_index, []).append(device)
    return [
        device
        for devices in of_processes.values()
        for device in chosen(wanted, devices, ", ".join(map(str, devices)))
    ]


def join(coordinator, processes, process):
    """Makes this process one of several; before anything else of JAX.

    Args:
        coordinator: host:port of the first process, or "cluster" where SLURM, Open MPI or
            Kubernetes says it, and how many there are.
        processes: how many, or None where the cluster says it.
        process: which one this is, from 0, or None.
    """
    if jax.distributed.is_initialized():
        return
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(
        None if coordinator == "cluster" else coordinator,
        processes,
        process,
        heartbeat_timeout_seconds=_SECONDS_OF_SILENCE,
        shutdown_timeout_seconds=_SECONDS_OF_SILENCE,
    )


def listed():
    """As `listing.listed`."""
    return [
        processor(str(device)) if device.platform == "cpu" else _described(device)
        for device in jax.devices()
    ]


def _described(device):
    memory = (device.memory_stats() or {}).get("bytes_limit")  # what JAX takes of it
    return {"name": str(device), "kind": device.device_kind, "memory": memory}
