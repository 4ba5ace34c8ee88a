"""The way around the bus: an access that often meets memory of a device gets code for it."""

from __future__ import annotations

from emu.dbt import a64
from emu.dbt.host import PAGE_BYTES, SECOND_VIEW
from emu.dbt.regmap import NEXT_PC
from emu.engine.contract import DeviceMemory

_SCRATCH = NEXT_PC  # free until a jump


def can_be_met(memory: DeviceMemory) -> bool:
    """Whether two instructions find out that an address is in it."""
    is_power = memory.size_bytes & memory.size_bytes - 1 == 0
    is_mapped = memory.base % PAGE_BYTES == 0 and len(memory.buffer) % PAGE_BYTES == 0
    return is_power and is_mapped and a64.bitmask(memory.base, True) is not None


def detour(word: int, memory: DeviceMemory, back: int) -> list[int]:
    """Code to jump to instead of the load or store `word`; it ends `back` words from its start, behind that.

    The last instruction but one is `word`, for all that is not an aligned access to the memory.
    """
    base, offset = a64.accessed(word)
    address = a64.add_number(_SCRATCH, base, offset, offset) if offset else []
    pointer = _SCRATCH if offset else base
    outside = (1 << 64) - memory.size_bytes | a64.size_of_access(word) - 1
    code = [*address, _xor(pointer, memory.base), _and(outside)]
    behind = [*address, _xor(pointer, SECOND_VIEW), a64.at_register(word, _SCRATCH)]
    code += [a64.cbnz(_SCRATCH, len(behind) + 2, x=True), *behind]
    code.append(a64.b(back - len(code)))
    code.append(word)
    code.append(a64.b(back - len(code)))
    return code


def _xor(register: int, value: int) -> int:
    word = a64.logic_imm(a64.EOR_IMM, _SCRATCH, register, value, True)
    assert word is not None
    return word


def _and(value: int) -> int:
    word = a64.logic_imm(a64.AND_IMM, _SCRATCH, _SCRATCH, value, True)
    assert word is not None
    return word
