"""One GPIO port. Layout: wm_gpio_reg_struct.h; polarities: wm_ll_gpio.h (wm_iot_sdk)."""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, wo
from peripherals.framework.observers import Observers
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

ALL = 0xFFFF_FFFF


MOST_ANSWERS = 1000
"""Changes that listeners may make at once by what they drive."""


class PinLoopError(RuntimeError):
    """The listeners of a pin never come to rest."""


class Gpio(Peripheral):
    """Up to 32 pins; bit n of every register is pin n of the port.

    `drive` sets what stands outside at a pin; `observers` get (pin, level) whenever the level of a pin
    becomes another one, whoever makes it: an open-drain output, too, that is released to its pull-up. A pin
    given to another block (alternate function) is an input here: that block's signal is not seen on it.
    `on_functions` is told that `function` may give something else.
    """

    # fmt: off
    class Data(Register):
        pins     = rw(31, 0, "levels; only pins enabled in data_enable can be read and written")

    class DataEnable(Register):
        pins     = rw(31, 0)

    class Direction(Register):
        pins     = rw(31, 0, "1: output")

    class PullUp(Register):
        pins     = rw(31, 0, "0: pulled up")

    class AlternateFunction(Register):
        pins     = rw(31, 0, "1: the pin belongs to another block")

    class FunctionSelect(Register):
        pins     = rw(31, 0)

    class PullDown(Register):
        pins     = rw(31, 0, "1: pulled down")

    class Level(Register):
        pins     = rw(31, 0, "1: interrupt at a level, 0: at an edge")

    class BothEdges(Register):
        pins     = rw(31, 0)

    class RisingOrHigh(Register):
        pins     = rw(31, 0)

    class InterruptEnable(Register):
        pins     = rw(31, 0)

    class InterruptSource(Register):
        pins     = ro(31, 0)

    class InterruptState(Register):
        pins     = ro(31, 0, "the sources that are enabled")

    class InterruptClear(Register):
        pins     = wo(31, 0)

    # Reset values: W806 manual, 9.4; of data_enable 9.4.3, as its list has 0 for PB31. GUESS: it gives all
    # pins to blocks (alternate), while the chip's own specification has most of them at their ports, as here.
    data             = at(0x00, Data)
    data_enable      = at(0x04, DataEnable, reset=ALL)
    direction        = at(0x08, Direction)
    pull_up          = at(0x0C, PullUp, reset=ALL)
    alternate        = at(0x10, AlternateFunction)
    function_select  = at(0x14, FunctionSelect, "high bit, low bit", count=2)
    pull_down        = at(0x1C, PullDown)
    level            = at(0x20, Level)
    both_edges       = at(0x24, BothEdges)
    rising_or_high   = at(0x28, RisingOrHigh)
    interrupt_enable = at(0x2C, InterruptEnable)
    interrupt_source = at(0x30, InterruptSource)
    interrupt_state  = at(0x34, InterruptState)
    interrupt_clear  = at(0x38, InterruptClear)
    # fmt: on

    saved_state = ("_latch", "_driven", "_outside", "_levels", "_told", "_edges")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.observers = Observers[[int, bool]]()
        self.on_functions: Callable[[], None] = lambda: None
        self._irq = irq
        self._latch = 0  # what software wrote
        self._driven = 0  # which pins something outside drives
        self._outside = 0  # and to what
        self._levels = 0  # what the pins are
        self._told = 0  # and what they were said to be last
        self._is_telling = False
        self._edges = 0  # interrupts latched from edges

    def drive(self, pin: int, level: bool | None) -> None:
        """Put a level on a pin from outside; None lets go of it."""
        mask = 1 << pin
        self._driven = self._driven & ~mask if level is None else self._driven | mask
        self._outside = self._outside | mask if level else self._outside & ~mask
        self._settle()

    def driven(self, pin: int) -> bool | None:
        """Tell the level that a pin is given from outside; None if it is given none."""
        return bool(self._outside >> pin & 1) if self._driven >> pin & 1 else None

    def is_high(self, pin: int) -> bool:
        """Tell the level of a pin, whoever makes it."""
        return bool(self._levels >> pin & 1)

    def is_output(self, pin: int) -> bool:
        """Tell whether the port itself drives a pin."""
        return bool(self.direction.value & ~self.alternate.value & 1 << pin)

    def function(self, pin: int) -> int:
        """Tell which of the blocks that share a pin has it, 1 to 4 as wm_io_mux.h counts; 0: this port."""
        if not self.alternate.value >> pin & 1:
            return 0
        high, low = self.function_select
        return 1 + 2 * (high.value >> pin & 1) + (low.value >> pin & 1)

    @on_read(Data, steady=True)
    def _read(self) -> int:
        return self._levels & self.data_enable.value

    @on_write(Data)
    def _write(self, data: int) -> None:
        enabled = self.data_enable.value
        self._latch = self._latch & ~enabled | data & enabled
        self._settle()

    @on_write(Direction, PullUp, PullDown, changes=True)
    def _reconfigure(self, _: int) -> None:
        self._settle()

    @on_write(AlternateFunction, changes=True)
    def _give_away(self, _: int) -> None:
        self._settle()
        self.on_functions()

    @on_write(FunctionSelect, changes=True)
    def _select(self, *_: int) -> None:
        self.on_functions()

    @on_read(InterruptSource, steady=True)
    def _sources(self) -> int:
        # An edge is latched whether its interrupt is enabled or not: W806 manual, 9.4.13 ("before MASK").
        return self.level.value & ~(self._levels ^ self.rising_or_high.value) | self._edges

    @on_read(InterruptState, steady=True)
    def _enabled_sources(self) -> int:
        return self._sources() & self.interrupt_enable.value

    @on_write(Level, BothEdges, RisingOrHigh, InterruptEnable)
    def _reconsider(self, _: int) -> None:
        self._update_irq()

    @on_write(InterruptClear)
    def _clear(self, pins: int) -> None:
        self._edges &= ~pins
        self._update_irq()

    def _settle(self) -> None:
        """Work out the level of every pin, and what follows from the changes."""
        # Whole registers instead of fields, here and below, for speed: they are all pins.
        outputs = self.direction.value & ~self.alternate.value
        pulled_high = ~(self.pull_up.value | self.pull_down.value)
        inputs = self._driven & self._outside | ~self._driven & pulled_high
        levels = (outputs & self._latch | ~outputs & inputs) & ALL
        changed, self._levels = levels ^ self._levels, levels
        if edges := changed & ~self.level.value:
            self._edges |= edges & (self.both_edges.value | ~(levels ^ self.rising_or_high.value))
        if changed & self.interrupt_enable.value:
            self._update_irq()
        if not (self.observers or self.observers.internal):
            self._told = levels
        elif not self._is_telling:  # who hears of it may drive pins in turn: they are told next
            self._is_telling = True
            try:
                self._tell()
            finally:
                self._is_telling = False

    def _tell(self) -> None:
        for _ in range(MOST_ANSWERS):
            news = self._levels ^ self._told
            if not news:
                return
            pin = (news & -news).bit_length() - 1
            self._told ^= 1 << pin
            self.observers(pin, bool(self._told >> pin & 1))
        raise PinLoopError(f"{self.name}: pins change without end: a listener drives what it hears of")

    def _update_irq(self) -> None:
        self._irq(self._enabled_sources() != 0)

    def _on_reset(self, cause: ResetCause) -> None:
        self._latch = self._edges = 0
        self._settle()
        self._edges = 0
        self._update_irq()
        self.on_functions()
