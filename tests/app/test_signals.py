"""Signals that end a worker: what they break off, and what they do not."""

import os
import signal

import pytest

from ctnas.app.signals import Breakable, Terminated


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)]
)
def test_signal_breaks_off_what_may_be_broken_off(
    number: signal.Signals, kind: type[BaseException]
) -> None:
    breakable = Breakable()
    with breakable.listening():
        with pytest.raises(KeyboardInterrupt) as caught:
            breakable.inside(lambda: send(number))
        assert breakable.asked()
    assert caught.type is kind


def test_everything_else_is_finished_first() -> None:
    breakable = Breakable()
    with breakable.listening():
        assert breakable.inside(lambda: 1) == 1
        send(signal.SIGTERM)
        assert breakable.asked()
        with pytest.raises(Terminated):
            breakable.inside(lambda: 1)
        with pytest.raises(Terminated):
            breakable.check()


def test_second_signal_is_left_to_the_system() -> None:
    breakable, before = Breakable(), signal.getsignal(signal.SIGINT)
    with breakable.listening():
        assert signal.getsignal(signal.SIGINT) != signal.SIG_DFL
        send(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) == before
