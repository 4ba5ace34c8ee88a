"""The tasks of FreeRTOS are threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.gdb_client import GdbClient, attached

from emu import Machine
from emu.gdb.description import REGISTERS

PROGRAM = Path(__file__).parents[1] / "firmware" / "programs" / "tasks.elf"


@pytest.fixture
def client(translations: Path) -> Iterator[GdbClient]:
    """Stopped where tasks are in all states."""
    with Machine.load(PROGRAM, cache=translations) as machine, attached(machine) as client:
        client.ask(f"Z0,{machine.address_of('fail'):x},2")
        client.ask("c")
        yield client


def threads(client: GdbClient) -> dict[str, tuple[int, str]]:
    root = ElementTree.fromstring(client.ask("qXfer:threads:read::0,2000")[1:])
    return {each.get("name", ""): (int(each.get("id", ""), 16), each.text or "") for each in root}


def test_tasks_have_names_priorities_and_states(client: GdbClient) -> None:
    found = threads(client)
    number, about = found["worker"]
    assert client.ask("?") == f"T05thread:{number:x};swbreak:;"
    assert client.ask("qC") == f"QC{number:x}"
    assert about == "priority 3, running"
    assert found["gone"][1] == "priority 1, deleted"
    assert client.ask("qfThreadInfo")[1:].split(",") == [f"{number:x}" for number, _ in found.values()]
    assert client.ask("qsThreadInfo") == "l"
    extra = client.ask(f"qThreadExtraInfo,{found['idle'][0]:x}")
    assert bytes.fromhex(extra).decode() == "idle, priority 0, ready"
    assert client.ask(f"T{number:x}") == "OK"
    assert client.ask("T77") == client.ask("Hg77") == client.ask("qThreadExtraInfo,77") == "E16"


def test_a_task_that_does_not_run_has_the_registers_on_its_stack(client: GdbClient) -> None:
    machine = client.server.machine
    assert client.ask(f"Hg{threads(client)['idle'][0]:x}") == "OK"
    pc = int.from_bytes(bytes.fromhex(client.ask("p48")), "little")
    assert machine.describe(pc).startswith("vTaskSwitchContext")
    everything = client.ask("g")
    assert len(everything) == sum(2 * register.size_bytes for register in REGISTERS)
    assert client.ask("p59") != client.ask("p5a") != "xxxxxxxx"
    assert client.ask("P3=00000000") == client.ask("G" + "00" * (len(everything) // 2)) == "E16"
    assert client.ask("Hg0") == "OK"
    assert int.from_bytes(bytes.fromhex(client.ask("p48")), "little") != pc


def test_a_task_whose_stack_tells_nothing_has_no_registers(client: GdbClient) -> None:
    client.ask(f"Hg{threads(client)['listener'][0]:x}")
    assert client.ask("p48") == "00000000"
    assert client.ask("p0") == "xxxxxxxx"
    assert client.ask("Hg-1") == "OK"


def test_before_there_are_tasks_the_cpu_is_the_thread(machine: Machine) -> None:
    with attached(machine) as client:
        assert threads(client) == {"CPU": (1, "no task runs")}
