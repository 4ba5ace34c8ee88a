"""What the CPU core needs of the interrupt controller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class InterruptController(Protocol):
    """Decides what is to be delivered; PSR.EE and PSR.IE are the core's business."""

    on_change: Callable[[], None]
    """Called when something new waits to be delivered or to end a sleep."""

    def pending_vector(self) -> int | None:
        """The vector to deliver now: more urgent than the active ones. None if there is none."""

    def wakeup_pending(self) -> bool:
        """Whether something pending ends wait, doze and stop."""
        ...

    def acknowledge(self, vector: int) -> None:
        """The core enters the handler: the interrupt is active now, no longer pending."""

    def complete(self) -> None:
        """The core has left the handler entered last."""
