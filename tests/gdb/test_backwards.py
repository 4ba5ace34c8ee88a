"""Backwards is the same way as forwards, and neither changes where it leads to."""

from __future__ import annotations

from random import Random

import pytest
from support.gdb_client import ATCMD, GdbClient, register

from emu import Machine

PC = 72
LAST_NS, END_NS = 140_000_000, 160_000_000


def hash_of(machine: Machine) -> str:
    return machine.snapshot().state_hash()


def run_to(client: GdbClient, time_ns: int) -> None:
    """Go on to a virtual time, and stop there."""
    client.send("c")
    machine = client.server.machine
    while machine.now_ns < time_ns:
        client.server.run(time_ns - machine.now_ns)
    client.interrupt()


def stop_at(client: GdbClient, where: str) -> None:
    address = client.server.machine.address_of(where)
    assert client.ask(f"Z0,{address:x},2") == "OK"
    assert "swbreak" in client.ask("c")
    assert client.ask(f"z0,{address:x},2") == "OK"


def test_steps_back_go_through_the_places_of_the_steps_forwards(machine: Machine, client: GdbClient) -> None:
    stop_at(client, "app_main")
    places = [hash_of(machine)]
    for _ in range(140):
        client.ask("vCont;s")
        places.append(hash_of(machine))
    for place in reversed(places[:-1]):
        assert client.ask("bs") == "T05thread:1;"
        assert hash_of(machine) == place
    for place in places[1:]:
        client.ask("vCont;s")
        assert hash_of(machine) == place


def test_a_step_back_behind_a_long_run_costs_no_long_run(machine: Machine, client: GdbClient) -> None:
    run_to(client, 120_000_000)
    executed = machine.executed
    client.ask("bs")
    assert machine.executed < executed


def test_handlers_are_stepped_over_in_both_directions(machine: Machine, client: GdbClient) -> None:
    stop_at(client, "idle")
    run_to(client, 110_000_000)
    places, lengths = [], []
    for _ in range(6):  # each round of the loop is woken by the tick
        places.append(register(client, PC))
        executed = machine.executed
        client.ask("vCont;s")
        assert "interrupt" not in machine.describe(register(client, PC))
        assert machine.board.core.active_handlers == ()
        lengths.append(machine.executed - executed)
    assert max(lengths) > 20
    for place in reversed(places):
        client.ask("bs")
        assert register(client, PC) == place
        assert machine.board.core.active_handlers == ()


def test_back_to_a_breakpoint_is_back_to_the_last_time_it_was_there(
    machine: Machine, client: GdbClient
) -> None:
    address = machine.address_of("log_version")
    client.ask(f"Z1,{address:x},2")
    assert "hwbreak" in client.ask("c")
    place = machine.executed, hash_of(machine)
    run_to(client, 120_000_000)
    assert client.ask("bc") == "T05thread:1;hwbreak:;"
    assert (machine.executed, hash_of(machine)) == place
    assert client.ask("bc") == "T05thread:1;replaylog:begin;"
    assert machine.executed == 0
    assert client.ask("bs") == "T05thread:1;replaylog:begin;"


def test_back_to_the_first_instruction_of_a_handler(machine: Machine, client: GdbClient) -> None:
    """So many instructions are executed also before the interrupt, when the CPU falls asleep."""
    stop_at(client, "idle")
    run_to(client, 120_000_000)
    address = machine.address_of("interrupt_entry")
    client.ask(f"Z0,{address:x},2")
    places = []
    for _ in range(4):
        assert "swbreak" in client.ask("bc")
        assert register(client, PC) == address
        places.append((machine.now_ns, hash_of(machine)))
    assert places == sorted(places, reverse=True)
    for place in places[-2::-1]:
        client.ask("c")
        assert (machine.now_ns, hash_of(machine)) == place


def test_back_over_a_reset_to_the_first_instruction_and_before(machine: Machine, client: GdbClient) -> None:
    stop_at(client, "app_main")
    executed = machine.executed
    client.monitor("reset")
    first = machine.executed, hash_of(machine)
    stop_at(client, "app_main")
    address = machine.address_of("reset_handler")
    client.ask(f"Z0,{address:x},2")
    assert "swbreak" in client.ask("bc")
    assert (machine.executed, hash_of(machine)) == first
    client.ask("bs")
    assert machine.executed == executed - 1
    assert "swbreak" in client.ask("bc")
    assert (machine.executed, register(client, PC)) == (0, address)


def test_back_to_the_write_of_a_byte(machine: Machine, client: GdbClient) -> None:
    run_to(client, 120_000_000)
    address = (
        machine.address_of("tick_count") if "tick_count" in machine.symbols else machine.address_of("ticks")
    )
    value = machine.peek(address, 4)
    client.ask(f"Z2,{address:x},4")
    assert client.ask("bc") == f"T05thread:1;watch:{address:x};"
    assert int.from_bytes(machine.peek(address, 4), "little") == int.from_bytes(value, "little") - 1
    client.ask(f"z2,{address:x},4")
    client.ask("vCont;s")
    assert machine.peek(address, 4) == value


def test_users_hear_nothing_twice(machine: Machine, client: GdbClient) -> None:
    heard = bytearray()
    machine.uart0.listeners.append(lambda _time_ns, byte: heard.append(byte))
    run_to(client, 110_000_000)
    client.ask("bc")
    run_to(client, 120_000_000)
    assert heard == machine.uart0.data


def test_a_change_in_the_past_begins_another_future_and_says_so(machine: Machine, client: GdbClient) -> None:
    run_to(client, 120_000_000)
    address = machine.address_of("log_version")
    client.ask(f"Z0,{address:x},2")
    client.ask("bc")
    then = machine.now_ns
    client.ask("P3=01000000")
    client.ask(f"z0,{address:x},2")
    assert not client.console
    client.ask("vCont;s")
    assert "new future" in client.console
    run_to(client, 119_000_000)
    assert client.ask("bs") == "T05thread:1;"
    assert machine.now_ns > then


def test_ctrl_c_gives_a_way_back_up(machine: Machine, client: GdbClient) -> None:
    run_to(client, 120_000_000)
    before = hash_of(machine)
    client.send_raw(b"$bc#c5\x03")
    assert client.answer() in (b"T02thread:1;", b"T05thread:1;replaylog:begin;")
    if machine.executed:
        assert hash_of(machine) == before


def move_anywhere(client: GdbClient, rng: Random, places: list[int]) -> None:
    match rng.randrange(5):
        case 0 | 1 as direction:
            for _ in range(rng.randrange(1, 8)):
                client.ask("vCont;s" if direction else "bs")
        case 2 | 3:
            address = rng.choice(places)
            client.ask(f"Z0,{address:x},2")
            client.ask("bc")
            client.ask(f"z0,{address:x},2")
        case 4:
            run_to(client, min(client.server.now_ns + rng.randrange(20_000_000), LAST_NS))


@pytest.mark.parametrize("seed", range(3))
def test_any_walk_leads_to_where_the_run_would_have_gone(
    seed: int, machine: Machine, client: GdbClient
) -> None:
    rng = Random(seed)
    ask_at = (100_000_000, 118_000_000)
    places = [
        machine.address_of(name) for name in ("idle", "log_version", "interrupt_entry", "query_version")
    ]
    for at_ns in ask_at:
        run_to(client, at_ns)
        machine.uart1.write("AT+QVER\r")
    run_to(client, LAST_NS)
    for _ in range(20):
        move_anywhere(client, rng, places)
    run_to(client, END_NS)
    with Machine.load(ATCMD, cache=False) as free:
        for at_ns in (*ask_at, END_NS):
            free.run(at_ns - free.now_ns)
            if at_ns != END_NS:
                free.uart1.write("AT+QVER\r")
        assert hash_of(machine) == hash_of(free)
        assert machine.uart1.data == free.uart1.data
