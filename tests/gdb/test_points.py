"""Watchpoints, and breakpoints with conditions."""

from __future__ import annotations

import pytest
from support.gdb_client import GdbClient

from emu import Machine
from emu.gdb.agent_expression import ExpressionError, evaluate
from peripherals.framework.errors import BusError

UART0_TX = 0x4001_0620


def insert(client: GdbClient, kind: int, address: int, size: int, condition: bytes = b"") -> None:
    options = f";X{len(condition):x},{condition.hex()}" if condition else ""
    assert client.ask(f"Z{kind},{address:x},{size:x}{options}") == "OK"


@pytest.mark.parametrize(("kind", "reason"), [(2, "watch"), (4, "awatch")])
def test_a_write_of_a_device_register_stops_behind_it(
    machine: Machine, client: GdbClient, kind: int, reason: str
) -> None:
    insert(client, kind, UART0_TX, 4)
    stop = client.ask("c")
    assert stop == f"T05thread:1;{reason}:{UART0_TX:x};"
    assert client.ask(f"z{kind},{UART0_TX:x},4") == "OK"
    assert client.ask(f"z{kind},{UART0_TX:x},4") == "OK"
    client.ask(f"Z0,{machine.address_of('idle'):x},2")
    assert "swbreak" in client.ask("c")


def test_reads_of_flash_are_watched(machine: Machine, client: GdbClient) -> None:
    address = 0x0801_1C80  # in .rodata
    insert(client, 3, address, 0x400)
    stop = client.ask("c")
    assert stop.startswith("T05thread:1;rwatch:")
    where = int(stop.removeprefix("T05thread:1;rwatch:").rstrip(";"), 16)
    assert address <= where < address + 0x400


def test_what_is_not_there_is_not_watched(client: GdbClient) -> None:
    assert client.ask("Z2,60000000,4") == client.ask("Z2,20000000,0") == client.ask("Z9,20000000,4") == "E16"


def test_a_condition_that_does_not_hold_costs_no_stop(machine: Machine, client: GdbClient) -> None:
    address = machine.address_of("uart_write")  # r2: how many bytes
    is_56_long = bytes((0x26, 0, 2, 0x22, 56, 0x13, 0x27))
    insert(client, 0, address, 2, is_56_long)
    assert "swbreak" in client.ask("c")
    assert machine.registers["r2"] == 56
    first = machine.executed
    client.ask("s")
    client.send("c")
    while machine.now_ns < 110_000_000:
        client.server.run(None)
    client.interrupt()
    assert "swbreak" in client.ask("bc")
    assert machine.executed == first


def test_damaged_conditions_are_refused(machine: Machine, client: GdbClient) -> None:
    address = machine.address_of("uart_write")
    assert client.ask(f"Z0,{address:x},2;X2,27") == client.ask(f"Z0,{address:x},2;Xz") == "E16"


class Fake:
    """Register 3 is 7; memory holds its own addresses' lowest bytes."""

    def read_register(self, number: int) -> bytes | None:
        return {3: b"\x07\0\0\0", 4: None}[number]

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        if address >= 0x6000_0000:
            raise BusError(address)
        return bytes((address + offset) & 0xFF for offset in range(size_bytes))


MINUS_8 = "22 f8 16 08"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("22 05 27", 5),
        ("23 12 34 27", 0x1234),
        ("24 12 34 56 78 27", 0x1234_5678),
        ("25 12 34 56 78 9a bc de f0 27", 0x1234_5678_9ABC_DEF0),
        ("22 05 22 03 02 27", 8),
        ("22 05 22 03 03 27", 2),
        ("22 05 22 03 04 27", 15),
        (f"{MINUS_8} 22 03 05 27", -2),
        ("22 08 22 03 06 27", 2),
        (f"{MINUS_8} 22 03 07 27", -2),
        ("22 08 22 03 08 27", 2),
        ("22 01 22 04 09 27", 16),
        (f"{MINUS_8} 22 01 0a 27", -4),
        ("22 08 22 01 0b 27", 4),
        ("22 00 0e 27", 1),
        ("22 0c 22 0a 0f 27", 8),
        ("22 0c 22 0a 10 27", 14),
        ("22 0c 22 0a 11 27", 6),
        ("22 00 12 27", -1),
        ("22 03 22 03 13 27", 1),
        (f"{MINUS_8} 22 03 14 27", 1),
        (f"{MINUS_8} 22 03 15 27", 0),
        ("22 81 16 08 27", -127),
        ("23 01 81 2a 08 27", 0x81),
        ("22 10 17 27", 0x10),
        ("22 10 18 27", 0x1110),
        ("22 10 19 27", 0x1312_1110),
        ("22 10 1a 27", 0x1716_1514_1312_1110),
        ("26 00 03 27", 7),
        ("22 01 20 00 09 22 02 27 00 22 03 27", 3),
        ("22 00 20 00 09 22 02 27 00 22 03 27", 2),
        ("21 00 06 22 02 27 22 03 27", 3),
        ("22 05 28 04 27", 25),
        ("22 05 22 06 29 27", 5),
        ("22 05 22 06 2b 03 27", 1),
        ("22 05 22 06 32 01 27", 5),
        ("22 01 22 02 22 03 33 29 27", 1),
    ],
)
def test_agent_expressions(code: str, value: int) -> None:
    assert evaluate(bytes.fromhex(code), Fake()) == value & (1 << 64) - 1


@pytest.mark.parametrize(
    "code",
    [
        "",
        "27",
        "22",
        "ff",
        "21 00 00",
        "22 01 22 00 05 27",
        "24 60 00 00 00 19 27",
        "26 00 09 27",
        "22 01 32 05 27",
    ],
)
def test_expressions_without_a_value_are_refused(code: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(bytes.fromhex(code), Fake())
