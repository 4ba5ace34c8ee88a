"""A failed test leaves a recording that replays its failure."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.plugin import plugin_options

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
    result = run(pytester, "--w800-recordings=left/here")
    result.assert_outcomes(failed=1, passed=1)
    [file] = (pytester.path / "left" / "here").iterdir()
    assert file.name.endswith("test_it.rec")
    result.stdout.fnmatch_lines(["*- recording -*", f"w800emu replay {file}"])
    replay = Replay.load(file, cache=False)
    assert replay.run().difference == ""
    assert b"OK" in replay.machine.uart1.data


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
    assert len(list((pytester.path / "w800-recordings").iterdir())) == 1


def test_a_folder_that_cannot_be_is_said_and_the_test_fails_for_its_own_reason(
    pytester: pytest.Pytester,
) -> None:
    (pytester.path / "taken").write_text("")
    result = run(pytester, "--w800-recordings=taken/x")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*what it is not*", "not written: *"])
