"""A loader of ours survives every power cut; four copies of it, each with a bug, do not, and that is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line
from emu.machine import Machine
from emu.regress.powercut.advice import advice
from emu.regress.powercut.device import Device
from emu.regress.powercut.options import CutOptions, SweepOptions
from emu.regress.powercut.outcome import Verdict
from emu.regress.powercut.report import SweepReport, Window, windows
from emu.regress.powercut.results import Nothing
from emu.regress.powercut.sweep import Sweep
from emu.regress.scenario import load_scenario

PROGRAMS = Path(__file__).resolve().parent / "programs"
SCENARIO = """
FIRMWARE = {firmware!r}
OPTIONS = {{"flash_file": {flash!r}}}


def story(machine):
    machine.uart0.expect("version 1, setting B")
    machine.uart0.write("C")
    machine.uart0.expect("setting C")
    machine.uart0.write("u")
    machine.uart0.expect("version 2, setting C")


def check(machine):
    version, setting = machine.uart0.expect(r"version (.), setting (.)").groups()
    assert version in "12", f"version {{version}}"
    assert setting in "BC", f"setting {{setting}}"
    machine.uart0.write("u")
    machine.uart0.expect(f"version {{int(version) + 1}}")
"""


@pytest.fixture
def scenario(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """That of a device which has an image and a setting."""
    firmware, flash = PROGRAMS / f"{request.param}.elf", tmp_path / "flash.bin"
    with Machine.load(firmware, cache=False) as machine:
        for sent, expected in (("", "version 0"), ("A", "setting A"), ("B", "setting B"), ("u", "version 1")):
            machine.uart0.write(sent)
            machine.uart0.expect(expected)
        machine.save_flash(flash)
    path = tmp_path / "scenario.py"
    path.write_text(SCENARIO.format(firmware=str(firmware), flash=str(flash)))
    return path


def swept(scenario: Path) -> SweepReport:
    device = Device(load_scenario(scenario), CutOptions())
    return Sweep(device, SweepOptions()).run(Nothing())


@pytest.mark.parametrize("scenario", ["loader"], indirect=True)
def test_the_loader_survives_every_cut(scenario: Path) -> None:
    report = swept(scenario)
    assert report.bad == []
    assert len(report.entries) > 300


@pytest.mark.parametrize(
    ("scenario", "seen", "first", "last", "told"),
    [
        (
            "early_erase",
            "version 0",
            "download < load",
            "download",
            "before the first sector of the old image",
        ),
        ("header_first", "version 0", "install", "install", "before the first sector of the old image"),
        ("no_retry", "version 0", "install", "install", "look for it at each start"),
        (
            "settings_in_place",
            "setting -",
            "setting_set",
            "setting_set",
            "Write the new copy to another sector",
        ),
    ],
    indirect=["scenario"],
)
def test_a_bug_is_found_and_told_where_it_is(
    scenario: Path, seen: str, first: str, last: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = swept(scenario)
    [window] = windows(report.entries)
    assert window.verdict is Verdict.BROKEN
    assert {entry.outcome.detail for entry in window.entries} == {seen}
    assert told in advice(window)
    assert first.partition(" ")[0] in window.first.who
    assert last in window.last.who
    assert_replays(window, scenario, capsys)


def assert_replays(window: Window, scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = window.entries[len(window.entries) // 2]
    assert run_command_line(["powercut", "replay", entry.cut, str(scenario)]) == 1
    told = capsys.readouterr()
    assert entry.outcome.detail in told.out
    assert f"broken: {entry.outcome.detail}" in told.err
