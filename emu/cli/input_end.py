"""Ends a run when standard input has ended and nothing comes of it any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emu.host.pipe_input import PipeInput
from emu.machine import Machine


class InputEnd:
    """An attendant that quits once one UART has been quiet for a while behind the end of its input."""

    def __init__(self, machine: Machine, uart: int, pipe: PipeInput, quiet_ns: int) -> None:
        self.has_come = False
        """Whether it has ended the run."""
        self.quit: Callable[[], None] = lambda: None
        self._machine = machine
        self._port = machine.uarts[uart]
        self._pipe = pipe
        self._quiet_ns = quiet_ns
        self._active_ns: int | None = None
        self._port.listeners.append(self._sent)

    @property
    def descriptors(self) -> Sequence[int]:
        """None: a thread reads."""
        return ()

    def attend(self) -> None:
        """Look whether it is time."""
        now_ns = self._machine.now_ns
        if not self._pipe.has_ended or self._port.queued or self._active_ns is None:
            self._active_ns = now_ns
        elif now_ns - self._active_ns >= self._quiet_ns:
            self.has_come = True
            self.quit()

    def _sent(self, time_ns: int, _byte: int) -> None:
        self._active_ns = time_ns
