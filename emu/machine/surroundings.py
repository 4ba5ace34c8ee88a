"""What is around the chip: pins, parts, buses, analog inputs, as `Machine` shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from emu.machine.analog import AnalogInputs
from emu.machine.attachments import Attachments
from emu.machine.board import Board
from emu.machine.bus_port import I2cPort, SpiPort
from emu.machine.inputs import Inputs
from emu.machine.part_wires import PartWires
from emu.machine.power import Power
from emu.machine.pwm_view import PwmChannels
from emu.machine.uart_port import UartPort
from emu.soc.pins import Pins
from peripherals.framework.reset import ResetCause


class Surroundings:
    """Built with the chip; `connect` gives it what is built later."""

    def __init__(self, board: Board, power: Power, inputs: Inputs) -> None:
        self.pins = Pins(board.soc.gpio_a, board.soc.gpio_b)
        self.pins.come = inputs.door("pin", self.pins.let_in)
        self._wires = PartWires(board.soc, self.pins, board.clock)
        self.parts = Attachments(board.clock, self._wires, inputs)
        self.i2c = I2cPort(self.parts)
        self.spi = SpiPort(self.parts)
        self.adc = AnalogInputs(board.soc.adc, board.clock, inputs)
        self.pwm = PwmChannels(board.soc.pwm, self.pins)
        self.before: dict[str, Any] = {"attached": self.parts}
        """What of the state has to be back before the chip."""
        power.observers.internal.append(self._reset)

    def connect(self, uarts: Sequence[UartPort], report: Callable[[str], None]) -> dict[str, Any]:
        """Get the serial ports, and who tells users what is odd; gives the rest of the state."""
        self._wires.uart_ports = uarts
        self._wires.report = report
        for port in uarts:
            port.attach = partial(self.parts.attach, bus=port.name)
        return {**{port.name: port for port in uarts}, "pins": self.pins, "parts": self.parts.states}

    def _reset(self, cause: ResetCause) -> None:
        if cause is ResetCause.POWER_ON:
            self.parts.power_on()
