"""Watched memory and registers: who touches them is told, exactly, and nothing else changes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from cpu.program import ENGINES, code, op
from machine.device import PREPARE_UART0, SPIN, STACK, machine_of, send, set_register, store_word
from support.translator import translator

import roms
from emu.loader import LoadError
from emu.machine import Machine, MachineError, RunEnd
from emu.memory_map import FLASH_BASE, SRAM_BASE
from emu.report.access import WatchedAccess

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.img"
BOTH = pytest.mark.parametrize("engine", sorted(ENGINES))
VARIABLE = SRAM_BASE + 0x100
# r3 counts up and is stored at VARIABLE for ever.
COUNT = code(
    set_register(2, VARIABLE),
    op("addi", rz=3, oimm=1),
    op("st.w", rz=3, rx=2, offset=0),
    op("br", offset=-4),
)


def accesses(machine: Machine) -> list[tuple[int, int, bool]]:
    """A list that gets address, value and kind of what is watched there."""
    told: list[tuple[int, int, bool]] = []

    def tell(access: WatchedAccess) -> None:
        told.append((access.address, access.value, access.is_write))

    machine.watch(VARIABLE, kind="access", callback=tell)
    return told


@BOTH
def test_the_run_ends_behind_the_store(engine: str) -> None:
    machine = machine_of(COUNT, engine=engine)
    machine.run_for(1e-6)
    before = machine.registers["r3"]
    machine.watch(VARIABLE)
    for number in (1, 2, 3):
        result = machine.run_for(1)
        assert result.end is RunEnd.WATCHPOINT
        (access,) = result.accesses
        assert (access.value, access.pc, access.owner) == (before + number, FLASH_BASE + 0xA, "user")
        assert machine.registers["pc"] == FLASH_BASE + 0xC
        assert str(result).startswith(
            f"{before + number:#x} written to {VARIABLE:#010x} at pc 0x0800000a (main+0xa)"
        )


@BOTH
def test_a_watchpoint_that_is_removed_is_gone(engine: str) -> None:
    machine = machine_of(COUNT, engine=engine)
    watchpoint = machine.watch(VARIABLE)
    assert machine.run_for(1).end is RunEnd.WATCHPOINT
    watchpoint.remove()
    watchpoint.remove()
    assert machine.run_for(1e-5).end is RunEnd.TIME_UP


@BOTH
@pytest.mark.parametrize(("kind", "told"), [("read", [False]), ("write", [True]), ("access", [True, False])])
def test_reads_and_writes_are_told_apart(
    engine: str, kind: Literal["write", "read", "access"], told: list[bool]
) -> None:
    load = code(set_register(2, VARIABLE + 2), op("ld.b", rz=4, rx=2, offset=0))
    machine = machine_of(code(store_word(VARIABLE, 0x11_2233), load, SPIN), engine=engine)
    heard: list[WatchedAccess] = []
    machine.watch(VARIABLE, kind=kind, callback=heard.append)
    machine.run_for(1e-5)
    assert [access.is_write for access in heard] == told
    assert [access.value for access in heard] == [0x11_2233 if write else 0x11 for write in told]


@BOTH
def test_each_access_of_an_instruction_with_several_is_told(engine: str) -> None:
    push = code(*(set_register(number, number) for number in (4, 5, 6)), op("push", registers=3), SPIN)
    machine = machine_of(push, engine=engine)
    heard: list[WatchedAccess] = []
    machine.watch(STACK - 12, 8, callback=heard.append)
    machine.run_for(1e-5)
    assert sorted((access.address, access.value) for access in heard) == [(STACK - 12, 4), (STACK - 8, 5)]
    assert machine.read(STACK - 4, 4) == b"\x06\0\0\0"


@BOTH
def test_a_device_register_is_watched_by_its_name(engine: str) -> None:
    machine = machine_of(code(PREPARE_UART0, send("ab"), SPIN), engine=engine)
    machine.watch("uart0.tx_data")
    for letter in b"ab":
        (access,) = machine.run_for(1).accesses
        assert (access.address, access.value) == (0x4001_0620, letter)
    machine.run_for(0.01)
    assert machine.uart0.data == b"ab"


def test_a_quiet_variable_beside_busy_ones_leaves_translated_code_alone() -> None:
    machine = machine_of(COUNT, engine="translator")
    machine.run_for(1e-5)
    machine.watch(VARIABLE + 8)
    machine.run_for(1e-4)
    engine = translator(machine)
    before = engine.statistics.interpreted
    machine.run_for(1e-2)
    assert engine.statistics.interpreted - before < 10
    machine.watch(VARIABLE)
    assert machine.run_for(1).end is RunEnd.WATCHPOINT


@BOTH
def test_who_watches_does_not_change_the_run(engine: Literal["translator", "interpreter"]) -> None:
    """The built-in AT firmware with a kernel's tick counter and its stacks in the watched page."""
    with (
        Machine.load(ATCMD, cache=False, engine=engine) as free,
        Machine.load(ATCMD, cache=False, engine=engine) as watched,
    ):
        told = accesses(watched)
        watched.watch("uart0.fifo_status", kind="read", callback=lambda access: None)
        for machine in (free, watched):
            machine.run_for(0.1)
            machine.uart1.write("AT\r\n")
            machine.run_for(0.005)
        assert told
        assert dict(free.registers) == dict(watched.registers)
        assert (free.executed, free.now_ns) == (watched.executed, watched.now_ns)
        assert [port.data for port in free.uarts] == [port.data for port in watched.uarts]


@BOTH
def test_code_in_a_watched_page_of_ram_runs_on(engine: str) -> None:
    copied = code(op("addi", rz=3, oimm=1), op("st.w", rz=3, rx=2, offset=0), op("br", offset=-4))
    pieces = [copied[at : at + 4].ljust(4, b"\0") for at in range(0, len(copied), 4)]
    copy = code(
        *(store_word(SRAM_BASE + 4 * at, int.from_bytes(piece, "little")) for at, piece in enumerate(pieces))
    )
    jump = code(set_register(2, VARIABLE), set_register(5, SRAM_BASE), op("jmp", rx=5))
    machine = machine_of(code(copy, jump), engine=engine)
    told = accesses(machine)
    machine.run_for(1e-6)
    assert told[:3] == [(VARIABLE, 1, True), (VARIABLE, 2, True), (VARIABLE, 3, True)]
    assert machine.registers["r3"] >= len(told) > 10


def dma_write(machine: Machine, address: int, data: bytes) -> None:
    """Let a block write, a microsecond from now."""
    machine.board.clock.alarm(lambda: machine.board.memory.write(address, data)).schedule(1000)


def test_what_dma_writes_is_told_too() -> None:
    machine = machine_of(SPIN)
    heard: list[WatchedAccess] = []
    machine.watch(VARIABLE, callback=heard.append)
    dma_write(machine, VARIABLE - 2, bytes(range(8)))
    machine.run_for(1e-5)
    assert [(access.is_dma, access.address, access.value) for access in heard] == [
        (True, VARIABLE, 0x0504_0302)
    ]
    machine.watch(VARIABLE)
    dma_write(machine, VARIABLE, b"\7")
    assert "0x7 written to 0x20000100 by DMA" in str(machine.run_for(1))


def test_a_run_that_ends_for_something_else_tells_the_access_all_the_same() -> None:
    machine = machine_of(SPIN)
    watchpoint = machine.watch(VARIABLE)
    dma_write(machine, VARIABLE, b"\7")
    results = [machine.step() for _ in range(2000)]
    assert [result.accesses[0].value for result in results if result.end is RunEnd.WATCHPOINT] == [7]
    dma_write(machine, VARIABLE, b"\7")
    machine.board.clock.alarm(watchpoint.remove).schedule(1000)
    assert machine.run_for(1e-4).end is RunEnd.TIME_UP


def test_what_the_user_writes_is_no_access_of_the_firmware() -> None:
    """So a variable can be forced to a value."""
    machine = machine_of(COUNT, engine="translator")
    heard: list[WatchedAccess] = []

    def force(access: WatchedAccess) -> None:
        heard.append(access)
        machine.write(VARIABLE, b"\xff\0\0\0")

    machine.watch(VARIABLE, callback=force)
    machine.run_for(1e-6)
    assert len(heard) > 10
    assert not any(access.is_dma for access in heard)
    assert machine.read(VARIABLE) == b"\xff\0\0\0"


@BOTH
def test_a_watchpoint_may_remove_itself_and_watch_something_else(engine: str) -> None:
    machine = machine_of(COUNT, engine=engine)
    heard: list[int] = []

    def once(access: WatchedAccess) -> None:
        heard.append(access.value)
        watchpoint.remove()
        machine.watch(VARIABLE, callback=lambda access: heard.append(-access.value))

    watchpoint = machine.watch(VARIABLE, callback=once)
    machine.run_for(1e-5)
    assert heard[0] == 1
    assert len(heard) > 10
    assert all(value < 0 for value in heard[1:])


@pytest.mark.parametrize(
    ("where", "size_bytes", "message"),
    [
        (VARIABLE, -1, "size_bytes: -1 is no whole number from 0 on"),
        (VARIABLE, 0, "size_bytes: there is nothing to watch in 0 bytes"),
        (0xFFFF_FFFF, 4, "size_bytes: 0x4 bytes from 0xffffffff end behind the last address"),
        (0x6000_0000, 4, "where: nothing is at 0x60000000"),
        ("uart0.tx_dota", None, "uart0 has no register tx_dota; did you mean tx_data?"),
        ("nothing", None, "no symbol is called nothing"),
    ],
)
def test_what_is_not_there_cannot_be_watched(where: str | int, size_bytes: int | None, message: str) -> None:
    with pytest.raises((MachineError, LoadError), match=re.escape(message)):
        machine_of(SPIN).watch(where, size_bytes)


def test_what_makes_no_sense_is_refused() -> None:
    machine = machine_of(SPIN)
    with pytest.raises(MachineError, match="kind: 'rw' is none of write, read, access"):
        machine.watch(VARIABLE, kind="rw")  # type: ignore[arg-type]
    with pytest.raises(MachineError, match="callback: 'print' is no function"):
        machine.watch(VARIABLE, callback="print")  # type: ignore[arg-type]
    with pytest.raises(MachineError, match="owner: 3 is no str"):
        machine.watch(VARIABLE, owner=3)  # type: ignore[arg-type]
