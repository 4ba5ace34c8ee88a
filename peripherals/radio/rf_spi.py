"""Serial port to the analog radio. Layout: debug information and code of librf; see docs/radio.md."""

from __future__ import annotations

from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, w1c, wo
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at

RADIO_REGISTERS = 32
READ, DONE = 1 << 26, 1 << 17
"""Of the command and the clock register, as plain bits, as are their fields below: there are a thousand
transfers a second while Wi-Fi is connected."""


class RfSpi(Peripheral):
    """Reaches the 32 registers of 16 bits of the analog radio, which read back as written."""

    # fmt: off
    class Start(Register):
        go             = wo(0)

    class Clock(Register):
        busy           = ro(18, doc="never here: a transfer takes no time")
        done           = w1c(17)
        interrupt_mask = rw(16)
        divider        = rw(15, 0)

    class Command(Register):
        address        = rw(31, 27)
        read           = rw(26)
        data           = rw(25, 10)
        rest           = rw(9, 0)

    class Answer(Register):
        data           = ro(31, 16)

    start   = at(0x00, Start)
    clock   = at(0x04, Clock)
    command = at(0x08, Command)
    answer  = at(0x0C, Answer)
    # fmt: on

    saved_state = ("radio",)

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.radio = [0] * RADIO_REGISTERS
        """The registers on the other side. GUESS: all are 0 after power-on."""
        self._irq = irq

    @property
    def frequency_mhz(self) -> float:
        """What the synthesizer is tuned to, with the crystal of 40 MHz; 0 while it is not.

        Registers 1 and 2 hold the divider; found by what librf writes for each channel.
        """
        whole, fraction = self.radio[1], self.radio[2]
        return ((whole >> 10 << 4 | whole & 0xF) + fraction / 0x1_0000) * 3.75

    @on_write(Start)
    def _transfer(self, go: int) -> None:
        if not go & 1:
            return
        command = self.command.value
        if command & READ:
            self.answer.value = self.radio[command >> 27] << 16
        else:
            self.radio[command >> 27] = command >> 10 & 0xFFFF
        if not self.clock.value & DONE:  # as it is once only: the driver never takes it back
            self.clock.done = 1
            self._update_irq()

    @on_write(Clock)
    def _update_irq(self, _: int = 0) -> None:
        self._irq(bool(self.clock.done and not self.clock.interrupt_mask))
