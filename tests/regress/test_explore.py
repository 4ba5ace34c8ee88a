"""Exploration finds three seeded bugs, each with one fault, and each replays from its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line
from emu.loader import LoadError
from emu.machine import MachineError
from emu.machine.replay import Replay
from emu.regress.explore.branches import Branches
from emu.regress.explore.explorer import Explorer, Finding
from emu.regress.explore.faults import KINDS, Fault
from emu.regress.powercut.outcome import Verdict
from emu.regress.scenario import load_scenario

CONSOLE = Path(__file__).resolve().parent / "programs" / "console.elf"
SCENARIO = f"""
FIRMWARE = {str(CONSOLE)!r}


def story(machine):
    machine.flash.load(0x1E0000, b"A")  # it has a setting already
    machine.uart0.expect("ready, setting A")
    machine.uart0.write("S")
    machine.run_for(0.003)  # as somebody types
    machine.uart0.write("B\\r")
    machine.uart0.expect("setting B")
    machine.uart0.write("D\\r")
    machine.run_for(0.003)
    machine.uart0.write(b"\\x04abcd")
    machine.uart0.expect("installed")


def alive(machine):
    machine.run_for(0.2)
    machine.uart0.write("\\r" * 130)
    machine.uart0.expect("setting", timeout_s=1)
    machine.run_for(0.2)
    machine.uart0.write("?\\r")
    machine.uart0.expect(b"setting", timeout_s=1)
    assert machine.uart0.expect(b" (.)\\r\\n", timeout_s=1)[1] != b"\\xff", "the setting is lost"
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "console.py"
    path.write_text(SCENARIO)
    return path


def found(scenario: Path, kind: str, verdict: Verdict, tmp_path: Path) -> Finding:
    """The first finding of that verdict."""
    branches = Branches(load_scenario(scenario))
    explorer = Explorer(branches, seed=1, kinds=[kind])
    for finding in explorer.explore(lambda state: state.executions < 300):
        if finding.outcome.verdict is verdict:
            recording = tmp_path / "finding.rec"
            assert branches.record(finding.faults, recording).verdict is verdict
            assert not Replay.load(recording).run().difference
            return finding
    raise AssertionError(f"not found in {explorer.state.executions} executions")


def test_a_break_amid_a_command_locks_it_up(scenario: Path, tmp_path: Path) -> None:
    finding = found(scenario, "line", Verdict.HANG, tmp_path)
    [fault] = finding.faults
    assert fault.arguments == (0, "break", 0)
    assert "serve+" in finding.outcome.detail


def test_a_reset_loses_the_setting(scenario: Path, tmp_path: Path) -> None:
    finding = found(scenario, "reset", Verdict.BROKEN, tmp_path)
    assert finding.outcome.detail == "the setting is lost"
    assert [fault.kind for fault in finding.faults] == ["reset"]


def test_a_bad_length_crashes_it(scenario: Path, tmp_path: Path) -> None:
    finding = found(scenario, "input", Verdict.CRASH, tmp_path)
    assert [fault.kind for fault in finding.faults] == ["input"]


def test_equal_seeds_find_the_same(scenario: Path) -> None:
    results = []
    for _ in range(2):
        explorer = Explorer(Branches(load_scenario(scenario)), seed=5)
        findings = list(explorer.explore(lambda state: state.executions < 25))
        results.append([finding.to_dict() for finding in findings])
    assert results[0] == results[1]


def test_every_kind_of_fault_is_replayed(scenario: Path, tmp_path: Path) -> None:
    branches = Branches(load_scenario(scenario))
    arguments = {"line": (0, "parity", 65), "flash": (0x1E0000, 3), "input": (0, b"?\r")}
    faults = [Fault(80_000_000 + number, kind, arguments.get(kind, ())) for number, kind in enumerate(KINDS)]
    branches.record(faults, tmp_path / "all.rec")
    replay = Replay.load(tmp_path / "all.rec")
    assert not replay.run().difference
    assert {one.door for one in replay.recording.inputs} >= {
        "uart_fault",
        "reset",
        "power_cycle",
        "flash",
        "uart0",
    }


def test_the_commands_tell_findings(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "findings"
    options = ["--executions", "60", "--seed", "1", "-o", str(out)]
    assert run_command_line(["explore", str(scenario), "--faults", "power", *options]) == 1
    told = capsys.readouterr().out
    assert "the setting is lost" in told
    [recording] = out.glob("broken-*.rec")
    assert f"w800emu replay {recording}" in told
    assert run_command_line(["fuzz", str(scenario), "--executions", "3", "--json"]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["executions"] >= 3


def test_a_story_that_fails_by_itself_is_told(scenario: Path) -> None:
    scenario.write_text(SCENARIO.replace('"installed"', '"never", timeout_s=0.1'))
    with pytest.raises(MachineError, match="console: fails without any fault: 'never' did not appear"):
        Branches(load_scenario(scenario))
    scenario.write_text(SCENARIO + "\nalive = 3\n")
    with pytest.raises(LoadError, match="alive is no function"):
        load_scenario(scenario)
