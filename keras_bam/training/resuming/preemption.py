"""SIGTERM: the machine is about to be taken away."""

import os
import signal
import threading
from contextlib import contextmanager

EXIT_CODE = 75  # EX_TEMPFAIL of BSD's sysexits: not now, try again


class Preempted(SystemExit):
    """Training stopped for SIGTERM, with a checkpoint to go on from.

    Uncaught, it ends the process with the exit code 75.
    """

    def __init__(self, message="training stopped for SIGTERM"):
        super().__init__(EXIT_CODE)
        self.message = message

    def __str__(self):
        return self.message


class StopRequest:
    """True once SIGTERM has come."""

    def __init__(self):
        self.received = False

    def __bool__(self):
        return self.received

    def __call__(self, number, frame):
        self.received = True


@contextmanager
def sigterm_as_request():
    """A `StopRequest` that SIGTERM sets; the handler from before is back when the block ends.

    Outside the main thread, where Python sets no handlers, it is never set. A forked data worker
    inherits the handler and still dies of the signal.
    """
    request, owner = StopRequest(), os.getpid()

    def handler(number, frame):
        if os.getpid() != owner:
            os._exit(128 + number)
        request(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield request
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)
