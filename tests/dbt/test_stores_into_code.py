"""Any store in RAM over the instructions behind it: both engines execute the new ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest
from support.guest import SRAM, Guest

from emu.engine.interpreter import Interpreter
from emu.engine.memory import Nowhere
from emu.isa.assembler import assemble, to_bytes
from emu.isa.insn import Insn
from emu.isa.ops import CpuException
from emu.isa.state import SP, Control, CpuState, Psr
from emu.isa.table import INSNS

NEXT, FAR = SRAM + 0x1000, SRAM + 0x10_000
OLD = assemble("movi16", rz=0, imm=1) + assemble("movi16", rz=1, imm=1) + assemble("br16", offset=0)
NEW = assemble("movi16", rz=0, imm=2) + assemble("movi16", rz=1, imm=2)
DATA_POINTER = 28  # of the srs instructions
ENCODINGS = 25


def encodings(row: Insn) -> Iterator[tuple[int, dict[str, int]]]:
    """Random words that store, with their operands by name."""
    rng = Random(row.name)
    for _ in range(ENCODINGS if row.operands else 1):
        word = row.match | rng.getrandbits(8 * row.size_bytes) & ~row.mask
        operands = row.decode(word)
        if row.is_defined(word) and stores(row, operands):
            yield word, dict(zip((operand.name for operand in row.operands), operands, strict=True))


class Stores(Nowhere):
    """A memory that only counts what is stored."""

    count = 0

    def read(self, address: int, size_bytes: int) -> int:
        return 0

    def write(self, address: int, value: int, size_bytes: int) -> None:
        self.count += 1


def stores(row: Insn, operands: tuple[int, ...]) -> bool:
    """Whether an instruction stores with these operands."""
    memory = Stores()
    interpreter = Interpreter(CpuState(psr=Psr.RESET), memory)
    interpreter.pc, interpreter.next_pc = NEXT, NEXT + row.size_bytes
    with suppress(CpuException):
        row.execute(interpreter, *operands)
    return memory.count > 0


def run(engine: str, code: bytes, operands: dict[str, int], base: int) -> Guest:
    """Pointers are `base`, an index is 0, and all other registers are the new instructions."""
    guest = Guest(engine)
    guest.put(NEXT - len(code), code, OLD)
    guest.state.r[:] = [int.from_bytes(NEW, "little")] * 32
    guest.state.fr[:] = [int.from_bytes(NEW, "little")] * 16
    guest.state.control |= dict.fromkeys((Control.EPC, Control.EPSR), int.from_bytes(NEW, "little"))
    guest.state.r[SP] = guest.state.r[DATA_POINTER] = base
    for name, value in ("ry", 0), ("rx", base):
        if name in operands:
            guest.state.r[operands[name]] = value
    guest.state.pc = NEXT - len(code)
    guest.run(10)
    return guest


def stored_at(guest: Guest) -> int | None:
    """The lowest address around FAR that has been stored to."""
    start = FAR - SRAM - 0x8000
    found = (address for address, byte in enumerate(guest.bus.sram.buffer[start:], SRAM + start) if byte)
    return next(found, None)


def test_all_rows_that_store_are_tried() -> None:
    stores = [row.name for row in INSNS if any(encodings(row))]
    assert len(stores) >= 27
    assert {"push16", "push32", "ipush16", "nie16", "stm32", "fstms", "stbi_w"} <= {*stores}


@pytest.mark.parametrize("row", [row for row in INSNS if any(encodings(row))], ids=lambda row: row.name)
def test_a_store_over_the_next_instruction_counts(row: Insn) -> None:
    replaced = 0
    for word, operands in encodings(row):
        code = to_bytes(row, word)
        first = stored_at(run("interpreter", code, operands, FAR))
        if first is None:
            continue
        base = FAR + NEXT - first
        guests = [run(engine, code, operands, base) for engine in ("interpreter", "translator")]
        states = [(*guest.state.r, guest.state.pc, bytes(guest.bus.sram.buffer)) for guest in guests]
        assert states[0] == states[1], code.hex()
        replaced += guests[0].bus.read(NEXT, 2) != int.from_bytes(OLD[:2], "little")
    assert replaced > 0
