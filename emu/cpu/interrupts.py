"""What the CPU core needs of the interrupt controller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class InterruptController(Protocol):
    """Decides what is to be delivered; PSR.EE and PSR.IE are the core's business."""

    on_change: Callable[[], None]
    """Called when something new waits to be delivered or to end a sleep."""

    on_look: Callable[[], None]
    """Called before anything depends on which handlers are active: a return may not have been told yet."""

    @property
    def completes_quietly(self) -> bool:
        """Whether nothing comes of `complete` until `on_change`: a task switch was acknowledged last."""
        ...

    @property
    def chains_quietly(self) -> bool:
        """Whether a task switch follows the handler that runs, and nothing else comes until `on_change`."""
        ...

    def pending_vector(self) -> int | None:
        """The vector to deliver now: more urgent than the active ones. None if there is none."""

    def wakeup_pending(self) -> bool:
        """Whether something pending ends wait, doze and stop."""
        ...

    def acknowledge(self, vector: int) -> None:
        """The core enters the handler: the interrupt is active now, no longer pending."""

    def chain(self, vector: int) -> None:
        """`complete` and `acknowledge` in one."""

    def complete(self) -> None:
        """The core has left the handler entered last."""
