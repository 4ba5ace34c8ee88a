"""The part of the emitter for memory: loads, stores, and several of them in one."""
# ruff: noqa: D102 - documented in Ops

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import cast

from emu.dbt import a64
from emu.dbt.exits import Reason
from emu.dbt.regmap import GENERAL, NEXT_PC
from emu.dbt.store_guard import guard
from emu.dbt.values import Constant, Emitted, Offset, Output
from emu.isa.ops import NotInThisBackEndError, Ops, Value


class MemoryEmitter(Ops, Output):
    """Emits the operations of `Ops` on memory."""

    pc: int
    copying: bool
    """Whether operands are copied, for the instruction writes their registers before it has read them."""
    guarded: Set[int]
    """Addresses of instructions whose stores are guarded (store_guard.py)."""
    check_alignment: bool
    aligned: set[int]
    """Registers whose alignment the instruction has checked."""
    fold: Callable[[int], int | None]
    """The number of a literal that does not change."""

    def load(self, address: Value | int, size_bytes: int, *, signed: bool = False) -> Value:
        rn, offset = self._address(address, size_bytes)
        loaded = self.result(a64.ldr(self.temporary(), rn, offset, size_bytes))
        # Not LDRSB or LDRSH: a stop behind the access would find bits 63..32 set, before TCG clears them.
        return loaded.signed_bits(size_bytes * 8 - 1, 0) if signed and size_bytes < 4 else loaded

    def store(self, address: Value | int, size_bytes: int, value: Value) -> None:
        rn, offset = self._address(address, size_bytes)
        rt = cast(Emitted, value).reg()
        if self.pc in self.guarded:
            self.code += guard(rn, offset)
            rn = NEXT_PC
        self.out(a64.str_(rt, rn, offset, size_bytes))

    def load_words(self, address: Value, registers: Sequence[int]) -> None:
        """Two words in one access: what an access takes hardly depends on its size.

        If a second one is refused, the instruction is executed again from its start: the ones before went to
        RAM, as devices refuse eight bytes, and have not changed the base.

            ldr x16, [x14]              pop r4, r5
            mov w4, w16
            lsr x5, x16, #32
        """
        rn, offset = self._address(address, 4)
        if self.copying or rn in (GENERAL.get(register) for register in registers):
            super().load_words(address, registers)
            return
        for first in range(0, len(registers) - 1, 2):
            self._load_two(rn, offset + 4 * first, *registers[first : first + 2])
        if len(registers) % 2:
            self[registers[-1]] = self.load(address + 4 * (len(registers) - 1), 4)

    def store_words(self, address: Value, registers: Sequence[int]) -> None:
        """See `load_words`."""
        if self.pc in self.guarded:
            super().store_words(address, registers)
            return
        rn, offset = self._address(address, 4)
        for first in range(0, len(registers) - 1, 2):
            self._store_two(rn, offset + 4 * first, *registers[first : first + 2])
        if len(registers) % 2:
            self.store(address + 4 * (len(registers) - 1), 4, self[registers[-1]])

    def _load_two(self, rn: int, offset: int, low: int, high: int) -> None:
        words = self.result(a64.ldr(self.temporary(), rn, offset, 8), wide=True)
        self[low] = words.low()
        self[high] = words.high()

    def _store_two(self, rn: int, offset: int, low: int, high: int) -> None:
        words = self[low].zero_extend_64() | self[high].zero_extend_64().shl(32)
        self.out(a64.str_(cast(Emitted, words).reg(), rn, offset, 8))

    def _address(self, address: Value | int, size_bytes: int) -> tuple[int, int]:
        """Base register and offset of an access, checked for alignment where the mode asks for it.

        `st.w r1, (r2, 12)`: [x2, #12], behind `tbnz w2, #0` and `tbnz w2, #1` that leave for the interpreter.
        An offset that is no multiple of the size is added first, so that the sum is what is checked. A second
        access needs no check if it has the same base: `push` tests r14 once.
        """
        value, offset = self.operand(address, False), 0
        if isinstance(value, Offset) and a64.fits_offset(value.offset, size_bytes):
            offset = 0 if self.check_alignment and value.offset % size_bytes else value.offset
        rn = value.base.reg() if offset and isinstance(value, Offset) else value.reg()
        if rn == a64.ZR:  # register 31 is SP in an address
            self.out(a64.mov(rn := self.temporary(), a64.ZR))
        if self.check_alignment and size_bytes > 1 and rn not in self.aligned:
            if self.aligned:
                raise NotInThisBackEndError  # a failing check would have the access before done again
            self.aligned.add(rn)
            for bit in range(size_bytes.bit_length() - 1):
                self.side_exit(a64.tbnz(rn, bit), Reason.INTERPRET)
        return rn, offset

    def load_literal(self, address: int) -> Value:
        number = self.fold(address)
        return Constant(self, number) if number is not None else self.load(address, 4)
