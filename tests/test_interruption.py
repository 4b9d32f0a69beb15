import signal
import threading

import pytest

from keras_bam import cli, training
from keras_bam.interruption import noted_interrupts


def test_an_interrupt_is_raised_and_noted(sigint_as_in_a_terminal):
    before = signal.getsignal(signal.SIGINT)
    with noted_interrupts() as noted:
        assert noted == []
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert noted == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_handler_of_the_caller_stays(sigint_as_in_a_terminal):
    received = []
    signal.signal(signal.SIGINT, lambda number, frame: received.append(number))
    with noted_interrupts() as noted:
        signal.raise_signal(signal.SIGINT)
    assert (received, noted) == ([signal.SIGINT], [])


def test_in_another_thread(sigint_as_in_a_terminal):
    noted = []

    def work():
        with noted_interrupts() as interrupts:
            noted.append(interrupts)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert noted == [[]]


def test_a_library_that_turns_an_interrupt_into_its_own_error(
    sigint_as_in_a_terminal, monkeypatch, capsys
):
    def turned(*arguments, **options):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ValueError("initialization failed") from None

    monkeypatch.setattr(training, "fit", turned)
    assert cli.main(["fit", "digits"]) == 130
    assert capsys.readouterr().err == "keras-bam: interrupted; what was saved is whole\n"
