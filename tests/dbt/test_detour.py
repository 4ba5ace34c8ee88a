"""Accesses to the memory of a device go there directly, and nobody can tell."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from random import Random

import pytest
from cpu.program import code, op
from machine import device
from machine.device import SPIN, machine_of, set_register, store_word
from support.translator import accesses

from emu.dbt import a64
from emu.dbt.detour import can_be_met
from emu.dbt.emitter import Emitter, InterpretError
from emu.dbt.mode import Mode
from emu.dbt.regmap import NEXT_PC
from emu.engine.contract import DeviceMemory
from emu.isa.decode import decode
from emu.isa.insn import Insn
from emu.isa.table import INSNS
from emu.machine.machine import Machine
from emu.report.access import WatchedAccess
from emu.soc.w800 import W800
from peripherals.framework.memory_block import MemoryBlock

BUFFER = W800.rows["shared_buffer"].base
CORE_TIMER = W800.rows["core_timer"].base
TIMES = 500
loop = partial(device.loop, times=TIMES)
BOTH = pytest.mark.parametrize("engine", ["interpreter", "translator"])


def outcome(program: bytes, engine: str) -> Machine:
    """The machine that has run a program."""
    machine = machine_of(program, engine=engine)
    machine.run_for(0.0003)
    return machine


def state(machine: Machine) -> tuple[object, ...]:
    return dict(machine.registers), machine.executed, machine.now_ns, machine.read(BUFFER, 0x400)


SIZES = {"ld.w": "st.w", "ld.h": "st.h", "ld.b": "st.b", "ld.hs": "st.h", "ld.bs": "st.b"}


@pytest.mark.parametrize("offset", [0, 0x3C, 0x3FC])
@pytest.mark.parametrize("load", SIZES)
def test_loads_and_stores_of_every_size_do_what_they_do_on_the_bus(load: str, offset: int) -> None:
    program = code(
        set_register(6, BUFFER),
        store_word(BUFFER + offset, 0x8182_8384),
        loop(
            op(load, rz=3, rx=6, offset=offset),
            op("subi", rz=3, oimm=3),
            op(SIZES[load], rz=3, rx=6, offset=offset),
        ),
        SPIN,
    )
    reference = outcome(program, "interpreter")
    machine = outcome(program, "translator")
    assert state(machine) == state(reference)
    assert 0 < accesses(machine) < TIMES


def test_a_place_that_meets_registers_and_memory_alternately_sees_the_same_as_on_the_bus() -> None:
    timer = CORE_TIMER + 8
    program = code(
        store_word(CORE_TIMER + 4, 0xFF_FFFF),
        store_word(CORE_TIMER, 1),
        set_register(6, BUFFER),
        set_register(7, BUFFER ^ timer),
        loop(
            op("ld.w", rz=3, rx=6, offset=0),
            op("addu", rz=4, rx=4, ry=3),
            op("xor", rz=6, rx=6, ry=7),
        ),
        SPIN,
    )
    reference = outcome(program, "interpreter")
    machine = outcome(program, "translator")
    assert machine.registers["r4"] > 0
    assert state(machine) == state(reference)


@pytest.mark.parametrize("wrong", [BUFFER + 2, BUFFER + 0x401, 0x4003_0000])
def test_an_access_that_nobody_takes_fails_at_its_instruction_although_others_there_went_well(
    wrong: int,
) -> None:
    again = loop(
        op("movi", rz=3, imm=7),
        op("ld.w", rz=3, rx=6, offset=0),
        op("addi", rz=4, oimm=1),
    )
    again += op("addu", rz=6, rx=6, ry=7)
    start = code(store_word(BUFFER, 9), set_register(6, BUFFER), set_register(7, wrong - BUFFER))
    program = code(start, again, op("br", offset=-len(again)))
    reference, machine = (outcome(program, engine) for engine in ("interpreter", "translator"))
    assert (machine.registers["r3"], machine.registers["r4"]) == (7, TIMES)
    assert state(machine) == state(reference)


@BOTH
def test_a_model_finds_what_was_stored(engine: str) -> None:
    program = code(set_register(6, BUFFER), loop(op("st.w", rz=5, rx=6, offset=8)), SPIN)
    machine = outcome(program, engine)
    assert machine.read(BUFFER + 8, 4) == b"\1\0\0\0"
    machine.write(BUFFER + 8, b"word")
    assert machine.peek(BUFFER + 8, 4) == b"word"


@BOTH
def test_a_watch_hears_of_accesses_that_went_directly_before(engine: str) -> None:
    access = op("st.w", rz=5, rx=6, offset=8)
    program = code(set_register(6, BUFFER), set_register(7, 1), access, op("br", offset=-len(access)))
    machine = outcome(program, engine)
    told: list[WatchedAccess] = []
    watchpoint = machine.watch(BUFFER + 8, 4, callback=told.append)
    machine.run_for(0.00001)
    heard = len(told)
    assert heard > 10
    watchpoint.remove()
    machine.run_for(0.00001)
    assert len(told) == heard


def test_only_memory_that_two_instructions_recognise_is_met() -> None:
    assert can_be_met(DeviceMemory(BUFFER, 0x400, bytearray(0x4000)))
    assert not can_be_met(DeviceMemory(BUFFER, 0x600, bytearray(0x4000)))
    assert not can_be_met(DeviceMemory(BUFFER + 0x400, 0x400, bytearray(0x4000)))
    assert not can_be_met(DeviceMemory(BUFFER + 0x1_4000, 0x400, bytearray(0x4000)))


@pytest.mark.parametrize("word", [0xB940_0C41, 0xB85F_C041, 0x3900_0C41, 0x7940_0C41])
def test_an_access_at_another_register_keeps_what_it_moves(word: int) -> None:
    moved = a64.at_register(word, 27)
    assert a64.accessed(moved) == (27, 0)
    assert a64.size_of_access(moved) == a64.size_of_access(word)
    assert moved & 31 == word & 31


@pytest.mark.parametrize(("store", "told"), [("st.b", 0x84), ("st.h", 0x8384), ("st.w", 0x8182_8384)])
def test_a_device_gets_no_more_of_a_register_than_is_stored(
    store: str, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values: list[int] = []
    monkeypatch.setattr(MemoryBlock, "write", lambda block, offset, value, size_bytes: values.append(value))
    sample_memory = W800.rows["sample_memory"].base
    program = code(
        set_register(6, sample_memory), set_register(7, 0x8182_8384), op(store, rz=7, rx=6, offset=4), SPIN
    )
    outcome(program, "translator")
    assert values == [told]


@pytest.mark.parametrize("row", INSNS, ids=lambda row: row.name)
def test_what_a_detour_computes_in_is_free_at_every_access(row: Insn) -> None:
    rng = Random(row.name)
    for _ in range(20):
        word = row.match | rng.getrandbits(8 * row.size_bytes) & ~row.mask
        if decode(*(word >> 16, word & 0xFFFF) if row.size_bytes == 4 else (word, 0)) is not row:
            continue
        emitter = Emitter(lambda address: None, Mode(supervisor=True, check_alignment=False))
        with suppress(InterpretError):
            emitter.instruction(row, row.decode(word), 0x0800_0100)
        writes = [at for at, code in enumerate(emitter.code) if writes_next_pc(code)]
        accesses = [at for at, code in enumerate(emitter.code) if a64.accesses_memory(code)]
        assert not writes or not accesses or accesses[-1] < writes[0]


def writes_next_pc(code: int) -> bool:
    """Whether its destination is X27; S27 is another one."""
    is_vector = code & 0xFFFF_FC00 == a64.fmov_from_general(0, 0)
    return code & 31 == NEXT_PC and not a64.accesses_memory(code) and not is_vector
