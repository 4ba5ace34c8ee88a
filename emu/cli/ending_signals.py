"""Signals that ask a command to end: Ctrl-C, SIGTERM, the terminal that goes away."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

PATIENCE_S: Final = 2.0
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")  # there are not all of them everywhere


class EndedBySignal(KeyboardInterrupt):
    """A signal asks for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class EndingSignals:
    """Raises EndedBySignal at the first of them, so that everything is put in order on the way out.

    Further ones do not disturb that, unless one comes so much later that something must have got stuck. What
    is ignored from the start (nohup) stays so.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        """The first signal."""
        self._received_at_s = 0.0
        self._before: dict[int, Callable[[int, FrameType | None], Any] | int] = {}

    def __enter__(self) -> EndingSignals:
        for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
            before = signal.getsignal(number)
            if before is not None and before != signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._end)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def ignore(self) -> None:
        """Nothing is left to end but Python itself."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)
        self._before.clear()

    def _end(self, number: int, _frame: FrameType | None) -> None:
        now_s = time.monotonic()
        if self.received is None:
            self.received, self._received_at_s = number, now_s
        elif now_s - self._received_at_s < PATIENCE_S:
            return
        raise EndedBySignal(number)


def name_of(interruption: BaseException) -> str:
    """How the end is told."""
    if isinstance(interruption, EndedBySignal) and interruption.number != signal.SIGINT:
        return f"ended by {interruption}"
    return "interrupted"


def exit_code_of_signal(interruption: BaseException) -> int:
    """As shells count it."""
    number = interruption.number if isinstance(interruption, EndedBySignal) else signal.SIGINT
    return 128 + number
