"""The devices of a run, on whichever backend."""

import importlib
import os

import keras

from keras_bam.training.devices import spelling
from keras_bam.training.devices.one_device import Devices

_PACKAGE = "keras_bam.training.devices"


def open_devices(
    devices="all",
    *,
    synchronize_batch_norm=False,
    coordinator=None,
    processes=None,
    process=None,
):
    """The devices to build, train and resume a model on: call it before the first tensor is made.

        devices = open_devices("cpu:4")
        with devices.scope():
            model = applications.CifarResNet50(classes=10, attention="bam")
        fit(model, dataset, recipe, run_dir, devices=devices)

    - JAX: `keras.distribution.DataParallel`; batch norm sees the whole batch.
    - TensorFlow: `MirroredStrategy` in one process; batch norm sees one device's share unless
      `synchronize_batch_norm` is set.
    - PyTorch: one process a device, all started by torchrun, as `keras-bam fit --devices N` does;
      batch norm as on TensorFlow.

    Args:
        devices: "all", a number, or "cpu:N" for N parts of the processor, to try things out. Under
            torchrun its number of processes, whatever is said here. Where JAX has several
            processes, "all" is those of all of them, and N is of each process.
        coordinator: host:port of the first of several JAX processes, or "cluster" where SLURM, Open
            MPI or Kubernetes says it.
        processes, process: of JAX, how many there are and which one this is, from 0; with
            "cluster" they may be left out.

    Raises:
        ValueError: for devices that do not exist, or options that the backend does not have.
    """
    wanted = spelling.parse(devices)
    backend = keras.backend.backend()
    _check_options(backend, synchronize_batch_norm, coordinator, processes, process)
    opened = {"jax": _of_jax, "tensorflow": _of_tensorflow, "torch": _of_torch}[backend]
    return opened(wanted, synchronize_batch_norm, coordinator, processes, process)


def run_in_processes(devices, arguments):
    """Runs `keras-bam` with `arguments` once a device, where PyTorch needs that.

    Args:
        devices: as in `open_devices`.
        arguments: of the command line, without the program's name.

    Returns:
        The exit status once all have ended; None if there is nothing to start, since there is one
        device, another backend, or torchrun has started this process.
    """
    wanted = spelling.parse(devices)
    if keras.backend.backend() != "torch":
        return None
    backend = importlib.import_module(f"{_PACKAGE}.torch_processes")
    count = backend.number_of(wanted)
    if count == 1 or backend.is_started():
        return None
    return importlib.import_module(f"{_PACKAGE}.launching").launch(wanted, count, arguments)


def _of_jax(wanted, synchronize_batch_norm, coordinator, processes, process):
    backend = importlib.import_module(f"{_PACKAGE}.jax_devices")
    if wanted.of_processor:
        backend.limit_to_processor(wanted.count)
    if coordinator is not None:
        backend.join(coordinator, processes, process)
    present = backend.present(wanted)
    return backend.JaxDevices(present) if len(present) > 1 else Devices()


def _of_tensorflow(wanted, synchronize_batch_norm, *_):
    backend = importlib.import_module(f"{_PACKAGE}.tensorflow_replicas")
    names = backend.present(wanted)
    return (
        backend.TensorFlowReplicas(names, synchronize_batch_norm) if len(names) > 1 else Devices()
    )


def _of_torch(wanted, synchronize_batch_norm, *_):
    backend = importlib.import_module(f"{_PACKAGE}.torch_processes")
    if backend.is_started():
        return backend.TorchProcesses(synchronize_batch_norm)
    count = backend.number_of(wanted)
    if count > 1:
        raise ValueError(
            f"PyTorch trains on {count} devices in as many processes: start this script with "
            f"torchrun --nproc-per-node {count} script.py; keras-bam fit --devices {count} does so "
            "itself"
        )
    return Devices()


def _check_options(backend, synchronize_batch_norm, coordinator, processes, process):
    if synchronize_batch_norm and backend == "jax":
        raise ValueError(
            "synchronize_batch_norm is for TensorFlow and PyTorch: on JAX batch norm sees the "
            "whole batch without it; leave it out"
        )
    several = coordinator is not None or "TF_CONFIG" in os.environ
    if several and backend == "tensorflow":
        raise ValueError(
            "several TensorFlow workers are not supported: MultiWorkerMirroredStrategy fails in "
            "Keras's fit (measured on 3.15.1: a batch of several workers is refused as PerReplica, "
            "and their logs can't be reduced). Take the backend torch under torchrun, jax with "
            "--coordinator, or TensorFlow on one machine, without TF_CONFIG"
        )
    if coordinator is not None and backend == "torch":
        raise ValueError(
            "coordinator is for JAX; on PyTorch torchrun brings the processes together: torchrun "
            "--nnodes N --rdzv-backend c10d --rdzv-endpoint HOST:PORT -m keras_bam fit ..."
        )
    if coordinator is None and (processes is not None or process is not None):
        raise ValueError("processes and process are nothing without coordinator; pass it too")
    if coordinator not in (None, "cluster") and (processes is None or process is None):
        raise ValueError(
            f"coordinator={coordinator!r} needs processes and process: how many there are, and "
            "which one this is; or pass 'cluster' where SLURM or Open MPI knows"
        )
