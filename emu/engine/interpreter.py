"""The reference back end: runs one instruction at a time on a `CpuState` and a `Memory`."""
# ruff: noqa: D102 - documented in Ops

from __future__ import annotations

from emu.engine.control_registers import Processor
from emu.engine.float_interpreter import FloatInterpreter
from emu.engine.memory import Memory
from emu.engine.values import Number, Word, number
from emu.isa.decode import decode, size_bytes
from emu.isa.insn import Insn
from emu.isa.ops import CpuException, LowPower, Value, Vector
from emu.isa.state import MASK32, CpuState, Psr

_REMEMBERED = 1 << 16  # decodings: more than a firmware has


class Interpreter(FloatInterpreter):
    """Executes instructions exactly: one that raises `CpuException` has done nothing.

    Only an access error in the middle of several accesses finds those before it done, loads as well as
    stores, and the base register untouched if it is none of those loaded (so the vendor's QEMU does).
    """

    def __init__(self, state: CpuState, memory: Memory, processor: Processor | None = None) -> None:
        self.state = state
        self.memory = memory
        """What loads and stores go to."""
        self._code = memory
        self.processor = processor or Processor(state)
        self.row: Insn | None = None  # the instruction executed last
        self.operands: tuple[int, ...] = ()
        self.float_flags = 0
        self._decoded: dict[int, tuple[Insn, tuple[int, ...]]] = {}

    def step(self) -> None:
        """Execute the instruction at the state's pc."""
        state = self.state
        self.pc = pc = state.pc & ~1
        word = self.fetch(pc)
        conditions = state.conditions
        if not conditions & 1:
            self._skip(word)
            return
        try:
            row, operands = self._decoded[word]
        except KeyError:
            row, operands = self._decode(word)
        self.row, self.operands = row, operands
        if row.privileged and not state.psr & Psr.S:
            raise CpuException(Vector.PRIVILEGE_VIOLATION)
        self.float_flags = 0
        self.next_pc = self._target = pc + row.size_bytes & MASK32
        row.execute(self, *operands)
        state.pc = self._target
        if conditions != 1:
            state.conditions = state.conditions >> 1 or 1

    def _skip(self, word: int) -> None:
        self.row = None
        self.state.pc = self.pc + (4 if word > 0xFFFF else 2) & MASK32
        self.state.conditions >>= 1

    def fetch(self, pc: int) -> int:
        """Read the instruction at `pc`: its halfword, or both with the first one high."""
        halfword = self._code.read(pc, 2)
        return halfword if size_bytes(halfword) == 2 else halfword << 16 | self._code.read(pc + 2 & MASK32, 2)

    def _decode(self, word: int) -> tuple[Insn, tuple[int, ...]]:
        row = decode(word >> 16, word & 0xFFFF) if word > 0xFFFF else decode(word, 0)
        if row is None:
            raise CpuException(Vector.ILLEGAL_INSTRUCTION)
        if len(self._decoded) >= _REMEMBERED:
            self._decoded.clear()
        self._decoded[word] = row, row.decode(word)
        return self._decoded[word]

    # What the instructions say.
    def __getitem__(self, register: int) -> Value:
        return Word(self.state.r[register])

    def __setitem__(self, register: int, value: Value | int) -> None:
        self.state.r[register] = number(value) & MASK32

    @property
    def c(self) -> Value:
        return Word(self.state.c)

    @c.setter
    def c(self, value: Value | int) -> None:
        self.state.c = number(value)

    def constant(self, value: int) -> Value:
        return Word(value)

    def select(self, condition: Value, if_one: Value | int, if_zero: Value | int) -> Value:
        chosen = if_one if number(condition) else if_zero
        return Word(chosen) if isinstance(chosen, int) else chosen

    def divide_unsigned(self, dividend: Value, divisor: Value) -> Value:
        assert isinstance(dividend, Number)
        if number(divisor) == 0:
            raise CpuException(Vector.DIVIDE_BY_ZERO)
        return type(dividend)(dividend.v // number(divisor))

    def divide_signed(self, dividend: Value, divisor: Value) -> Value:
        assert isinstance(dividend, Number)
        assert isinstance(divisor, Number)
        over, under = dividend.signed(), divisor.signed()
        if under == 0:
            raise CpuException(Vector.DIVIDE_BY_ZERO)
        quotient = abs(over) // abs(under)
        return type(dividend)(quotient if (over < 0) == (under < 0) else -quotient)

    def load(self, address: Value | int, size_bytes: int, *, signed: bool = False) -> Value:
        loaded = Word(self.memory.read(self._aligned(address, size_bytes), size_bytes))
        return loaded.signed_bits(size_bytes * 8 - 1, 0) if signed else loaded

    def store(self, address: Value | int, size_bytes: int, value: Value) -> None:
        low_bits = number(value) & (1 << size_bytes * 8) - 1
        self.memory.write(self._aligned(address, size_bytes), low_bits, size_bytes)

    def load_literal(self, address: int) -> Value:
        return Word(self._code.read(address & MASK32, 4))

    def _aligned(self, address: Value | int, size_bytes: int) -> int:
        plain = number(address) & MASK32
        if plain & size_bytes - 1 and not self.state.psr & Psr.MM:
            raise CpuException(Vector.MISALIGNED, plain)
        return plain

    def branch(self, target: int) -> None:
        self._target = target & MASK32

    def branch_if(self, condition: Value, target: int) -> None:
        self._target = target & MASK32 if number(condition) else self.next_pc

    def jump(self, target: Value) -> None:
        self._target = number(target) & ~1

    def exception(self, vector: int) -> None:
        raise CpuException(vector)

    def read_control(self, index: int, bank: int) -> Value:
        return Word(self.processor.read_control(index, bank))

    def write_control(self, index: int, bank: int, value: Value) -> None:
        self.processor.write_control(index, bank, number(value))

    def set_psr_bits(self, mask: int) -> None:
        self.write_control(0, 0, Word(self.state.full_psr | mask))

    def clear_psr_bits(self, mask: int) -> None:
        self.write_control(0, 0, Word(self.state.full_psr & ~mask))

    def set_conditions(self, conditions: Value) -> None:
        self.state.conditions = number(conditions)

    def return_from_exception(self) -> None:
        self._target = self.processor.return_from_exception()

    def low_power(self, mode: LowPower) -> None:
        self.processor.low_power(mode)
