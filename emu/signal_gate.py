"""Keeps the handlers of signals waiting while something must not be left halfway."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

PATIENCE_S: Final = 5.0
_NAMES = (
    *("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK", "SIGALRM", "SIGVTALRM", "SIGPROF"),
    *("SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGXCPU"),
)
_SIGNALS: Final[tuple[signal.Signals, ...]] = tuple(
    getattr(signal, name) for name in _NAMES if hasattr(signal, name)
)
_Handler = Callable[[int, FrameType | None], Any]


class SignalGate:
    """While it is shut, Python's signal handlers wait: they could raise an exception between any two steps.

    Whose handlers they are does not matter: Ctrl-C's, those of a test's time limit. `on_waiting` is called
    for one that has to wait, between any two steps. One that has waited for `patience_s` is let through:
    whatever hangs there has to be left. Handlers run in the main thread; a gate in another one does nothing.
    """

    def __init__(self, on_waiting: Callable[[], None] = lambda: None, patience_s: float = PATIENCE_S) -> None:
        self._on_waiting = on_waiting
        self._patience_s = patience_s
        self._handlers: dict[int, _Handler] = {}
        self._waiting: dict[int, float] = {}  # signals, and since when
        self._is_shut = False
        self._depth = 0
        self._has_watchdog = False

    def __enter__(self) -> SignalGate:
        if self._depth == 0 and threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                handler = signal.getsignal(number)
                if callable(handler) and handler != self._note:  # of C, or none: cannot raise anything
                    self._handlers[number] = handler
                    signal.signal(number, self._note)
            self._is_shut = True
        self._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._is_shut = False  # handlers may raise anywhere now: a `_note` left behind passes signals on
            try:
                self._restore()
            finally:
                self._pass_on()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let signals through for a while, first those that wait: a handler's exception is raised here."""
        was_shut = self._is_shut
        self._is_shut = False
        try:
            self._pass_on()
            yield
        finally:
            self._is_shut = was_shut

    def let_through(self) -> None:
        """Let those through that wait; what a handler raises is raised here."""
        if self._waiting:
            with self.opened():
                pass

    def _restore(self) -> None:
        for number, handler in self._handlers.items():
            if signal.getsignal(number) == self._note:  # nobody has replaced it meanwhile
                signal.signal(number, handler)

    def _pass_on(self) -> None:
        while self._waiting:
            number = next(iter(self._waiting))
            del self._waiting[number]
            try:
                self._handlers[number](number, sys._getframe())
            finally:
                self._pass_on()  # each is heard, whatever the others raise

    def _note(self, number: int, frame: FrameType | None) -> None:
        since_s = self._waiting.get(number)
        if not self._is_shut or (since_s is not None and time.monotonic() - since_s >= self._patience_s):
            self._waiting.pop(number, None)
            self._handlers[number](number, frame)
            return
        if since_s is None:
            self._waiting[number] = time.monotonic()
        if not self._has_watchdog:
            self._has_watchdog = True
            _thread.start_new_thread(self._insist, ())  # no Timer: its locks may be held where we are
        self._on_waiting()

    def _insist(self) -> None:
        """Repeat signals that have waited for too long: whatever blocks the main thread has to be ended."""
        while self._waiting:
            time.sleep(self._patience_s)
            for number, since_s in list(self._waiting.items()):
                if time.monotonic() - since_s >= self._patience_s:
                    _repeat(number)
        self._has_watchdog = False


def _repeat(number: int) -> None:
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)
