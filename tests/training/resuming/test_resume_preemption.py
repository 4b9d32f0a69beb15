import os
import signal
import threading

import pytest

from keras_bam.training import EXIT_CODE, Preempted
from keras_bam.training.resuming.preemption import sigterm_as_request


def test_sigterm_sets_the_request_and_the_old_handler_comes_back():
    before = signal.getsignal(signal.SIGTERM)
    with sigterm_as_request() as request:
        assert not request
        signal.raise_signal(signal.SIGTERM)
        assert request
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_exit_code():
    with pytest.raises(SystemExit) as caught:
        raise Preempted
    assert caught.value.code == EXIT_CODE == 75
    assert str(caught.value) == "training stopped for SIGTERM"


def test_outside_the_main_thread_nothing_is_set():
    before, found = signal.getsignal(signal.SIGTERM), []

    def look():
        with sigterm_as_request() as request:
            found.append((bool(request), signal.getsignal(signal.SIGTERM)))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [(False, before)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_forked_worker_still_dies_of_it():
    with sigterm_as_request() as request:
        child = os.fork()
        if not child:
            signal.raise_signal(signal.SIGTERM)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 128 + signal.SIGTERM and not request
