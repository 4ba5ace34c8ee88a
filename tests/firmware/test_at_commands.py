"""atcmd answers on both UARTs, keeps its settings, sleeps, and says how it died."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import roms
from emu.machine.machine import Machine
from emu.machine.uart_port import UartPort

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
READY = r"atcmd init finished\.\r\n"
RESETS_BY_USER, RESETS_FROM_STANDBY = "4", "1"


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Machine.load(ATCMD, cache=False) as machine:
        machine.uart0.expect(READY)
        yield machine


def ask(port: UartPort, command: str) -> str:
    """Type a command; the answer without the end of its lines."""
    port.write(command + "\r\n")
    return port.expect(r"(\+OK.*|\+ERR=.*)\r\n\r\n")[1]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+", "+OK"),
        ("at+qver", "+OK=1.1.0,2026-11-23 00:00:00,0"),
        ("AT+QVER?", "+OK=1.1.0,2026-11-23 00:00:00,0"),
        ("AT+QMAC=?", "+OK=028000000001"),
        ("AT+QBOOT", "+OK=0"),
        ("AT+SSID", '+OK=""'),
        ("AT+NIP", '+OK=0,"192.168.1.1","255.255.255.0","192.168.1.1"'),
        ("hello", "+ERR=-1"),
        ("AT", "+ERR=-1"),
        ("AT+NOSUCH", "+ERR=-2"),
        ("AT+QVER?1", "+ERR=-3"),
        ("AT+Z=1", "+ERR=-4"),
        ("AT+WPRT=1", "+ERR=-4"),
        ("AT+WPRT=two", "+ERR=-4"),
        ("AT+NIP=1,10.0.0.1", "+ERR=-4"),
        ('AT+NIP=1,10.0.0.1,255.0.0.0,"10.0.0.256"', "+ERR=-4"),
        ('AT+SSID="open', "+ERR=-4"),
        ("AT+BLESCAN", "+ERR=-4"),
        ("AT+BLESCAN=0", "+ERR=-4"),
        ("AT+ENTS=1", "+ERR=-4"),
        ("AT+ENTS=1,0", "+ERR=-4"),
        ("AT+NIP=1,2,3,4,5", "+ERR=-4"),
    ],
)
def test_commands_are_answered(machine: Machine, command: str, answer: str) -> None:
    assert ask(machine.uart0, command) == answer


def test_the_prompt_is_on_both_uarts(machine: Machine) -> None:
    assert ask(machine.uart1, "AT+QBOOT") == "+OK=0"
    assert "QBOOT" not in machine.uart0.text


def test_what_is_typed_comes_back_until_echo_is_off(machine: Machine) -> None:
    machine.uart0.write("AT+\r\n")
    machine.uart0.expect(r"AT\+\r\n\+OK\r\n\r\n$")
    ask(machine.uart0, "AT+E=0")
    machine.uart0.write("AT+\r\n")
    machine.uart0.expect(r"^\+OK\r\n\r\n$")


def test_a_line_can_be_corrected(machine: Machine) -> None:
    assert ask(machine.uart0, "AT+QBOOX\bT") == "+OK=0"


def test_settings_survive_a_reset(machine: Machine) -> None:
    assert ask(machine.uart0, 'AT+SSID="my net, 5"') == "+OK"
    assert ask(machine.uart0, "AT+WPRT=2") == "+OK"
    assert ask(machine.uart0, 'AT+NIP=1,"10.0.0.2",255.0.0.0,10.0.0.1') == "+OK"
    machine.uart0.write("AT+Z\r\n")
    assert "set default" not in machine.uart0.expect(rf"(?s)\+OK.*{READY}")[0]
    assert ask(machine.uart0, "AT+SSID") == '+OK="my net, 5"'
    assert ask(machine.uart0, "AT+WPRT") == "+OK=2"
    assert ask(machine.uart0, "AT+NIP") == '+OK=1,"10.0.0.2","255.0.0.0","10.0.0.1"'
    assert ask(machine.uart0, "AT+QBOOT") == f"+OK={RESETS_BY_USER}"


def test_factory_settings_come_back_with_the_next_reset(machine: Machine) -> None:
    ask(machine.uart0, "AT+SSID=gone")
    assert ask(machine.uart0, "AT+&F") == "+OK"
    machine.uart0.write("AT+Z\r\n")
    assert "set default wifi config" in machine.uart0.expect(rf"(?s)ver:.*{READY}")[0]
    assert ask(machine.uart0, "AT+SSID") == '+OK=""'


def test_a_bluetooth_scan_takes_its_slots(machine: Machine) -> None:
    begin_ns = machine.now_ns
    assert ask(machine.uart0, "AT+BLESCAN=64") == "+OK=64"
    assert machine.now_ns - begin_ns >= 64 * 625_000
    assert ask(machine.uart0, "AT+BLESCAN=8000") == "+OK=8000"


def test_sleep_goes_on_where_it_stopped(machine: Machine) -> None:
    assert ask(machine.uart0, "AT+ENTS=1,3") == "+OK"
    asleep_since = machine.now_ns
    machine.run_for(2.0)
    assert machine.board.soc.pmu.flags.from_sleep == 0
    assert ask(machine.uart0, "AT+QBOOT") == "+OK=0"
    assert machine.now_ns - asleep_since >= 3_000_000_000
    assert machine.uart0.text.count("ver:") == 1


def test_sleep_executes_nothing(machine: Machine) -> None:
    assert ask(machine.uart0, "AT+ENTS=1,3600") == "+OK"
    machine.run_for(0.1)
    executed = machine.executed
    machine.run_for(3590)
    assert machine.executed == executed
    machine.run_for(10)
    assert machine.executed > executed


def test_standby_ends_with_a_reset(machine: Machine) -> None:
    assert ask(machine.uart0, "AT+ENTS=2,5") == "+OK"
    asleep_since = machine.now_ns
    machine.uart0.expect(READY)
    assert machine.now_ns - asleep_since >= 5_000_000_000
    assert ask(machine.uart0, "AT+QBOOT") == f"+OK={RESETS_FROM_STANDBY}"


def test_a_crash_is_reported_with_registers(machine: Machine) -> None:
    machine.uart0.write("AT+CRASH\r\n")
    machine.uart0.expect(r"CPU Exception : 3 \(division by zero\)\r\n")
    pc = int(machine.uart0.expect(r"pc : 0x([0-9a-f]{8})\r\n")[1], 16)
    assert machine.symbols.describe(pc).startswith("divide_by_zero+")


def test_the_help_names_every_command(machine: Machine) -> None:
    machine.uart0.write("AT+HELP\r\n")
    lines = machine.uart0.expect(r"(?s)\+OK=\r\n(.*?)\r\n\r\n")[1].split("\r\n")
    assert all(line.startswith("AT+") and ": " in line for line in lines)
    assert len(lines) == 16
