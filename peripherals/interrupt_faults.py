"""`InterruptFaults`: requests of interrupt lines that are lost or come late, on order, to test firmware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import Clock


class InterruptFaults:
    """Between the blocks and the interrupt controller; without an order it is not asked.

    A request that is lost is the rise of a level: the block's next request comes through, also if the level
    has not fallen since. One that is late is forgotten if the level falls before.
    """

    def __init__(self, clock: Clock, let_through: Callable[[int, str], None]) -> None:
        """`let_through` gets the line and the source whose request was late."""
        self._let_through = let_through
        self._orders: list[tuple[int, int]] = []  # line, and how late; 0 ns: it is lost
        self._late: tuple[int, str] | None = None
        self._due = Deadline(clock, self._come)

    @property
    def is_active(self) -> bool:
        """Whether there is anything to ask it for."""
        return bool(self._orders) or self._late is not None

    def order(self, line: int, late_ns: int, count: int) -> None:
        """Have the next requests of a line come so late; 0: not at all."""
        self._orders += [(line, late_ns)] * count

    def takes(self, line: int, source: str, *, level: bool) -> bool:
        """Whether what a source says about its line goes no further."""
        if self._late == (line, source):
            if not level:
                self._forget_late()
            return True
        order = next((each for each in self._orders if each[0] == line), None)
        if not level or order is None:
            return False
        self._orders.remove(order)
        if order[1]:
            if self._late is not None:  # one at a time
                self._come()
            self._late = line, source
            self._due.schedule(order[1])
        return True

    def reset(self) -> None:
        """Forget all orders."""
        self._orders.clear()
        self._forget_late()

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        return {"orders": self._orders[:], "late": self._late, "due": self._due.save()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; the clock must be back already."""
        self._orders[:] = snapshot["orders"]
        self._late = snapshot["late"]
        self._due.restore(snapshot["due"])

    def _come(self) -> None:
        late = self._late
        self._forget_late()
        if late is not None:
            self._let_through(*late)

    def _forget_late(self) -> None:
        self._late = None
        self._due.cancel()
