"""Ctrl-C, whatever becomes of the exception that tells of it."""

import contextlib
import signal
import threading


@contextlib.contextmanager
def noted_interrupts():
    """-> a list that every Ctrl-C in this block makes longer; each raises KeyboardInterrupt too.

    That exception can get lost: below a finaliser Python only prints it, and where it falls into
    a library's C++ or clean-up code another exception takes its place (TensorFlow: "Exiting device
    scope without proper scope nesting").
    """
    noted = []

    def note(number, frame):
        noted.append(number)
        signal.default_int_handler(number, frame)

    before = signal.getsignal(signal.SIGINT)
    # Another handler is the caller's, and other threads get no signals.
    ours = before is signal.default_int_handler
    if not ours or threading.current_thread() is not threading.main_thread():
        yield noted
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)
