"""`w800emu powercut` sweeps, replays, and writes its reports."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emu.cli.__main__ import run_command_line
from emu.machine.replay import Replay
from emu.regress.powercut.junit import junit_of
from emu.regress.powercut.page import page_of
from emu.regress.powercut.report import SweepReport

SCENARIO = """
from pathlib import Path
import roms

FIRMWARE = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"

def story(machine):
    machine.uart0.expect("init finished")
    machine.uart0.write('AT+SSID="my-lab"\\r\\n')
    machine.uart0.expect(r"\\+OK")

def check(machine):
    machine.uart0.expect("init finished")
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "settings.py"
    path.write_text(SCENARIO)
    return path


def test_a_scenario_that_survives_is_a_success(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["powercut", str(scenario)]) == 0
    output = capsys.readouterr().out
    assert output.startswith("settings: ")
    assert " good" in output.splitlines()[-1]


def test_bad_cuts_are_a_failure_unless_they_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "always_bad.py"
    path.write_text(
        SCENARIO.replace("init finished", "init finished", 1)
        + "    assert b'my-lab' in machine.flash.contents[0x1f0000:].tobytes()\n"
    )
    assert run_command_line(["powercut", str(path), "--torn", "none", "--json"]) == 1
    output = capsys.readouterr().out
    report = json.loads(output)
    assert report["counts"]["broken"] == len(report["bad"]) > 0
    assert all(bad["is_new"] for bad in report["bad"])
    baseline = tmp_path / "known.json"
    baseline.write_text(output)
    assert run_command_line(["powercut", str(path), "--torn", "none", "--baseline", str(baseline)]) == 0
    output = capsys.readouterr().out
    assert "BROKEN (known)" in output
    assert "Write the new copy to another sector" in " ".join(output.split())


def test_a_replay_shows_the_start_and_can_be_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "brick.rec"
    assert run_command_line(["powercut", "replay", "314-after", "--record", str(recording)]) == 1
    told = capsys.readouterr()
    assert "cut 314-after: after operation 314 (erase of 4,096 bytes at 0xf000 in app" in told.out
    assert "brick: the app at 0x0800f000 is no good" in told.err
    replayed = Replay.load(recording)
    assert not replayed.run().difference
    assert replayed.machine.refusal is not None


def test_a_replay_of_a_torn_write_tells_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["powercut", "replay", "314-amid-bits"]) == 1
    assert "torn: some of the bits have become 1, the others are 0 (linux-mtd" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--shard", "3/2"], "'3/2' is no shard such as 2/4"),
        (["--torn", "bitz"], "bitz: there are prefix, bits, unstable, zeros, none"),
        (["nowhere.py"], "nowhere.py: cannot be read"),
        (["--baseline", "nowhere.json"], "nowhere.json: cannot be read"),
        (["replay", "314"], "'314' is no power cut"),
        (["--sample", "5"], "--sample is about second cuts: give --depth 2, too"),
        (["--jobs", "2", "--cluster", "tcp://127.0.0.1:8786"], "--jobs and --cluster: give one of them"),
    ],
)
def test_wrong_usage_is_told_in_a_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["powercut", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_printed_all_the_same(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = str(tmp_path / "nowhere" / "page.html")
    assert run_command_line(["powercut", str(scenario), "--torn", "none", "--html", page]) == 2
    told = capsys.readouterr()
    assert " good" in told.out.splitlines()[-1]
    assert "page.html: cannot be written" in told.err


def test_junit_has_a_case_for_each_operation(report: SweepReport) -> None:
    suite = ElementTree.fromstring(junit_of(report))
    assert suite.get("tests") == str(len(suite.findall("testcase"))) == "423"
    assert suite.get("failures") == str(len(suite.findall("testcase/failure"))) == "4"
    [first, *_] = suite.findall("testcase/failure")
    assert "314-after: brick: " in (first.text or "")


def test_the_page_needs_nothing_else_and_shows_every_operation(report: SweepReport) -> None:
    page = page_of(report)
    assert "http" not in page.replace("http://www.w3.org", "")
    assert page.count("<title>operation ") == 423
    assert page.count('class="verdict"') == 2 + len(report.bad)
