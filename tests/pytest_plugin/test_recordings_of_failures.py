"""A failed test leaves a recording that replays its failure."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np  # noqa: F401 - it cannot be loaded again, as a pytest in here would
import pytest
from support.plugin import plugin_options

import emu.trace
import roms
from emu.machine.replay import Replay

pytest_plugins = ["pytester"]

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
FAILS = r"""
def test_it(dut):
    dut.expect("init finished")
    dut.write("AT+QVER\r", uart=1)
    dut.expect("OK", uart=1)
    assert dut.machine.uart1.text == "what it is not"

def test_that_passes(dut):
    dut.expect("init finished")
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    pytester.makepyfile(FAILS)
    return pytester.runpytest_inprocess(*plugin_options(), f"--w800-firmware={ATCMD}", *options)


def test_it_is_where_the_option_says_and_replays(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--w800-recordings=left/over there")
    result.assert_outcomes(failed=1, passed=1)
    left = {path.suffix: path for path in (pytester.path / "left" / "over there").iterdir()}
    assert {path.name.rpartition("-")[2] for path in left.values()} == {
        *("test_it.rec", "test_it.trace", "test_it.txt")
    }
    file, trace, report = left[".rec"], left[".trace"], left[".txt"]
    commands = [f'w800emu replay "{file}"', f'w800emu replay "{file}" --gdb', f'w800emu trace "{trace}"']
    result.stdout.fnmatch_lines(["*- recording -*", *commands, str(report)])
    replay = Replay.load(file, cache=False)
    assert replay.run().difference == ""
    assert b"OK" in replay.machine.uart1.data
    ends = emu.trace.open(trace).ends
    assert (replay.machine.executed, replay.machine.now_ns) == (ends.executed, replay.recording.end.now_ns)
    shown = report.read_text(encoding="utf-8")
    assert "test_it" in shown.splitlines()[0]
    assert "+OK" in shown
    assert "- tasks -" not in shown


CRASHES = r"""
def test_it(dut):
    dut.expect("init finished")
    dut.machine.run_for(0.01)
    dut.write("AT+CRASH\r\n")
    dut.machine.run_for(0.1)
"""


def test_the_trace_of_a_crash_ends_with_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CRASHES)
    options = [f"--w800-firmware={ATCMD}", "--w800-recordings=left", "--w800-coverage=x.info"]
    pytester.runpytest_inprocess(*plugin_options(), *options).assert_outcomes(failed=1)
    [report] = (pytester.path / "left").glob("*.txt")
    told = re.search(r"division by zero at pc .*, after ([\d.]+) s", report.read_text(encoding="utf-8"))
    assert told is not None
    [path] = (pytester.path / "left").glob("*.trace")
    trace = emu.trace.open(path)
    end_s = trace.times.time_ns(trace.ends.elapsed) / 1e9
    assert abs(end_s - float(told[1])) < 0.001
    assert "SF:roms/atcmd/main.c" in (pytester.path / "x.info").read_text()


def test_without_the_option_nothing_is_left_at_a_desk(pytester: pytest.Pytester) -> None:
    result = run(pytester)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.no_fnmatch_line("*recording*")
    assert not list(pytester.path.rglob("*.rec"))


def test_on_a_ci_service_it_is_left_by_itself(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    run(pytester).assert_outcomes(failed=1, passed=1)
    assert len(list((pytester.path / "w800-recordings").iterdir())) == 3


def test_a_folder_that_cannot_be_is_said_and_the_test_fails_for_its_own_reason(
    pytester: pytest.Pytester,
) -> None:
    (pytester.path / "taken").write_text("")
    result = run(pytester, "--w800-recordings=taken/x")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*what it is not*", "not written: *"])
