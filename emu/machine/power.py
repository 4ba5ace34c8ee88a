"""The chip's power, its resets, and how it starts after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emu.machine.board import Board
from peripherals.flash_operation import FlashOperation, Phase, PowerCut
from peripherals.framework.observers import Observers
from peripherals.framework.reset import ResetCause

Boot = Callable[[ResetCause], str | None]
"""What happens between a reset and the first instruction; not None: why there is nothing to execute."""


class Power:
    """Powered on at first, but not yet started: `start` boots what a reset has left to boot."""

    def __init__(self, board: Board, boot: Boot, keep_error: Callable[[BaseException], None]) -> None:
        self.boot = boot
        self.is_on = True
        self.refusal: str | None = None
        """Why the mask ROM waits for a download."""
        self.requested: ResetCause | None = None
        """The reset that the chip wants to make."""
        self.observers = Observers[[ResetCause]](keep_error=keep_error)
        """Told of every reset, before the chip boots again."""
        self._board = board
        self._starting: ResetCause | None = ResetCause.POWER_ON
        self._cuts: list[tuple[int, Phase]] = []  # how many operations are left until each
        board.flash.observers.internal.append(self._count_down)
        board.soc.on_reset_request = self._request_reset

    @property
    def is_starting(self) -> bool:
        """Whether the chip has not booted since its reset."""
        return self._starting is not None

    def reset(self, cause: ResetCause) -> None:
        """Reset the chip. Flash, RAM and always-on domain stay as the cause says."""
        self.requested = None
        self._board.reset(cause)
        self._starting = cause
        self.observers(cause)

    def cycle(self) -> None:
        """Take the power away and give it back: only the flash stays."""
        self.is_on = True
        self.reset(ResetCause.POWER_ON)

    def cut_at_flash_operation(self, number: int, phase: Phase) -> None:
        """Raise PowerCut at the flash operation of that number, counted from 1 and from now on."""
        self._cuts.append((number, phase))

    def start(self) -> None:
        """Boot, if that has to be done."""
        if self._starting is not None:
            cause, self._starting = self._starting, None
            self.refusal = self.boot(cause)

    def save(self) -> dict[str, Any]:
        """Take a snapshot, between runs."""
        return {
            "is_on": self.is_on,
            "refusal": self.refusal,
            "requested": self.requested,
            "starting": self._starting,
            "cuts": self._cuts[:],
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot, between runs; nobody is told."""
        self.is_on, self.refusal = snapshot["is_on"], snapshot["refusal"]
        self.requested, self._starting = snapshot["requested"], snapshot["starting"]
        self._cuts = snapshot["cuts"][:]

    def _count_down(self, operation: FlashOperation) -> None:
        if self._cuts:
            left = [(number - (operation.phase is phase), phase) for number, phase in self._cuts]
            self._cuts = [cut for cut in left if cut[0]]
            if len(self._cuts) < len(left):
                raise PowerCut

    def _request_reset(self, cause: ResetCause) -> None:
        self.requested = cause
        self._board.core.stop()
