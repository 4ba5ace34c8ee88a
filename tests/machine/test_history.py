"""Going to any place of a recorded run, by any route, is being there."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from emu import Machine, MachineError
from emu.machine.history import History
from emu.options import EngineName
from emu.report.run_result import RunEnd

ATCMD = Path(__file__).parents[2] / "roms" / "atcmd" / "atcmd.img"
READY = "atcmd init finished"
LAST_NS = 200_000_000


def told(machine: Machine) -> None:
    """The same story each time: commands at the same virtual times."""
    for at_ns, text in ((110_000_000, "AT+QVER\r"), (130_000_000, "AT+"), (131_000_000, "Z\r")):
        machine.run(at_ns - machine.now_ns)
        machine.uart1.write(text)
    machine.run(LAST_NS - machine.now_ns)


def recorded(engine: EngineName = "translator", *, keeps: bool = True) -> Machine:
    machine = Machine.load(ATCMD, cache=False, engine=engine)
    if keeps:
        machine.keep_history(0.005)
    else:
        machine.record()
    told(machine)
    return machine


@pytest.mark.parametrize("keeps", [True, False])
def test_the_same_instruction_is_the_same_state_by_any_route(keeps: bool) -> None:
    rng, machine = Random(3), recorded(keeps=keeps)
    text, end_hash = machine.uart1.data, machine.snapshot().state_hash()
    counts = [rng.randrange(machine.executed) for _ in range(6)]
    hashes: dict[int, str] = {}
    for count in (*counts, *reversed(counts), *rng.sample(counts, 3)):
        machine.go_to(executed=count)
        assert machine.executed == count
        assert hashes.setdefault(count, machine.snapshot().state_hash()) == machine.snapshot().state_hash()
    machine.go_to(LAST_NS / 1e9)
    assert (machine.uart1.data, machine.snapshot().state_hash()) == (text, end_hash)
    straight = Machine.load(ATCMD, cache=False)
    before = [count for count in counts if count < 70_000]
    for count in sorted(before):
        straight.run_until_executed(count)
        assert straight.snapshot().state_hash() == hashes[count]


def test_the_interpreter_comes_to_the_same_places() -> None:
    machines = [recorded(engine) for engine in ("translator", "interpreter")]
    for time_s in (0.15, 0.1301, 0.1802, 0.09):
        for machine in machines:
            machine.go_to(time_s)
        assert len({machine.snapshot().state_hash() for machine in machines}) == 1


def test_users_hear_nothing_twice_by_going_and_all_that_comes_after() -> None:
    machine = recorded()
    heard: list[int] = []
    hooked: list[int] = []
    machine.uart1.listen(lambda _time_ns, byte: heard.append(byte))
    machine.hook("query_version", lambda told: hooked.append(told.now_ns))
    machine.add_breakpoint("query_version")
    machine.watch("uart1.tx_data", callback=lambda _: heard.append(-1))
    text = machine.uart1.data
    machine.go_to(0.1)
    machine.go_to(LAST_NS / 1e9)
    assert (heard, hooked, machine.uart1.data) == ([], [], text)
    machine.go_to(0.1)
    assert machine.run_for(0.05).end is RunEnd.ADDRESS  # a run is no going: time goes on there
    assert len(hooked) == 1


def test_what_comes_in_in_the_past_begins_another_future() -> None:
    machine = recorded()
    first = machine.uart1.data
    machine.go_to(0.12)
    machine.uart1.write("AT+NONSENSE\r")
    machine.run(LAST_NS - machine.now_ns)
    second = machine.uart1.data
    assert second != first
    assert b"ERR" in second
    machine.go_to(0.125)
    machine.go_to(LAST_NS / 1e9)
    assert machine.uart1.data == second
    straight = Machine.load(ATCMD, cache=False)
    for at_ns, said in ((110_000_000, "AT+QVER\r"), (120_000_000, "AT+NONSENSE\r")):
        straight.run(at_ns - straight.now_ns)
        straight.uart1.write(said)
    straight.run(LAST_NS - straight.now_ns)
    assert straight.uart1.data == second


def test_a_story_with_resets_is_gone_through_backwards() -> None:
    machine = Machine.load(cache=False)
    machine.keep_history(0.1)
    machine.uart0.expect(READY)
    end, texts = machine.snapshot(), []
    for time_s in (2.9, 2.7, 1.0, 0.01):
        machine.go_to(time_s)
        texts.append(machine.uart0.text)
    assert [READY in text for text in texts] == [False] * 4
    assert len(texts[0]) > len(texts[1]) > len(texts[2]) > len(texts[3])
    machine.go_to(end.now_ns / 1e9)
    assert machine.snapshot().state_hash() == end.state_hash()


def test_history_and_recording_change_nothing() -> None:
    plain = Machine.load(ATCMD, cache=False)
    told(plain)
    assert recorded().snapshot().state_hash() == plain.snapshot().state_hash()


def test_snapshots_get_further_apart_with_age_and_stay_within_the_limit() -> None:
    machine = Machine.load(ATCMD, cache=False)
    limit_bytes = 6_000_000
    machine.keep_history(0.001, limit_bytes)
    machine.run(130_000_000)
    history: History = machine._history
    assert history.size_bytes <= limit_bytes
    times = [kept.snapshot.now_ns for kept in history._kept]
    assert len(times) > 8
    assert times[2] - times[1] > times[-1] - times[-2]
    machine.go_to(0.1)
    assert machine.now_ns >= 100_000_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give a time or a number of instructions"),
        ({"time_s": 1, "executed": 1}, "give a time or a number of instructions"),
        ({"time_s": 0.05}, "the recording begins later"),
        ({"executed": -1}, "executed"),
    ],
)
def test_where_nobody_can_go_is_said(arguments: dict[str, float], message: str) -> None:
    machine = Machine.load(ATCMD, cache=False)
    machine.uart0.expect(READY)
    with pytest.raises(MachineError, match="nothing is recorded"):
        machine.go_to(0.001)
    machine.record()
    with pytest.raises((MachineError, ValueError), match=message):
        machine.go_to(**arguments)  # type: ignore[arg-type]
