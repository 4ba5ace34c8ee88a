"""A block of the chip that has no model yet."""

from __future__ import annotations

from peripherals.framework.environment import Environment, Line
from peripherals.framework.peripheral import Peripheral


class Absent(Peripheral):
    """Answers reads with 0, drops writes, reports both by name and offset; its interrupt lines stay low."""

    def __init__(self, name: str, environment: Environment, *_: Line) -> None:
        super().__init__(name, environment)
