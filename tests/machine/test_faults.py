"""Faults that are injected: what each of them does to firmware, and that recordings have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emu.history.snapshot import Snapshot
from emu.machine import Machine, MachineError, RunEnd
from emu.machine.faults import Faults
from emu.machine.replay import Replay
from peripherals.nor_flash import PAGE_SIZE, SECTOR_SIZE

CONSOLE = Path(__file__).resolve().parents[1] / "regress" / "programs" / "console.elf"
RAM = 0x2000_0000
Action = Callable[[Faults], object]


@pytest.fixture(scope="module")
def booted() -> Iterator[tuple[Machine, Snapshot]]:
    with Machine.load(CONSOLE) as machine:
        machine.uart0.expect("ready, setting .\r\n")
        yield machine, machine.snapshot()


@pytest.fixture
def machine(booted: tuple[Machine, Snapshot]) -> Machine:
    booted[0].restore(booted[1])
    return booted[0]


def answer_ns(machine: Machine) -> int:
    """How long an answer takes."""
    begin_ns = machine.now_ns
    machine.uart0.write("?\r")
    machine.uart0.expect(b"setting .\r\n")
    return machine.now_ns - begin_ns


def test_line_faults_are_flags_of_the_receiver(machine: Machine) -> None:
    machine.faults.uart(0, "break")
    source = machine.board.soc.uart0.interrupt_source
    assert source.break_seen == source.frame_error == 1
    machine.faults.uart_noise(0, 8, seed=1)
    assert machine.uart0.queued == 8
    machine.run_for(0.1)
    assert machine.uart0.queued == 0


def test_a_lost_interrupt_is_made_up_for_by_the_next(machine: Machine) -> None:
    usual_ns = answer_ns(machine)
    machine.faults.lose_interrupt("UART0")
    machine.uart0.write("?")
    machine.run_for(0.01)  # nobody hears of it
    assert answer_ns(machine) < usual_ns + 1_000_000


def test_a_late_interrupt_makes_the_answer_late(machine: Machine) -> None:
    usual_ns = answer_ns(machine)
    machine.faults.delay_interrupt("UART0", 0.02)
    assert answer_ns(machine) > usual_ns + 15_000_000


def test_a_cpu_that_stands_still_does_not_count_its_ticks(machine: Machine) -> None:
    begin_ns = machine.now_ns
    machine.faults.stall(0.25)
    assert machine.now_ns == begin_ns + 250_000_000
    answer_ns(machine)
    ticks = machine.uart0.text.rpartition("(")[2].partition(")")[0]
    assert int(ticks) < 100


def test_a_drifting_crystal_makes_everything_slower(machine: Machine) -> None:
    usual_ns = answer_ns(machine)
    machine.faults.drift_clock(-50_000)
    assert answer_ns(machine) > usual_ns * 104 // 100
    machine.faults.drift_clock(0)
    assert answer_ns(machine) < usual_ns * 102 // 100


def test_a_watchdog_that_starves_resets_the_chip(machine: Machine) -> None:
    dog = machine.board.soc.watchdog
    machine.write("watchdog.load", (40_000_000).to_bytes(4, "little"))  # 1 s
    machine.write("watchdog.control", b"\x03\0\0\0")
    machine.faults.starve_watchdog()
    machine.run_for(0.9)
    machine.write("watchdog.interrupt_clear", b"\x01\0\0\0")
    assert dog.is_starved
    machine.uart0.expect("ready", timeout_s=0.3)
    assert machine.last_reset is not None
    assert not dog.is_starved


def test_ram_decays_while_the_power_is_away(machine: Machine) -> None:
    machine.write(RAM + 0x3_8000, bytes(range(256)) * 16)
    begin_ns = machine.now_ns
    machine.faults.brown_out(0.02, decayed_share=0.25, seed=3)
    machine.run(0)
    kept = machine.peek(RAM + 0x3_8000, 4096)
    changed = sum(one != at % 256 for at, one in enumerate(kept))
    assert 800 < changed < 1200
    assert machine.now_ns >= begin_ns + 20_000_000
    machine.uart0.expect("ready")


def test_a_worn_sector_does_not_take_what_is_written(machine: Machine) -> None:
    machine.faults.wear_out_sector(0x1E_0000, seed=1)
    worn = len(machine.flash.worn)
    assert 50 < worn <= 64
    for _ in range(SECTOR_SIZE // PAGE_SIZE + 1):  # a page each: the last finds no room, and erases
        machine.uart0.write("SB\r")
        machine.uart0.expect(b"setting .\r\n")
    assert machine.flash.contents[0x1E_0004:0x1E_1000].tobytes().count(b"\xff") == 0xFFC - worn


def test_all_of_them_are_replayed(machine: Machine, tmp_path: Path) -> None:
    injections: list[Action] = [
        lambda faults: faults.uart_noise(0, 20, 5),
        lambda faults: faults.lose_interrupt("UART0", 3),
        lambda faults: faults.delay_interrupt("CORE_TIMER", 0.01),
        lambda faults: faults.stall(0.03),
        lambda faults: faults.drift_clock(20_000),
        lambda faults: faults.wear_out_sector(0x1E_0000, 2),
        lambda faults: faults.flip_flash_bit(0x1E_0000, 2),
        lambda faults: faults.starve_watchdog(),
        lambda faults: faults.brown_out(0.01, 0.01, 7),
    ]
    machine.record()
    for inject in injections:
        machine.run_for(0.005)
        inject(machine.faults)
    machine.run_for(0.1)
    end = machine.snapshot().state_hash()
    machine.save_recording(tmp_path / "faults.rec")
    replay = Replay.load(tmp_path / "faults.rec")
    assert not replay.run().difference
    assert replay.machine.snapshot().state_hash() == end


@pytest.mark.parametrize(
    ("inject", "told"),
    [
        (lambda faults: faults.uart(6, "break"), "number: 6 is none of 0 to 5"),
        (lambda faults: faults.uart(0, "brake"), "kind: 'brake' is none of break"),
        (lambda faults: faults.flip_flash_bit(0, 8), "bit: 8 is none of 0 to 7"),
        (lambda faults: faults.lose_interrupt("UART9"), "line: 'UART9' is none of SDIO_SLAVE"),
        (lambda faults: faults.lose_interrupt("UART0", 0), "count: 0 is no whole number from 1 on"),
        (lambda faults: faults.drift_clock(100_001), "ppm: 100001 is none of -100000 to 100000"),
        (lambda faults: faults.stall(-1), "duration_s: -1 is no number of seconds"),
        (lambda faults: faults.brown_out(decayed_share=2), "decayed_share: 2 is not 0 to 1"),
        (lambda faults: faults.wear_out_sector(1 << 24), "offset: 16777216 is none of 0 to"),
    ],
)
def test_what_cannot_be_is_told(machine: Machine, inject: Action, told: str) -> None:
    with pytest.raises(MachineError, match=told):
        inject(machine.faults)


def test_they_are_part_of_snapshots(machine: Machine) -> None:
    machine.faults.drift_clock(20_000)
    machine.faults.lose_interrupt("CORE_TIMER", 5)
    before = machine.snapshot()
    ends = []
    for _ in range(2):
        machine.restore(before)
        assert machine.run_for(0.05).end is RunEnd.TIME_UP
        ends.append(machine.snapshot().state_hash())
    assert ends[0] == ends[1]
