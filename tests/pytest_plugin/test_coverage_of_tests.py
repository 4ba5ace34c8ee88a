"""What tests have come to in the firmware is written at the end, however they were spread over workers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.plugin import plugin_options

import emu.trace
import roms
from emu import Machine
from emu.cache import folder
from emu.cli.__main__ import run_command_line
from emu.trace.coverage import source_store
from emu.trace.coverage.counting import count
from emu.trace.coverage.executed import Executed
from emu.trace.coverage.source_coverage import coverage_of, source_of
from emu.trace.views.lcov import write_lcov

pytest_plugins = ["pytester"]

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
TESTS = rf"""
import pytest

@pytest.mark.w800(r"{ATCMD}")
def test_it_starts(dut):
    dut.expect("init finished")

@pytest.mark.w800(r"{ATCMD}")
@pytest.mark.parametrize("command", ["QVER", "NONE"])
def test_a_command(dut, command):
    dut.expect("init finished")
    dut.write("AT+" + command + "\r", uart=1)
    dut.expect("[+]", uart=1)

@pytest.mark.w800(allow_reset=True)
def test_the_update(dut):  # of the demo
    dut.expect("main: ver")
    dut.expect("atcmd init finished", timeout=60)
"""


BOOTED = rf"""
@pytest.mark.w800(r"{ATCMD}", booted="init finished")
@pytest.mark.parametrize("command", ["QVER", "SSID"])
def test_booted(booted_dut, command):
    booted_dut.write("AT+" + command + "\r", uart=1)
    booted_dut.expect("[+]", uart=1)
"""


def run(pytester: pytest.Pytester, *options: str, tests: str = TESTS) -> pytest.RunResult:
    pytester.makepyfile(tests)
    return pytester.runpytest_subprocess(*plugin_options(), "--w800-no-cache", *options)


def test_workers_make_no_difference(pytester: pytest.Pytester) -> None:
    written = []
    for options in (["-p", "no:xdist"], ["-n", "2"]):
        result = run(pytester, "--w800-coverage=all.info", *options, tests=TESTS + BOOTED)
        result.assert_outcomes(passed=6)
        result.stdout.fnmatch_lines([f"coverage of the firmware: {pytester.path / 'all.info'}"])
        written.append((pytester.path / "all.info").read_text())
    assert written[0] == written[1]
    assert "SF:roms/atcmd/main.c" in written[0]
    assert "SF:roms/ota_ops/main.c" in written[0]


def test_it_is_that_of_the_devices_together(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS.partition("@pytest.mark.w800(allow_reset")[0])
    options = [
        "-p",
        "no:xdist",
        "--w800-no-cache",
        "--w800-run-on=0",
        "--w800-coverage=a.info",
    ]
    pytester.runpytest_inprocess(*plugin_options(), *options).assert_outcomes(passed=3)
    total = Executed()
    for command in ("", "QVER", "NONE"):
        with (
            Machine.load(ATCMD, cache=False, flash_rules="usual") as machine,
            emu.trace.cover(machine, pytester.path / "x"),
        ):
            machine.uart0.expect("init finished")
            if command:
                machine.uart1.write(f"AT+{command}\r")
                machine.uart1.expect(r"[+]")
        total += count(emu.trace.open(pytester.path / "x"))
    texts: list[str] = []
    write_lcov(coverage_of(total), texts.append)
    assert (pytester.path / "a.info").read_text() == "".join(texts)


def test_each_line_has_the_tests_that_have_come_to_it(pytester: pytest.Pytester) -> None:
    options = ["--w800-coverage-tests=tests.json", "--w800-coverage=all.info", "-n", "2"]
    run(pytester, *options).assert_outcomes(passed=4)
    told = json.loads((pytester.path / "tests.json").read_text())
    assert [name.partition("::")[2] for name in told["tests"]] == [
        "test_a_command[NONE]",
        "test_a_command[QVER]",
        "test_it_starts",
        "test_the_update",
    ]
    reached = {
        (path, int(line)): {told["tests"][number].partition("::")[2] for number in numbers}
        for path, lines in told["files"].items()
        for line, numbers in lines.items()
    }
    update, everyone = {"test_the_update"}, {name.partition("::")[2] for name in told["tests"]}
    assert {frozenset(tests) for (path, _), tests in reached.items() if path == "roms/ota_ops/main.c"} == {
        frozenset(update)
    }
    assert everyone in [tests for (path, _), tests in reached.items() if path == "roms/atcmd/main.c"]
    only = [tests for tests in reached.values() if tests == {"test_a_command[QVER]"}]
    assert only
    path, hit = "", set()
    for line in (pytester.path / "all.info").read_text().splitlines():
        path = line[3:] if line.startswith("SF:") else path
        if line.startswith("DA:") and not line.endswith(",0"):
            hit.add((path, int(line[3:].partition(",")[0])))
    assert hit == set(reached)


TOLD = {"tests": ["a.py::x", "a.py::y"], "files": {"lib/main.c": {"7": [0, 1]}, "app/main.c": {"9": [1]}}}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("lib/main.c:7", "a.py::x\na.py::y\n"),
        ("app/main.c:9", "a.py::y\n"),
        ("app/main.c:7", ""),
        ("main.c:7", "main.c is lib/main.c and app/main.c"),
        ("other.c:7", "other.c is none of app/main.c, lib/main.c"),
        ("main.c", "'main.c' is no line such as main.c:12"),
    ],
)
def test_the_tests_of_a_line_are_told(
    tmp_path: Path, line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tests.json"
    path.write_text(json.dumps(TOLD))
    code = run_command_line(["coverage", str(path), "--line", line])
    output = capsys.readouterr()
    assert (output.out if code == 0 else output.err).endswith(told if code == 0 else f"{told}\n")


def test_what_tells_of_no_tests_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tests.json"
    assert run_command_line(["coverage", str(path), "--line", "main.c:7"]) == 2
    path.write_text("{}")
    assert run_command_line(["coverage", str(path), "--line", "main.c:7"]) == 2
    assert run_command_line(["coverage", str(path)]) == 2
    errors = capsys.readouterr().err
    for told in ("cannot be read", "is none that pytest --w800-coverage-tests has written", "give one of -o"):
        assert told in errors


DIFF_COVER = shutil.which("diff-cover", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.skipif(DIFF_COVER is None, reason="diff-cover is not installed")
def test_diff_cover_tells_what_of_a_change_is_not_reached(pytester: pytest.Pytester) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    source = Path(roms.__file__).parent / "atcmd" / "main.c"
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    place = pytester.path / "roms" / "atcmd" / "main.c"
    place.parent.mkdir(parents=True)
    git("init", "-q", "-b", "main")
    for half in (lines[: len(lines) // 2], lines):
        place.write_text("".join(half), encoding="utf-8")
        git("add", "roms")
        git("commit", "-q", "-m", "Change it")
        git("branch", "--force", "before", "HEAD~1") if half is lines else None
    run(pytester, "-p", "no:xdist", "-k", "starts", "--w800-coverage=all.info").assert_outcomes(
        passed=1, deselected=3
    )
    command = [str(DIFF_COVER), "all.info", "--compare-branch=before"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert re.search(r"roms/atcmd/main\.c \([\d.]+%\)", told)
    assert re.search(r"Total: +\d+ lines", told)


def test_the_boot_that_tests_share_counts_once(pytester: pytest.Pytester) -> None:
    options = ["--w800-coverage-tests=tests.json", "-p", "no:xdist"]
    run(pytester, *options, tests="import pytest\n" + BOOTED).assert_outcomes(passed=2)
    told = json.loads((pytester.path / "tests.json").read_text())
    names = [name.partition("::")[2] or name for name in told["tests"]]
    assert names == ["booted: init finished", "test_booted[QVER]", "test_booted[SSID]"]
    reached = list(told["files"]["roms/atcmd/main.c"].values())
    assert [0] in reached


def test_the_next_report_reads_no_debug_information(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "usual_cache_folder", lambda: pytester.path / "cache")
    pytester.makepyfile(TESTS)
    written = []
    for reader in (source_of, NotImplemented):
        monkeypatch.setattr(source_store, "source_of", reader)
        options = [*plugin_options(), "-p", "no:xdist", "-k", "starts", "--w800-coverage=all.info"]
        pytester.runpytest_inprocess(*options).assert_outcomes(passed=1, deselected=3)
        written.append((pytester.path / "all.info").read_text())
    assert written[0] == written[1]


def test_a_json_file_is_for_gcovr(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nw800_coverage = all.json")
    run(pytester, "-p", "no:xdist", "-k", "starts").assert_outcomes(passed=1, deselected=3)
    files = json.loads((pytester.path / "all.json").read_text())["files"]
    assert "roms/atcmd/main.c" in [file["file"] for file in files]


def test_a_file_that_cannot_be_is_said(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--w800-coverage=no/such/folder.info")
    result.stderr.fnmatch_lines(["*--w800-coverage: */no/such is no folder"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (pytester.path / "taken").mkdir()
    result = run(pytester, "-p", "no:xdist", "-k", "starts", "--w800-coverage=taken")
    result.stdout.fnmatch_lines(["coverage of the firmware: not written: *taken*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_without_the_option_nothing_is_recorded(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-p", "no:xdist", "-k", "starts")
    result.assert_outcomes(passed=1, deselected=3)
    result.stdout.no_fnmatch_line("*coverage of the firmware*")
