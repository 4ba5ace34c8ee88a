"""The chip's power, its resets, and how it starts after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from emu.machine.board import Board
from emu.machine.boot_chain import Outcome
from peripherals.flash_operation import FlashOperation, Phase, PowerCut
from peripherals.framework.observers import Observers
from peripherals.framework.reset import ResetCause


class Boot(Protocol):
    """What happens between a reset and the first instruction."""

    @property
    def refusal(self) -> str | None:
        """Why the mask ROM waits for a download; None: it does not."""
        ...

    def begin(self) -> None:
        """The chip was reset."""

    def give_up(self, letter: str) -> None:
        """The firmware's own bootloader gives the chip back to the mask ROM."""

    def go_on(self, cause: ResetCause, until_ns: int | None) -> Outcome:
        """Boot on, up to a time."""
        ...

    def save(self) -> dict[str, Any]:
        """Take a snapshot."""
        ...

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""


class Power:
    """Powered on at first, but not yet started: `boot_on` boots what a reset has left to boot."""

    def __init__(self, board: Board, boot: Boot, keep_error: Callable[[BaseException], None]) -> None:
        self.boot = boot
        self.is_on = True
        self.waits_for_download = False
        """Whether somebody may send one: else a run ends where the mask ROM waits for it."""
        self.requested: ResetCause | None = None
        """The reset that the chip wants to make."""
        self.observers = Observers[[ResetCause]](keep_error=keep_error)
        """Told of every reset, before the chip boots again."""
        self._board = board
        self._booting: ResetCause | None = ResetCause.POWER_ON
        self._has_begun = False
        self._cuts: list[tuple[int, Phase]] = []  # how many operations are left until each
        board.flash.observers.internal.append(self._count_down)
        board.soc.on_reset_request = self._request_reset

    @property
    def is_starting(self) -> bool:
        """Whether nothing has happened since the reset."""
        return self._booting is not None and not self._has_begun

    @property
    def is_booting(self) -> bool:
        """Whether the CPU does not execute yet."""
        return self._booting is not None

    @property
    def refusal(self) -> str | None:
        """Why the mask ROM waits for a download; None: it does not."""
        return self.boot.refusal

    def reset(self, cause: ResetCause) -> None:
        """Reset the chip. Flash, RAM and always-on domain stay as the cause says."""
        self.requested = None
        self._board.reset(cause)
        self._booting, self._has_begun = cause, False
        self.boot.begin()
        self.observers(cause)

    def cycle(self) -> None:
        """Take the power away and give it back: only the flash stays."""
        self.is_on = True
        self.reset(ResetCause.POWER_ON)

    def cut_at_flash_operation(self, number: int, phase: Phase) -> None:
        """Raise PowerCut at the flash operation of that number, counted from 1 and from now on."""
        self._cuts.append((number, phase))

    def boot_on(self, until_ns: int | None) -> None:
        """Boot, up to a time."""
        assert self._booting is not None
        self._has_begun = True
        match self.boot.go_on(self._booting, until_ns):
            case Outcome.STARTED:
                self._booting = None
            case Outcome.RESTARTS:
                self.reset(ResetCause.WATCHDOG)

    def give_up(self, letter: str) -> None:
        """The firmware's own bootloader gives the chip back to the mask ROM, with a letter to tell."""
        self._booting, self._has_begun = ResetCause.WATCHDOG, True
        self.boot.give_up(letter)

    def save(self) -> dict[str, Any]:
        """Take a snapshot, between runs."""
        return {
            "is_on": self.is_on,
            "requested": self.requested,
            "booting": self._booting,
            "has_begun": self._has_begun,
            "boot": self.boot.save(),
            "cuts": self._cuts[:],
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot, between runs; nobody is told."""
        self.is_on, self.requested = snapshot["is_on"], snapshot["requested"]
        self._booting, self._has_begun = snapshot["booting"], snapshot["has_begun"]
        self.boot.restore(snapshot["boot"])
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
