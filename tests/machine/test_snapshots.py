"""A run from a snapshot of any moment, in a fresh machine, is the run that nobody interrupted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest
from cpu.program import code, op
from machine.device import PREPARE_UART0, machine_of, send, set_register, store_word
from support.seeds import PROGRAM_SEEDS

from emu import Machine
from emu.history.snapshot import Snapshot
from emu.machine.errors import MachineError
from emu.memory_map import SRAM_BASE
from emu.report.run_result import RunEnd
from emu.soc.support import model_of
from emu.soc.w800 import W800
from peripherals.flash_operation import Phase

PROGRAMS = Path(__file__).parents[1] / "firmware" / "programs"
Engine = Literal["translator", "interpreter"]
ENGINES: tuple[Engine, ...] = ("translator", "interpreter")
SHORTEST_NS = 100_000
CORE_TIMER, VIC, RTC = (W800.rows[name].base for name in ("core_timer", "vic", "rtc"))
QUIET = ("watchdog", "pmu", "rcc", "cache", "absent")
ALL_REGISTERS = [
    row.base + offset
    for name, row in W800.rows.items()
    if name not in QUIET
    for slot in model_of(row).slots.values()
    for offset in slot.offsets[:8]
]
Make = Callable[[Engine], Machine]


def load(name: str | None, engine: Engine) -> Machine:
    return Machine.load(name and PROGRAMS / name, engine=engine, cache=False, on_crash="continue")


def busy_chip(seed: int, engine: Engine) -> Machine:
    """Random values in random registers of all blocks, then a loop that reads and writes some of them."""
    rng = Random(seed)
    places = rng.choices(ALL_REGISTERS, k=120)
    prepare = b"".join(
        store_word(place, rng.choice((rng.getrandbits(32), rng.randrange(16)))) for place in places
    )
    loop = code(
        *(
            code(set_register(2, place), op("ld.w", rz=3, rx=2, offset=0), op("addu", rz=5, rx=3))
            for place in rng.choices(places, k=12)
        ),
        set_register(4, SRAM_BASE + 0x100),
        op("st.w", rz=5, rx=4, offset=0),
        store_word(*rng.choice([(place, rng.getrandbits(32)) for place in places])),
    )
    return machine_of(
        code(PREPARE_UART0, prepare, send("busy" * 7), loop, op("br", offset=-len(loop))),
        engine=engine,
        grace_ns=None,
    )


def devices_at_work(engine: Engine) -> Machine:
    """The devices with deadlines of their own, several at the same times; the handler counts and goes on."""
    start = code(
        PREPARE_UART0,
        store_word(0x4001_0604, 0),
        store_word(0x4000_0E18, 40 << 8),  # the bit clock of I2S
        store_word(0x4001_2000, 0b111),  # I2S sends and receives
        store_word(0x4001_0204, 0b011),  # the ADC converts
        store_word(0x4001_1800, 39),  # timers: microseconds
        *(store_word(0x4001_1808 + 4 * number, 500) for number in range(6)),
        store_word(0x4001_1804, 0b00110_00110_00110_01110_01110_00110),
        store_word(0x4001_2400, 1 << 20 | 1),
        store_word(RTC + 4, 1 << 16),
        store_word(RTC, 1 << 31 | 1),
        store_word(0x4000_0654, 0b011),  # random words
        store_word(0x4001_0408, 19),  # SPI
        store_word(0x4001_0404, 4),
        store_word(0x4001_0400, 1 << 20 | 0x200 | 1 << 19),
        store_word(0x4000_0810, SRAM_BASE),  # DMA: a copy
        store_word(0x4000_0814, SRAM_BASE + 0x4000),
        store_word(0x4000_082C, 0x2000 << 8 | 2 << 5 | 1 << 3 | 1 << 1 | 1),
        store_word(0x4000_0824, 1),
        store_word(CORE_TIMER + 4, 40_000),
        store_word(CORE_TIMER, 7),
        store_word(VIC, 1 << 25 | 1 << 30),
        op("psrset", bits=0b1100),
    )
    loop = code(send("work"), store_word(0x4000_2004, 0), op("addi", rz=6, oimm=1))
    handler = code(
        set_register(12, CORE_TIMER),
        op("ld.w", rz=13, rx=12, offset=0),
        set_register(12, 0x4001_1804),
        op("ld.w", rz=13, rx=12, offset=0),
        op("st.w", rz=13, rx=12, offset=0),
        op("addi", rz=11, oimm=1),
        op("rte"),
    )
    return machine_of(
        code(start, loop, op("br", offset=-len(loop))), engine=engine, handler=handler, grace_ns=None
    )


def moments_of(machine: Machine, rng: Random, count: int, longest_ns: int) -> list[Snapshot]:
    """Run on by random times, with a snapshot after each."""
    moments = []
    for _ in range(count):
        machine.run(int(SHORTEST_NS * (longest_ns / SHORTEST_NS) ** rng.random()))
        moments.append(machine.snapshot())
    return moments


def restored(make: Make, engine: Engine, snapshot: Snapshot) -> Machine:
    """A fresh machine that has been put there."""
    machine = make(engine)
    machine.restore(snapshot)
    return machine


def difference(left: Any, right: Any, path: str = "") -> list[str]:
    """The places where two snapshots differ."""
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        return [line for key in left for line in difference(left[key], right[key], f"{path}.{key}")]
    if left == right:
        return []
    return [f"{path}: {left!r:.60} {right!r:.60}"]


def check(make: Make, seed: int, *, longest_ns: int, count: int = 6, engine: Engine = "translator") -> None:
    rng = Random(seed)
    machine, undisturbed = make(engine), make(engine)
    moments = moments_of(machine, rng, count, longest_ns)
    undisturbed.run(machine.now_ns)
    assert not difference(undisturbed.snapshot().state, moments[-1].state)
    for engine_after in ENGINES:
        at = rng.randrange(count - 1)
        before, after = moments[at], moments[at + 1]
        again = restored(make, engine_after, before)
        assert not difference(again.snapshot().state, before.state)
        again.run(after.now_ns - again.now_ns)
        assert not difference(again.snapshot().state, after.state)
        assert again.executed == after.executed


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(2))
def test_the_demo_goes_on_from_a_snapshot(seed: int, engine: Engine) -> None:
    check(partial(load, None), seed, longest_ns=50_000_000, engine=engine)


@pytest.mark.parametrize("name", ["tasks.elf", "interrupts.elf"])
@pytest.mark.parametrize("seed", range(3))
def test_programs_go_on_from_a_snapshot(name: str, seed: int) -> None:
    check(partial(load, name), seed, longest_ns=3_000_000)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(2))
def test_devices_at_work_go_on_from_a_snapshot(seed: int, engine: Engine) -> None:
    check(devices_at_work, seed, longest_ns=600_000, count=4, engine=engine)


@pytest.mark.parametrize("seed", PROGRAM_SEEDS[:12])
def test_a_chip_with_anything_in_its_registers_goes_on_from_a_snapshot(seed: int) -> None:
    check(partial(busy_chip, seed), seed, longest_ns=300_000, count=3)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_snapshot_at_a_breakpoint_goes_on_in_the_middle_of_a_slice(engine: Engine) -> None:
    """Alarms that are due, and the end of the slice, wait for the next check point."""
    machine, undisturbed = devices_at_work(engine), devices_at_work(engine)
    machine.run(SHORTEST_NS)
    address = machine.registers["pc"] + 2 * len(set_register(1, 0))
    end_ns = machine.now_ns + SHORTEST_NS
    for _ in range(8):
        assert machine.run_until_address(address).end is RunEnd.ADDRESS
        again = restored(devices_at_work, engine, machine.snapshot())
        again.run(end_ns - again.now_ns)
        undisturbed.run(max(end_ns - undisturbed.now_ns, 0))
        assert not difference(again.snapshot().state, undisturbed.snapshot().state)


def test_going_back_in_the_same_machine_is_like_a_fresh_one() -> None:
    machine = devices_at_work("translator")
    before, after, _ = moments_of(machine, Random(1), 3, 200_000)
    for _ in range(2):
        machine.restore(before)
        assert not difference(machine.snapshot().state, before.state)
        machine.run(after.now_ns - machine.now_ns)
        assert not difference(machine.snapshot().state, after.state)


def test_a_restore_tells_nobody_and_takes_back_what_has_been_printed() -> None:
    machine = Machine.load(cache=False)
    heard: list[int] = []
    resets: list[object] = []
    machine.uart0.expect("build at")
    before, text = machine.snapshot(), machine.uart0.text
    machine.uart0.expect("atcmd init finished")
    machine.uart0.listen(lambda _time_ns, byte: heard.append(byte))
    machine.on_reset(resets.append)
    machine.restore(before)
    assert (machine.uart0.text, machine.now_ns, machine.executed) == (text, before.now_ns, before.executed)
    assert (heard, resets) == ([], [])
    assert machine.uart0.expect("atcmd init finished")
    assert len(resets) == 1


@pytest.mark.parametrize("phase", Phase)
def test_a_power_cut_to_come_is_a_part_of_the_state(phase: Phase) -> None:
    machine = Machine.load(cache=False)
    machine.cut_power_at_flash_operation(300, phase)
    machine.run(100_000_000)
    before = machine.snapshot()
    ends = []
    for _ in range(2):
        assert machine.run().end is RunEnd.POWER_CUT
        ends.append(machine.snapshot())
        machine.restore(before)
    assert not difference(ends[0].state, ends[1].state)
    machine.restore(ends[0])
    with pytest.raises(MachineError, match="the power is off"):
        machine.run()
    machine.power_cycle()
    assert machine.uart0.expect("build at")


def test_the_grace_of_a_crash_and_the_branches_before_it_are_parts_of_the_state() -> None:
    machine = Machine.load(PROGRAMS / "tasks.elf", cache=False, recent_branches=True)
    undisturbed = machine.run()
    again = Machine.load(PROGRAMS / "tasks.elf", cache=False, recent_branches=True)
    assert undisturbed.crash is not None
    for early_ns in (1_000_000, -1_000):
        assert again.run(undisturbed.crash.time_ns - early_ns - again.now_ns).end is RunEnd.TIME_UP
        before = again.snapshot()
        for _ in range(2):
            result = again.run()
            assert (result.end, result.crash, result.time_ns) == (
                RunEnd.CRASH,
                undisturbed.crash,
                undisturbed.time_ns,
            )
            again.restore(before)


def test_a_snapshot_of_another_chip_is_refused_and_changes_nothing() -> None:
    snapshot = Machine.load(cache=False).snapshot()
    machine = Machine.load(psram_size_bytes=2 << 20, cache=False)
    before = machine.snapshot()
    with pytest.raises(MachineError, match="of another machine: PSRAM size 0, here 2097152"):
        machine.restore(snapshot)
    assert not difference(machine.snapshot().state, before.state)


def test_snapshots_are_taken_between_runs() -> None:
    machine = Machine.load(cache=False)
    machine.hook("app_main", lambda told: told.snapshot())
    with pytest.raises(MachineError, match="snapshot: it runs already"):
        machine.run(100_000_000)
    with pytest.raises(MachineError, match=r"snapshot: 1 is no Snapshot|snapshot"):
        machine.restore(1)  # type: ignore[arg-type]


def test_what_a_snapshot_alone_holds_is_given_back_with_it() -> None:
    machine = Machine.load(cache=False)
    machine.run(100_000_000)
    first = machine.snapshot()
    machine.run(10_000_000)
    second = machine.snapshot()
    pages = [
        page
        for page in second.state["chip"]["ram"][0]
        if not any(page is p for p in first.state["chip"]["ram"][0])
    ]
    assert 0 < len(pages) < 40
    flash = [
        one.state["chip"]["soc"]["flash_controller"]["state"]["flash"]["contents"] for one in (first, second)
    ]
    assert sum(page is not other for page, other in zip(*flash, strict=True)) < 4


def test_the_state_does_not_depend_on_who_watches() -> None:
    watched = Machine.load(cache=False, recent_branches=True)
    watched.uart0.listen(lambda _time_ns, _byte: None)
    watched.hook("app_main", lambda _: None)
    watched.uart0.expect("atcmd init finished")
    watched.run(10_000_000)
    plain = Machine.load(cache=False)
    plain.run(watched.now_ns)
    assert plain.snapshot().state_hash() == watched.snapshot().state_hash()
    plain.run(1_000_000)
    assert plain.snapshot().state_hash() != watched.snapshot().state_hash()


def test_the_state_is_the_same_on_both_engines() -> None:
    machines = [Machine.load(PROGRAMS / "tasks.elf", engine=engine, cache=False) for engine in ENGINES]
    for machine in machines:
        machine.run(60_000_000)
    assert len({machine.snapshot().state_hash() for machine in machines}) == 1
