"""What `monitor` does, `load`, and beginning anew."""

from __future__ import annotations

import pytest
from support.gdb_client import GdbClient, register

from emu import Machine
from emu.gdb.monitor import Monitor
from emu.memory_map import FLASH_BASE

PC = 72


def stop_at(client: GdbClient, where: str) -> str:
    address = client.server.machine.address_of(where)
    client.ask(f"Z0,{address:x},2")
    stop = client.ask("c")
    client.ask(f"z0,{address:x},2")
    return stop


def test_help_has_every_command(client: GdbClient) -> None:
    text = client.monitor("help")
    wanted = "time|uart N send|registers|unmodeled|snapshot|restore|flash log|tasks|interrupts|reset|power-cycle|cut-power"
    for name in wanted.split("|"):
        assert any(line.startswith(name) for line in text.splitlines()), name
    assert client.monitor("") == text


def test_time_and_registers(machine: Machine, client: GdbClient) -> None:
    assert "0 instructions" in client.monitor("time")
    stop_at(client, "app_main")
    before = machine.snapshot().state_hash()
    assert "data_bits=EIGHT" in client.monitor("registers uart0")
    assert client.monitor("registers uart0.line_control").startswith("line_control ")
    assert "UART0            enabled" in client.monitor("interrupts")
    assert "tasks" in client.monitor("tasks")
    assert "once read" in client.monitor("unmodeled")
    assert machine.snapshot().state_hash() == before
    client.ask("bc")
    assert "in the past" in client.monitor("time")


def test_text_for_a_uart(machine: Machine, client: GdbClient) -> None:
    stop_at(client, "idle")
    assert "8 bytes" in client.monitor(r"uart 1 send AT+QVER\r")
    assert "swbreak" in stop_at(client, "query_version")


def test_snapshots_have_names(machine: Machine, client: GdbClient) -> None:
    stop_at(client, "app_main")
    before = machine.snapshot().state_hash()
    client.monitor("snapshot here")
    stop_at(client, "idle")
    assert "register-cache" in client.monitor("restore here")
    assert machine.snapshot().state_hash() == before
    assert "no snapshot 'there'" in client.monitor("restore there")


def test_resets_and_power(machine: Machine, client: GdbClient) -> None:
    stop_at(client, "app_main")
    for command in ("reset", "power-cycle"):
        stop_at(client, "log_version")
        client.monitor(command)
        assert machine.describe(register(client, PC)) == "reset_handler"
    client.monitor("cut-power 1 after")
    assert client.ask("c").startswith("T20")
    assert "the power was cut" in client.console
    assert client.ask("c") == "T11thread:1;"
    assert "the power is off" in client.console
    client.monitor("power-cycle")
    assert "swbreak" in stop_at(client, "app_main")
    assert "erase" in client.monitor("flash log")


def test_what_steps_and_looks_do_is_chosen(
    machine: Machine, client: GdbClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(client, "idle")
    client.monitor("step-into-interrupts on")
    for _ in range(8):
        client.ask("s")
    assert machine.board.core.active_handlers
    assert "no side effects" in client.monitor("device-side-effects off")
    monkeypatch.setattr(machine, "read", lambda address, size_bytes: bytes((7,)) * size_bytes)
    assert client.ask("m40010630,4") != "07070707"
    client.monitor("device-side-effects on")
    assert client.ask("m40010630,4") == "07070707"


@pytest.mark.parametrize(
    "line",
    ["nonsense", "registers", "registers uart9", "registers uart0.no", "uart", "uart 9 send x", "uart x send x",
     "snapshot", "restore", "cut-power", "cut-power x", "cut-power 1 now", "step-into-interrupts maybe", "cut-power 0"],
)  # fmt: skip
def test_what_is_not_understood_is_told(machine: Machine, client: GdbClient, line: str) -> None:
    said = client.monitor(line)
    assert said.count("\n") == 1
    assert "usage: " in said or "error: " in said or "monitor help" in said


def test_load_writes_the_flash_and_a_header_that_fits(machine: Machine, client: GdbClient) -> None:
    old = bytes(machine.flash.contents)
    stop_at(client, "idle")
    assert client.ask("vFlashErase:800f000,4000") == "OK"
    for at in range(0xF400, 0x1_3000, 0x800):
        part = old[at : at + 0x800].replace(b"1.1.0", b"9.9.9")
        assert client.ask(f"vFlashWrite:{FLASH_BASE + at:x}:".encode("latin1") + part) == "OK"
    assert client.ask("vFlashDone") == "OK"
    assert client.ask("vFlashErase:0,1000") == client.ask("vFlashWrite:8ffffff:ab") == "E16"
    assert client.ask("vRun;") == "T05thread:1;"
    client.send("c")
    end_ns = machine.now_ns + 30_000_000
    while machine.now_ns < end_ns:
        client.server.run(None)
    client.interrupt()
    assert "ver: 9.9.9" in machine.uart0.text
    assert "fits the program again" in client.console


def test_extended_mode_begins_anew(machine: Machine, client: GdbClient) -> None:
    assert client.ask("!") == "OK"
    stop_at(client, "app_main")
    assert client.ask("vKill;1") == "OK"
    assert client.ask("vRun;") == "T05thread:1;"
    assert machine.describe(register(client, PC)) == "reset_handler"
    stop_at(client, "app_main")
    client.send("R00")
    assert client.ask("?") == "T05thread:1;"
    assert machine.describe(register(client, PC)) == "reset_handler"
    assert Monitor(client.server._target).run("time")
