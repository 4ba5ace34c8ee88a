"""Callers are found on the stack, and left-overs are told from them."""

from __future__ import annotations

from cpu.program import code, op
from machine.device import STACK, machine_of

from emu.inspect.back_trace import BackTrace
from emu.inspect.program_view import ProgramView
from emu.inspect.symbol_choice import NamedProgram
from emu.isa.state import LINK, SP
from emu.loader import Symbol, Symbols
from emu.machine.machine import Machine
from emu.memory_map import FLASH_BASE

OUTER, MIDDLE, INNER, OTHER = (FLASH_BASE + offset for offset in (0, 0x40, 0x80, 0xC0))
NOTHING = 0


def call(start: int, target: int) -> bytes:
    return op("bsr", offset=target - start)


PROGRAM = b"".join(
    part.ljust(0x40, b"\0")
    for part in (call(OUTER, MIDDLE), call(MIDDLE, INNER), op("rts"), call(OTHER, INNER) + op("jsr", rx=3))
)
SYMBOLS = Symbols(
    [
        Symbol(name, address, 0x40)
        for name, address in (("outer", OUTER), ("middle", MIDDLE), ("inner", INNER), ("other", OTHER))
    ]
)
INDIRECT = OTHER + 6  # behind the jsr


def trace(machine: Machine, *stack: int, pc: int = INNER, link: int = NOTHING) -> list[str]:
    machine.write(STACK, code(*(word.to_bytes(4, "little") for word in stack)) + bytes(4))
    view = ProgramView(machine.board.bus, [NamedProgram(0, b"", SYMBOLS)])
    return [str(frame) for frame in BackTrace(view).find(pc, {LINK: link, SP: STACK})]


def test_return_addresses_are_those_behind_a_call() -> None:
    frames = trace(machine_of(PROGRAM), 7, MIDDLE + 4, MIDDLE + 8, OUTER + 5, OUTER + 4, 0x6000_0000)
    assert frames == ["  0x08000080 inner", "  0x08000040 middle", "  0x08000000 outer"]


def test_the_link_register_is_the_first_caller_of_a_leaf() -> None:
    frames = trace(machine_of(PROGRAM), OUTER + 4, link=MIDDLE + 4)
    assert frames == ["  0x08000080 inner", "  0x08000040 middle", "  0x08000000 outer"]


def test_a_link_register_into_the_function_itself_is_an_old_one() -> None:
    frames = trace(machine_of(PROGRAM), OUTER + 4, pc=MIDDLE + 8, link=MIDDLE + 4)
    assert frames == ["  0x08000048 middle+0x8", "  0x08000000 outer"]


def test_what_nothing_proves_is_marked() -> None:
    frames = trace(machine_of(PROGRAM), INDIRECT, OUTER + 4)
    assert frames == ["  0x08000080 inner", "? 0x080000c4 other+0x4", "? 0x08000000 outer"]


def test_a_proven_caller_drops_the_left_overs_before_it() -> None:
    frames = trace(machine_of(PROGRAM), INDIRECT, MIDDLE + 4, OUTER + 4)
    assert frames == ["  0x08000080 inner", "  0x08000040 middle", "  0x08000000 outer"]


def test_the_stack_ends_with_its_memory() -> None:
    machine = machine_of(PROGRAM)
    view = ProgramView(machine.board.bus, [NamedProgram(0, b"", SYMBOLS)])
    assert len(BackTrace(view).find(INNER, {LINK: NOTHING, SP: 0x2004_7FFC})) == 1
    assert len(BackTrace(view).find(0x6000_0000, {LINK: NOTHING, SP: 0x6000_0000})) == 1


def test_the_calls_of_a_real_program_are_found() -> None:
    with Machine.load(cache=False) as machine:
        machine.run_until_address("flash_erase")
        registers = machine.registers
        view = ProgramView(machine.board.bus, [NamedProgram(0, b"", machine.symbols)])
        frames = BackTrace(view).find(
            registers["pc"], {number: registers[f"r{number}"] for number in range(16)}
        )
    names = [frame.place.split()[1].partition("+")[0] for frame in frames]
    assert names == ["flash_erase", "wm_ota_ops_begin", "ota_update", "update"]
    assert all(frame.is_certain for frame in frames)
