"""I2C master with nothing on its wires.

Layout: wm_i2c_reg_struct.h, wm_ll_i2c.h; how it is driven: wm_hal_i2c.c (all wm_iot_sdk).
"""

from __future__ import annotations

from enum import IntFlag

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.fields import ro, rw
from peripherals.framework.peripheral import Peripheral, on_read, on_write
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
    ACKNOWLEDGE_INTERRUPT = 1 << 0


class I2c(Peripheral):
    """Sends addresses and data at the speed of the bus; nobody acknowledges them."""

    # fmt: off
    class Divider(Register):
        byte             = rw(7, 0)

    class Control(Register):
        enable           = rw(7)
        interrupt_masked = rw(6, doc="wm_ll_i2c.h: 0 to have interrupts, against the header")

    class Data(Register):
        byte             = rw(7, 0, "written: to be sent; read: received")

    class CommandStatus(Register):
        not_acknowledged = ro(7)
        busy             = ro(6, doc="between start and stop")
        arbitration_lost = ro(5)
        in_progress      = ro(1)
        done             = ro(0, doc="raises the interrupt")

    class LastData(Register):
        byte             = ro(7, 0)

    class LastCommand(Register):
        byte             = ro(7, 0)

    divider        = at(0x00, Divider, "low byte, high byte", count=2)
    control        = at(0x08, Control, reset=0x40)
    data           = at(0x0C, Data)
    command_status = at(0x10, CommandStatus)
    last_data      = at(0x14, LastData)
    last_command   = at(0x18, LastCommand)
    # fmt: on

    saved_state = ("_end", "_received", "_ends_with_stop")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self._irq = irq
        self._end = Deadline(environment.clock, self._finish)
        self._received = PULLED_UP
        self._ends_with_stop = False

    @on_write(Data)
    def _keep_sent(self, data: int) -> None:
        self.last_data.byte = data

    @on_read(Data, steady=True)
    def _take_received(self) -> int:
        return self._received

    @on_write(CommandStatus)
    def _command(self, data: int) -> None:
        command = Command(data & sum(Command))
        self.last_command.byte = data
        if command & Command.ACKNOWLEDGE_INTERRUPT:
            self.command_status.done = 0
        if self.control.enable and command & ~Command.ACKNOWLEDGE_INTERRUPT:
            self._begin(command)
        self._update_irq()

    def _begin(self, command: Command) -> None:
        bits = 9 * bool(command & (Command.READ | Command.WRITE))
        bits += bool(command & Command.START) + bool(command & Command.STOP)
        status = self.command_status
        status.in_progress = 1
        if command & Command.START:
            status.busy = 1
        if command & Command.WRITE:
            status.not_acknowledged = 1
        if command & Command.READ:
            self._received = PULLED_UP
        self._ends_with_stop = bool(command & Command.STOP)
        self._end.schedule(bits * self._bit_ns)

    @property
    def _bit_ns(self) -> int:
        divider = self.divider[0].byte | self.divider[1].byte << 8
        # wm_hal_i2c.c counts with 5.5 steps of the divided clock for each bit.
        return round(5.5 * (divider + 1) * NS_PER_SECOND / self.environment.frequencies.apb_hz)

    def _finish(self) -> None:
        self.command_status.in_progress = 0
        self.command_status.done = 1
        if self._ends_with_stop:
            self.command_status.busy = 0
        self._update_irq()

    def _update_irq(self) -> None:
        self._irq(bool(self.command_status.done and not self.control.interrupt_masked))

    @on_write(Control)
    def _control(self, _: int) -> None:
        self._update_irq()

    def _on_reset(self, cause: ResetCause) -> None:
        self._end.cancel()
        self._received = PULLED_UP
        self._update_irq()
