"""Where gdb is served: a run, a replay, a Python program, a failed test."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.gdb_client import ATCMD
from support.guides import GUIDES, gdb_commands_of, scenario_of
from support.plugin import plugin_options

from emu import Machine
from emu.gdb.packets import PacketReader, frame

pytest_plugins = ["pytester"]
LINE = re.compile(r"target remote :(\d+)")
EARLY_ERASE = Path(__file__).parents[1] / "regress" / "programs" / "early_erase.elf"


class Remote:
    """A client of a server that runs elsewhere."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._reader = PacketReader()
        self.console = ""
        assert self.ask("QStartNoAckMode") == "OK"

    def ask(self, packet: str) -> str:
        self.socket.sendall(frame(packet.encode()))
        while data := self.socket.recv(1 << 16):
            for event in self._reader.feed(data):
                if isinstance(event, bytes):
                    if event[:1] != b"O" or event == b"OK":
                        return event.decode()
                    self.console += bytes.fromhex(event[1:].decode()).decode()
        return ""


def w800emu(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "emu.cli", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def remote(process: subprocess.Popen[str]) -> Remote:
    return Remote(port_of(process))


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    for line in process.stderr:
        if found := LINE.search(line):
            return int(found[1])
    raise AssertionError("it does not say where gdb finds it")


@pytest.mark.parametrize("kill", ["k", "vKill;1"])
def test_a_run_waits_and_ends_with_kill(kill: str, tmp_path: Path) -> None:
    with w800emu("run", ATCMD, "--no-cache", "--gdb=0", "--save-state", tmp_path / "end.state") as process:
        client = remote(process)
        assert client.ask("?") == "T05thread:1;"
        client.ask(f"Z0,{Machine.load(ATCMD, cache=False).address_of('app_main'):x},2")
        assert "swbreak" in client.ask("c")
        trace = tmp_path / "trace"
        for command in (
            f"trace on {trace}",
            "trace off",
            f"trace dump 10us {tmp_path / 'last'}",
            "trace nonsense",
        ):
            assert client.ask(f"qRcmd,{command.encode().hex()}") == "OK"
        assert trace.stat().st_size
        assert (tmp_path / "last").stat().st_size
        assert "usage: trace" in client.console
        client.ask(kill)
        client.socket.close()
        assert process.wait(30) == 0
    assert (tmp_path / "end.state").exists()


def test_the_start_behind_a_power_cut_waits_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loader erases the app before it has looked whether the update is whole."""
    scenario = in_the_field(tmp_path, monkeypatch)
    program = Machine.load(EARLY_ERASE, cache=False)
    with w800emu("powercut", "replay", "6-after", scenario, "--gdb=0") as process:
        client = remote(process)
        client.ask(f"Z0,{program.address_of('flash_erase'):x},2")
        assert "swbreak" in client.ask("c")
        caller = int.from_bytes(bytes.fromhex(client.ask("pf")), "little")
        assert (program.describe(caller) or "").startswith("load+")
        client.ask("vKill;1")
        client.socket.close()
        assert process.wait(30) == 0


def test_the_real_client_shows_what_the_guide_shows(
    gdb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = in_the_field(tmp_path, monkeypatch)
    [guide] = (path for path in GUIDES if path.stem == "power-cuts")
    shown = re.findall(r"^#\d .*$", guide.read_text(encoding="utf-8"), re.MULTILINE)
    with w800emu("powercut", "replay", "6-after", scenario, "--gdb=0") as process:
        attach = f"target remote :{port_of(process)}"
        commands = [attach, *gdb_commands_of(guide)[1:], "kill"]
        script = [word for command in commands for word in ("-ex", command)]
        told = subprocess.run(
            [gdb, "-q", "-nx", "-batch", *script, str(EARLY_ERASE)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert process.wait(30) == 0
    assert shown == [line for line in told.stdout.splitlines() if line.startswith("#")]


def in_the_field(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The scenario of the guide, with a device that has an image and a setting; the folder is the current one."""
    monkeypatch.chdir(folder)
    shutil.copy(EARLY_ERASE, "loader.elf")
    with Machine.load("loader.elf", cache=False) as machine:
        for sent, expected in (("", "version 0"), ("u", "version 1"), ("A", "setting A")):
            machine.uart0.write(sent)
            machine.uart0.expect(expected)
        machine.save_flash("device.bin")
    [guide] = (path for path in GUIDES if path.stem == "power-cuts")
    scenario = folder / "story.py"
    scenario.write_text(scenario_of(guide))
    return scenario


def test_without_waiting_a_run_goes_on_by_itself() -> None:
    with w800emu(
        "run", ATCMD, "--no-cache", "--gdb=0", "--no-gdb-wait", "--expect", "init finished"
    ) as process:
        assert process.wait(30) == 0


def test_wrong_ports_are_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for arguments, message in (
            (("run", ATCMD, f"--gdb={port}"), f"TCP port {port} cannot be used"),
            (("run", "--gdb", ATCMD), "is not a port number"),
        ):
            with w800emu(*arguments) as process:
                assert process.wait(30) == 2
                assert process.stderr is not None
                told = process.stderr.read()
            assert message in told
            assert "Traceback" not in told


def test_a_replay_comes_with_all_that_came_in(tmp_path: Path) -> None:
    recording = tmp_path / "run.rec"
    with Machine.load(ATCMD, cache=False) as machine:
        machine.record()
        machine.uart0.expect("init finished")
        machine.uart1.write("AT+QVER\r")
        machine.uart1.expect("OK")
        machine.save_recording(recording)
        query = machine.address_of("query_version")
    with w800emu("replay", recording, "--no-cache", "--gdb=0") as process:
        client = remote(process)
        client.ask(f"Z0,{query:x},2")
        assert "swbreak" in client.ask("c")
        assert "replaylog:end" in client.ask("c")
        assert "swbreak" in client.ask("bc")
        client.ask("k")
        client.socket.close()
        assert process.wait(30) == 0


def beside(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_python_program_waits_until_gdb_detaches(machine: Machine) -> None:
    threads: list[threading.Thread] = []
    machine.keep_history()
    machine.run_for(0.08)

    def attach(line: str) -> None:
        port = int(line.rpartition(":")[2])

        def walk() -> None:
            client = Remote(port)
            assert "replaylog:begin" in client.ask("bc")
            client.ask("vCont;s")
            assert client.ask("D") == "OK"
            client.socket.close()

        threads.append(beside(walk))

    machine.gdb(0, attach)
    threads[0].join()
    assert machine.executed == 1


def test_a_failed_test_waits_for_gdb(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
def test_it(dut):
    dut.expect("init finished")
    assert not "this"
""")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answers: list[str] = []

    def attach() -> None:
        end_s = time.monotonic() + 30
        while time.monotonic() < end_s:
            try:
                client = Remote(port)
                break
            except OSError:
                time.sleep(0.02)
        answers.append(client.ask("bc"))
        client.ask("D")
        client.socket.close()

    thread = beside(attach)
    result = pytester.runpytest_inprocess(
        *plugin_options(), f"--w800-firmware={ATCMD}", f"--gdb-on-failure={port}"
    )
    thread.join()
    result.assert_outcomes(failed=1)
    assert "replaylog:begin" in answers[0]
