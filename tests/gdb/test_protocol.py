"""Every packet, by a client of our own."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from support.gdb_client import ATCMD, GdbClient, register

from emu import Machine
from emu.gdb.description import REGISTERS
from emu.gdb.server import GdbServer
from emu.listening import PortError
from emu.memory_map import FLASH_BASE, SRAM_BASE

PC, R3, VTIME, FR1 = 72, 3, 300, 41


def document(client: GdbClient, name: str) -> ElementTree.Element:
    """One that is read in small parts."""
    text, part = "", "m"
    while part[0] == "m":
        part = client.ask(f"qXfer:{name}:{len(text):x},100")
        text += part[1:]
    return ElementTree.fromstring(text)


def test_the_target_waits_at_the_first_instruction_behind_the_boot_chain(
    machine: Machine, client: GdbClient
) -> None:
    assert client.ask("?") == "T05thread:1;"
    assert machine.describe(register(client, PC)) == "reset_handler"
    assert machine.executed == 0


def test_the_description_has_the_registers_in_the_order_of_g(client: GdbClient) -> None:
    described = {
        int(reg.get("regnum", "")): reg for reg in document(client, "features:read:target.xml").iter("reg")
    }
    sizes = [int(described[number].get("bitsize", "")) // 4 for number in sorted(described)]
    assert len(client.ask("g")) == sum(sizes)
    assert [each.number for each in REGISTERS] == sorted(described)
    for number, size in zip(sorted(described), sizes, strict=True):
        assert len(client.ask(f"p{number:x}")) == size


def test_the_memory_map_has_all_that_can_be_read(client: GdbClient) -> None:
    memories = {m.get("start"): m.get("type") for m in document(client, "memory-map:read:").iter("memory")}
    assert memories["0x8000000"] == "flash"
    assert memories["0x20000000"] == "ram"
    assert memories["0x0"] == "rom"
    assert memories["0x40000000"] == "ram"


def test_registers_are_read_and_written(machine: Machine, client: GdbClient) -> None:
    assert client.ask("P3=78563412") == "OK"
    assert machine.registers["r3"] == 0x12345678
    assert client.ask("P29=0000803f") == "OK"
    assert machine.registers["fr1"] == 0x3F800000
    everything = client.ask("g")
    assert client.ask("G" + everything.replace("78563412", "21436587")) == "OK"
    assert register(client, R3) == 0x87654321
    assert client.ask("P12c=0000000000000000") == "OK"
    assert client.ask("pffff") == client.ask("p") == client.ask("P3") == client.ask("G00") == "E16"
    assert register(client, VTIME) == machine.now_ns > 0  # time goes by itself


def test_memory_is_read_and_written(machine: Machine, client: GdbClient) -> None:
    assert client.ask(f"M{SRAM_BASE:x},4:7d232a24") == "OK"
    assert client.ask(f"m{SRAM_BASE:x},4") == "7d232a24"
    assert client.ask(f"X{SRAM_BASE:x},4:".encode() + b"$#}*") == "OK"
    assert client.ask(f"m{SRAM_BASE:x},4") == b"$#}*".hex()
    assert client.ask(f"X{SRAM_BASE:x},0:") == "OK"
    assert client.ask(f"M{FLASH_BASE:x},1:55") == "OK"
    assert machine.read(FLASH_BASE, 1) == b"\x55"
    assert client.ask("m20047ffe,8") == "0000"  # as much as there is
    assert client.ask("m60000000,4") == client.ask("M60000000,1:00") == client.ask("M0,1:00") == "E0e"
    assert client.ask(f"M{SRAM_BASE:x},2:00") == client.ask("m") == client.ask("m0") == "E16"


def test_looking_at_a_device_does_not_change_it(machine: Machine, client: GdbClient) -> None:
    machine.uart0.write("x")
    client.send("vCont;c")
    while b"x" not in machine.uart0.data and machine.now_ns < 200_000_000:
        client.server.run(None)
    client.interrupt()
    before = machine.snapshot().state_hash()
    assert client.ask("m40010600,40")[:8] == machine.peek(0x40010600, 4).hex()
    assert machine.snapshot().state_hash() == before


@pytest.mark.parametrize("kind", ["0", "1"])
def test_breakpoints_stop_before_their_instruction(machine: Machine, client: GdbClient, kind: str) -> None:
    address = machine.address_of("app_main")
    assert client.ask(f"Z{kind},{address:x},4") == "OK"
    stop = client.ask("vCont;c")
    assert stop == f"T05thread:1;{'hwbreak' if kind == '1' else 'swbreak'}:;"
    assert client.ask("?") == stop
    assert register(client, PC) == address
    assert client.ask(f"z{kind},{address:x},4") == "OK"
    assert client.ask(f"z{kind},{address:x},4") == "OK"
    assert client.ask("s") == "T05thread:1;"
    assert register(client, PC) != address


def test_breakpoints_where_no_code_can_be_are_refused(client: GdbClient) -> None:
    for where in ("60000000,2", "20000001,2", "40010600,2", "20000000"):
        assert client.ask(f"Z0,{where}") == "E16"


def test_a_step_is_one_instruction_breakpoint_or_not(machine: Machine, client: GdbClient) -> None:
    client.ask(f"Z0,{register(client, PC):x},2")
    for executed in (1, 2, 3):
        assert client.ask("vCont;s:1;c").startswith("T05")
        assert machine.executed == executed


def test_a_range_is_stepped_through_in_one_packet(machine: Machine, client: GdbClient) -> None:
    pc = register(client, PC)
    assert client.ask(f"vCont;r{pc:x},{pc + 8:x}:1;c") == "T05thread:1;"
    assert machine.executed > 2
    assert not pc <= register(client, PC) < pc + 8


def test_a_long_loop_in_a_range_runs_at_full_speed(machine: Machine, client: GdbClient) -> None:
    """Where memset goes round and round, in one packet, and out of it at the very instruction."""
    client.ask(f"Z0,{machine.address_of('memset'):x},2")
    client.ask("c")
    machine.registers.update(r0=SRAM_BASE + 0x30000, r1=0x55, r2=40_000)
    client.ask(f"z0,{machine.address_of('memset'):x},2")
    symbol = machine.symbols["memset"]
    back, before = machine.registers["lr"], machine.executed
    stop = client.ask(f"vCont;r{symbol.address:x},{symbol.end:x}:1;c")
    assert stop == "T05thread:1;"
    assert register(client, PC) == back
    assert machine.executed - before > 40_000
    assert machine.peek(SRAM_BASE + 0x30000, 40_000) == b"\x55" * 40_000


def test_ctrl_c_stops_what_goes_on(machine: Machine, client: GdbClient) -> None:
    client.send("c")
    for _ in range(5):
        client.server.run(None)
    assert machine.executed
    assert client.interrupt() == "T02thread:1;"


def test_a_crash_stops_and_is_told(machine: Machine, client: GdbClient) -> None:
    client.ask(f"P48={(0x6000_0000).to_bytes(4, 'little').hex()}")
    assert client.ask("c") == "T0bthread:1;"
    assert "access error" in client.console


def test_acknowledgments_are_given_until_they_are_not_wanted(machine: Machine) -> None:
    server = GdbServer(machine, 0)
    client = GdbClient(server, has_acks=True)
    client.send_raw(b"$?#00")
    for _ in range(3):
        server.run(None)
    assert client.socket.recv(100) == b"-"
    first = client.ask("?")
    client.send_raw(b"-")
    assert client.answer().decode() == first
    client.close()
    server.close()


def test_what_is_not_known_gets_an_empty_answer(client: GdbClient) -> None:
    for packet in ("vMustReplyEmpty", "qL1200", "qTStatus", "qOffsets", "~", "", "Z", "bx"):
        assert client.ask(packet) in ("", "E16")


def test_clients_come_one_after_the_other(machine: Machine) -> None:
    server = GdbServer(machine, 0)
    for goodbye in ("D", None, "D;1", None):
        client = GdbClient(server)
        client.ask(f"Z0,{machine.address_of('idle'):x},2")
        if goodbye:
            assert client.ask(goodbye) == "OK"
        client.close()
        executed = machine.executed
        for _ in range(4):
            server.run(None)
        assert (machine.executed > executed) is bool(goodbye)
    server.close()


def test_one_that_dies_while_the_machine_runs_leaves_it_running(machine: Machine) -> None:
    server = GdbServer(machine, 0)
    client = GdbClient(server)
    client.send("c")
    server.run(None)
    client.close()
    server.run(None)
    executed = machine.executed
    server.run(None)
    assert machine.executed > executed
    server.close()


def test_without_waiting_the_machine_runs_from_the_beginning(machine: Machine) -> None:
    server = GdbServer(machine, 0, waits=False)
    while machine.executed < 10_000:
        server.run(None)
    client = GdbClient(server)
    executed = machine.executed
    assert client.ask("?") == "T05thread:1;"
    assert machine.executed == executed
    client.close()
    server.close()


def test_the_user_can_kill_the_machine(machine: Machine, client: GdbClient) -> None:
    killed: list[bool] = []
    client.server.on_kill = lambda: killed.append(True)
    client.send("k")
    client.server.run(None)
    assert killed


def test_a_port_in_use_is_named(machine: Machine, client: GdbClient) -> None:
    with pytest.raises(PortError, match=re.escape(f"TCP port {client.server.port} cannot be used")):
        GdbServer(machine, client.server.port)


def test_attaching_looking_and_going_on_change_nothing(machine: Machine, client: GdbClient) -> None:
    machine.uart0.listeners.append(lambda *_: None)
    for packet in ("?", "g", "m20000000,100", "m40000000,200", "vCont;s:1"):
        client.ask(packet)
    client.ask(f"Z0,{machine.address_of('app_main'):x},2")
    client.ask("c")
    client.ask(f"z0,{machine.address_of('app_main'):x},2")
    client.send("c")
    while machine.now_ns < 150_000_000:
        client.server.run(150_000_000 - machine.now_ns)
    with Machine.load(ATCMD, cache=False) as free:
        free.run(150_000_000)
        assert machine.snapshot().state_hash() == free.snapshot().state_hash()
