"""I2C master, by default with nothing on its wires.

Layout: wm_i2c_reg_struct.h, wm_ll_i2c.h; how it is driven: wm_hal_i2c.c (all wm_iot_sdk).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntFlag
from typing import Protocol

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.fields import reserved, ro, rw
from peripherals.framework.outlook import STEADY, Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

PULLED_UP = 0xFF
"""What is read where nobody answers."""


class Command(IntFlag):
    """What a write to `command_status` asks for."""

    START = 1 << 7
    STOP = 1 << 6
    READ = 1 << 5
    WRITE = 1 << 4
    NOT_ACKNOWLEDGE = 1 << 3
    ACKNOWLEDGE_INTERRUPT = 1 << 0


# As plain numbers, for each byte of a display asks for them.
START, STOP, READ, WRITE, NOT_ACKNOWLEDGE, ACKNOWLEDGE_INTERRUPT = (int(each) for each in Command)
ENABLE, MASKED = 1 << 7, 1 << 6
"""Of the control register."""
ACTIONS = START | STOP | READ | WRITE
NOT_ACKNOWLEDGED, BUSY, IN_PROGRESS, DONE = 1 << 7, 1 << 6, 1 << 1, 1 << 0
"""Of the status."""
_BITS = tuple(
    9 * bool(command & (READ | WRITE)) + bool(command & START) + bool(command & STOP)
    for command in range(ACTIONS + 1)
)
"""How many bits what a command asks for takes."""


class I2cWires(Protocol):
    """What is on the two wires: all calls come when the bits are over."""

    def start(self) -> None:
        """See a start condition, perhaps a repeated one."""

    def write(self, byte: int) -> bool:
        """Take a byte, behind a start the address; True if somebody acknowledges it."""
        ...

    def read(self, *, is_acknowledged: bool) -> int:
        """Give a byte, which the master acknowledges unless it is the last."""
        ...

    def stop(self) -> None:
        """See a stop condition."""

    def stretch_ns(self) -> int:
        """How long a slave holds the clock low from now on; it tells once."""
        ...


class NothingConnected:
    """Wires that are pulled up."""

    def start(self) -> None:
        """Go unseen."""

    def write(self, byte: int) -> bool:
        """Go unheard."""
        return False

    def read(self, *, is_acknowledged: bool) -> int:
        """Give what nobody pulls down."""
        return PULLED_UP

    def stop(self) -> None:
        """Go unseen."""

    def stretch_ns(self) -> int:
        """Nobody holds the clock."""
        return 0


class I2c(Peripheral):
    """Sends and receives at the speed of the bus, with who is on its `wires`.

    `stall` is called with the time when what is under way will be over if software polls for that; the
    machine may let time pass up to there, as long as nothing else happens. Without it, software polls.
    """

    # fmt: off
    class Divider(Register):
        byte             = rw(7, 0)

    class Control(Register):
        enable           = rw(7)
        interrupt_masked = rw(6, doc="wm_ll_i2c.h: 0 to have interrupts, against the header")

    class Data(Register):
        byte             = rw(7, 0, "written: to be sent; read: received")

    class CommandStatus(Register):
        not_acknowledged = ro(7, doc="what is written to this register is a Command")
        busy             = ro(6, doc="between start and stop")
        arbitration_lost = ro(5)
        command          = reserved(4, 3, "two more bits of it")
        in_progress      = ro(1)
        done             = ro(0, doc="raises the interrupt")

    class LastData(Register):
        byte             = ro(7, 0)

    class LastCommand(Register):
        byte             = ro(7, 0)

    divider        = at(0x00, Divider, "low byte, high byte", count=2, reset=0xFF)
    control        = at(0x08, Control, reset=0x40)
    data           = at(0x0C, Data)
    command_status = at(0x10, CommandStatus)
    last_data      = at(0x14, LastData)
    last_command   = at(0x18, LastCommand)
    # fmt: on

    saved_state = (
        *("_end", "_received", "_command", "_bit_ns"),
        *("_is_requesting", "_is_polled", "_held_until_ns"),
    )

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.wires: I2cWires = NothingConnected()
        self.stall: Callable[[int], None] | None = None
        self._irq = irq
        self._end = Deadline(environment.clock, self._finish)
        self._received = PULLED_UP
        self._command = 0  # which is carried out
        self._bit_ns = 0
        self._held_until_ns = 0  # the clock, by a slave
        self._is_requesting = False
        self._is_polled = False  # the status, since the command: the next poll is one of a loop

    @on_read(LastData, steady=True)
    def _tell_sent(self) -> int:
        return self.data.value

    @on_read(Data, steady=True)
    def _take_received(self) -> int:
        return self._received

    @on_write(CommandStatus)
    def _take_command(self, command: int) -> None:
        self.last_command.value = command & 0xFF
        if command & ACKNOWLEDGE_INTERRUPT:
            self.command_status.value &= ~DONE
            self._update_irq()
        if command & ACTIONS and self.control.value & ENABLE:
            # Plain bits instead of fields, here and below, for speed.
            self.command_status.value |= IN_PROGRESS | BUSY if command & START else IN_PROGRESS
            self._command = command
            self._is_polled = False
            bits_ns = _BITS[command & ACTIONS] * self._bit_ns
            self._end.schedule(bits_ns + self._left_held_ns() if self._held_until_ns else bits_ns)

    @on_read(CommandStatus, consumes=True)
    def _tell_status(self) -> int:
        status = self.command_status
        if status.value & IN_PROGRESS:
            if not self._is_polled:
                self._is_polled = True
            elif self.stall is not None and (end_ns := self._end.due_ns) is not None:
                self.stall(end_ns)
        return status.value

    @on_outlook(CommandStatus)
    def _foresee_status(self) -> Outlook | None:
        return STEADY if self._end.due_ns is None else None

    def _left_held_ns(self) -> int:
        return max(self._held_until_ns - self.environment.clock.now_ns, 0)

    def clocks_changed(self) -> None:
        """Take the new APB clock for the next byte."""
        self._time_bit()

    @on_write(Divider)
    def _time_bit(self, *_: int) -> None:
        divider = self.divider[0].value | self.divider[1].value << 8
        # wm_hal_i2c.c counts with 5.5 steps of the divided clock for each bit.
        self._bit_ns = round(5.5 * (divider + 1) * NS_PER_SECOND / self.environment.frequencies.apb_hz)

    def _finish(self) -> None:
        command, status = self._command, self.command_status.value & ~IN_PROGRESS | DONE
        wires = self.wires
        if command & START:
            wires.start()
        if command & WRITE:
            is_acknowledged = wires.write(self.data.value)
            status = status & ~NOT_ACKNOWLEDGED if is_acknowledged else status | NOT_ACKNOWLEDGED
        if command & READ:
            self._received = wires.read(is_acknowledged=not command & NOT_ACKNOWLEDGE)
        if command & STOP:
            wires.stop()
            status &= ~BUSY
        stretch_ns = wires.stretch_ns()
        self._held_until_ns = self.environment.clock.now_ns + stretch_ns if stretch_ns else 0
        self.command_status.value = status
        if not self.control.value & MASKED:
            self._update_irq()

    def _update_irq(self) -> None:
        level = bool(self.command_status.value & DONE and not self.control.value & MASKED)
        if level is not self._is_requesting:
            self._is_requesting = level
            self._irq(level)

    @on_write(Control)
    def _control(self, _: int) -> None:
        self._update_irq()

    def _on_reset(self, cause: ResetCause) -> None:
        self._end.cancel()
        self._held_until_ns = 0
        self._received = PULLED_UP
        self._time_bit()
        self._update_irq()
