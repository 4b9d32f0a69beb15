"""Starting `keras-bam` anew under torchrun, one process a device."""

import os
import signal

import torch
from torch.distributed import run
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from keras_bam.training.resuming import EXIT_CODE


def launch(wanted, count, arguments):
    """Runs `keras-bam` with `arguments` in `count` processes; waits for them to end.

    Once one of them fails, torchrun ends the others. It passes SIGTERM and Ctrl-C on to all, and
    gives them half a minute to save and end.

    Args:
        wanted: the `Wanted` devices.
        count: how many they are.
        arguments: of the command line, without the program's name.

    Returns:
        The exit status: 0, or that of the process that failed first; `EXIT_CODE` after SIGTERM.
    """
    if wanted.of_processor or not torch.cuda.is_available():
        os.environ["KERAS_TORCH_DEVICE"] = "cpu"
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // count)))
    of_torchrun = ["--standalone", "--nproc-per-node", str(count), "-m", "keras_bam"]
    try:
        run.run(run.parse_args([*of_torchrun, *arguments]))
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        code = failure.exitcode
        return code if code >= 0 else 128 - code  # as a shell tells a signal
    except SignalException as received:
        return EXIT_CODE if received.sigval == signal.SIGTERM else 128 + received.sigval
    return 0
