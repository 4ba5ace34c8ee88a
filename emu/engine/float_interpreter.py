"""The floating-point part of the interpreter: FR, FCR and FESR around a `FloatUnit`."""
# ruff: noqa: D102 - documented in Ops

from __future__ import annotations

from collections.abc import Callable

from emu.engine.float_unit import Flag, FloatUnit
from emu.engine.values import Word, number
from emu.isa.ops import CpuException, Ops, Rounding, Value, Vector
from emu.isa.state import Control, CpuState

ANY = 1 << 7
ADDED_UP_SHIFT = 8


class FloatInterpreter(Ops):
    """Executes floating-point operations on `state`."""

    state: CpuState
    float_flags: int
    """What the current instruction has raised so far."""

    def float_register(self, register: int) -> Value:
        return Word(self.state.fr[register])

    def set_float_register(self, register: int, value: Value) -> None:
        self.state.fr[register] = number(value)

    def float_add(self, x: Value, y: Value) -> Value:
        return self._compute(lambda unit: unit.add(number(x), number(y)))

    def float_subtract(self, x: Value, y: Value) -> Value:
        return self._compute(lambda unit: unit.subtract(number(x), number(y)))

    def float_multiply(self, x: Value, y: Value) -> Value:
        return self._compute(lambda unit: unit.multiply(number(x), number(y)))

    def float_divide(self, x: Value, y: Value) -> Value:
        return self._compute(lambda unit: unit.divide(number(x), number(y)))

    def float_square_root(self, x: Value) -> Value:
        return self._compute(lambda unit: unit.square_root(number(x)))

    def float_less(self, x: Value, y: Value) -> Value:
        return self._compute(lambda unit: unit.less(number(x), number(y)))

    def float_less_or_equal(self, x: Value, y: Value) -> Value:
        return self._compute(lambda unit: unit.less_or_equal(number(x), number(y)))

    def float_equal(self, x: Value, y: Value) -> Value:
        return self._compute(lambda unit: unit.equal(number(x), number(y)))

    def float_unordered(self, x: Value, y: Value) -> Value:
        return self._compute(lambda unit: unit.unordered(number(x), number(y)))

    def float_from_signed(self, x: Value) -> Value:
        return self._compute(lambda unit: unit.from_signed(number(x)))

    def float_from_unsigned(self, x: Value) -> Value:
        return self._compute(lambda unit: unit.from_unsigned(number(x)))

    def float_to_signed(self, x: Value, rounding: Rounding) -> Value:
        return self._compute(lambda unit: unit.to_signed(number(x), rounding))

    def float_to_unsigned(self, x: Value, rounding: Rounding) -> Value:
        return self._compute(lambda unit: unit.to_unsigned(number(x), rounding))

    def _compute(self, operation: Callable[[FloatUnit], int]) -> Value:
        """Give the operation's result; note its exceptions, and raise if one of them is enabled.

        FESR[7:0] tells about the last instruction, FESR[15:8] about all since it was cleared; an exception
        that is raised is not added up (vendor's QEMU, vfp_check_exception).
        """
        control = self.state.control
        mode = control.get(Control.FCR, 0)
        unit = FloatUnit(mode)
        result = operation(unit)
        self.float_flags |= unit.flags
        raised, noted = self.float_flags & mode & Flag.ALL, self.float_flags & ~mode
        status = control.get(Control.FESR, 0) & ~0xFF
        if self.float_flags:
            status |= ANY | self.float_flags
        if noted:
            status |= (ANY | noted) << ADDED_UP_SHIFT
        control[Control.FESR] = status
        if raised:
            raise CpuException(Vector.FLOATING_POINT)
        return Word(result)
