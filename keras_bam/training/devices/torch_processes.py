"""PyTorch: one process a device, started by torchrun."""

import contextlib
import datetime
import functools
import itertools
import os
import time

import numpy as np
import torch
from torch import distributed

from keras_bam.data import Share, SharedBatches
from keras_bam.training.devices.batch_norms import moving_statistics
from keras_bam.training.devices.listing import processor
from keras_bam.training.devices.one_device import OF_THE_SHARE, Devices
from keras_bam.training.devices.replaced import replaced
from keras_bam.training.devices.spelling import chosen
from keras_bam.training.devices.torch_batch_norm import synchronized_batch_norm
from keras_bam.training.devices.torch_step import SummedStep
from keras_bam.training.resuming import variables

# A process that another waits for in a step, for so long, is lost.
_SECONDS_IN_A_STEP = 50
_GATHERED = itertools.count()  # how often in this process
_SEEDS_APART = 0x9E3779B1  # so that no two processes draw the same numbers, now or later


def is_started():
    """Whether torchrun has started this process."""
    return distributed.is_torchelastic_launched()


def number_of(wanted):
    """How many processes the devices asked for are.

    Raises:
        ValueError: if there are fewer GPUs.
    """
    if wanted.of_processor:
        return wanted.count
    names = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return len(chosen(wanted, names or ["cpu"], ", ".join(names or ["the processor"])))


class TorchProcesses(Devices):
    """This process among those of torchrun, on one machine or on several.

    Args:
        synchronize_batch_norm: take mean and variance over the whole batch.

    Raises:
        ValueError: if the machine has fewer GPUs than processes.
    """

    batch_norm = OF_THE_SHARE

    def __init__(self, synchronize_batch_norm=False):
        # Not asked with a tensor, which would take memory of the first GPU for every process.
        on_gpu = torch.cuda.is_available() and os.environ.get("KERAS_TORCH_DEVICE") != "cpu"
        if on_gpu:
            _take_gpu(int(os.environ["LOCAL_RANK"]))
        self._store, self.process, self.processes = _join("nccl" if on_gpu else "gloo")
        self.count = self.processes
        self._synchronize = synchronize_batch_norm
        if synchronize_batch_norm:
            self.batch_norm = Devices.batch_norm

    def divide(self, batches):
        return SharedBatches(batches, Share(self.process, self.processes))

    @contextlib.contextmanager
    def training(self, model, batches):
        variables.build(model, batches[0])
        self._share_variables(model)
        average = [] if self._synchronize else moving_statistics(model)
        step = self._step = SummedStep(model, rows=len(batches[0][0]), average=average)
        with contextlib.ExitStack() as changed:
            if self._synchronize:
                changed.enter_context(synchronized_batch_norm(model))
            of_optimizer = {"scale_loss": step.scale_loss, "apply": step.apply}
            changed.enter_context(replaced(model.optimizer, **of_optimizer))
            changed.enter_context(replaced(model, train_step=step.train, test_step=step.test))
            yield

    def after_restoring(self, model):
        self._share_variables(model)

    def threads(self, wanted):
        return wanted or max(1, (os.cpu_count() or 1) // int(os.environ["LOCAL_WORLD_SIZE"]))

    @contextlib.contextmanager
    def agreeing(self, asked):
        self._step.asked = asked
        yield self._step.agreed

    def gather(self, text):
        """Through the store, in which one may wait for as long as another process lives."""
        number = next(_GATHERED)
        keys = [f"keras_bam/{number}/{process}" for process in range(self.processes)]
        self._store.set(keys[self.process], text)
        for key in keys:
            while not self._store.check([key]):
                time.sleep(0.05)
        return [self._store.get(key).decode() for key in keys]

    def _share_variables(self, model):
        """Those of the first process for all, but for seeds, which are apart by process."""
        for variable in [*model.variables, *model.optimizer.variables]:
            value = variable.value.data
            distributed.broadcast(value, src=0)
            if variable.name == "seed_generator_state":
                seed = variable.numpy().astype(np.int64)
                seed[0] = (seed[0] + self.process * _SEEDS_APART) % 2**32
                variable.assign(seed)


@functools.cache
def _join(collectives):
    """Once a process: the store, this process's number, and how many there are."""
    store, process, processes = next(distributed.rendezvous("env://"))
    distributed.init_process_group(
        collectives,
        store=distributed.PrefixStore("keras_bam", store),
        rank=process,
        world_size=processes,
        timeout=datetime.timedelta(seconds=_SECONDS_IN_A_STEP),
    )
    return store, process, processes


def _take_gpu(number):
    present = torch.cuda.device_count()
    if number >= present:
        raise ValueError(
            f"this machine has {present} GPU(s), and torchrun has started a process for GPU "
            f"{number} (counted from 0); start it with --nproc-per-node {present}"
        )
    torch.cuda.set_device(number)


def listed():
    """As `listing.listed`."""
    gpus = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
    return [
        {"name": f"cuda:{number}", "kind": gpu.name, "memory": gpu.total_memory}
        for number, gpu in enumerate(gpus)
    ] or [processor("cpu")]
