"""Exploration finds four seeded bugs, each with one fault, and each replays from its file."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emu.cli.__main__ import run_command_line
from emu.cli.explore import KIND_NAMES
from emu.loader import LoadError
from emu.loader.errors import Origin
from emu.loader.image import MAGIC, Image, ImageHeader, ImageType, encode_version
from emu.machine import MachineError
from emu.machine.replay import Replay
from emu.regress.explore.branches import Branches
from emu.regress.explore.explorer import Explorer, Finding
from emu.regress.explore.fault import Fault
from emu.regress.explore.images import made
from emu.regress.explore.kinds import KINDS
from emu.regress.explore.structure import Edit
from emu.regress.explore.team import Job, Limits, Local, Remote, Team, explorer_of
from emu.regress.powercut.outcome import Verdict
from emu.regress.scenario import load_scenario

HERE = Path(__file__).resolve().parent
SCENARIO = HERE / "scenarios" / "console.py"
UPDATE = Image.build(
    ImageHeader(MAGIC, ImageType.USER, 0x0801_0400, 0, 0x0801_0000, 0x081E_1000, 0, 1, encode_version("1.0")),
    b"the update" * 20,
).to_bytes()


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """That of the console, beside its firmware."""
    shutil.copy(HERE / "programs" / "console.elf", tmp_path)
    return Path(shutil.copy(SCENARIO, tmp_path))


@pytest.fixture(scope="module")
def branches(tmp_path_factory: pytest.TempPathFactory) -> Branches:
    """Its story, told once for all tests."""
    folder = tmp_path_factory.mktemp("console")
    shutil.copy(HERE / "programs" / "console.elf", folder)
    return Branches(load_scenario(Path(shutil.copy(SCENARIO, folder))), image=UPDATE)


def found(branches: Branches, kind: str, seed: int, verdict: Verdict, tmp_path: Path) -> Finding:
    """The first finding of that verdict; any seed finds it, some sooner."""
    explorer = Explorer(branches, seed, kinds=[kind])
    for _ in range(20):
        for finding in explorer.explore(20, lambda: True).findings:
            if finding.outcome.verdict is verdict:
                recording = tmp_path / "finding.rec"
                assert branches.record(finding.faults, recording).verdict is verdict
                assert not Replay.load(recording).run().difference
                return finding
    raise AssertionError("not found in 400 executions")


def test_a_break_amid_a_command_locks_it_up(branches: Branches, tmp_path: Path) -> None:
    finding = found(branches, "line", 2, Verdict.HANG, tmp_path)
    [fault] = finding.faults
    assert fault.arguments == (0, "break", 0)
    assert "serve+" in finding.outcome.detail


def test_a_reset_in_two_milliseconds_loses_the_setting(branches: Branches, tmp_path: Path) -> None:
    finding = found(branches, "reset", 1, Verdict.BROKEN, tmp_path)
    assert finding.outcome.detail == "the setting is lost"
    [fault] = finding.faults
    offsets_ns = range(-3_000_000, 3_000_000, 250_000)
    moved = [fault._replace(time_ns=fault.time_ns + offset_ns) for offset_ns in offsets_ns]
    lost = [one.time_ns for one in moved if branches.run([one]).verdict is Verdict.BROKEN]
    assert 1_500_000 <= lost[-1] - lost[0] <= 2_250_000


def test_a_bad_length_crashes_it(branches: Branches, tmp_path: Path) -> None:
    finding = found(branches, "input", 1, Verdict.CRASH, tmp_path)
    assert {fault.kind for fault in finding.faults} == {"input"}


def test_an_image_with_a_bad_length_crashes_it(branches: Branches, tmp_path: Path) -> None:
    finding = found(branches, "image", 1, Verdict.CRASH, tmp_path)
    [fault] = finding.faults
    [edit], is_sealed = fault.arguments
    assert is_sealed
    assert edit.what == "body_size"
    assert int.from_bytes(edit.data, "little") > 0xFFFF


def test_without_install_an_image_lies_where_bootloaders_look(
    branches: Branches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branches, "known", replace(branches.known, install=None))
    length = Edit("body_size", 12, b"\xff\xff\xff\x00")
    fault = Fault(branches.known.end_ns - 1, "image", ((length,), True))
    branches.run([fault])
    assert branches.machine.flash.contents[0x1E_1000:][: len(UPDATE)] == made(UPDATE, [length], True)
    assert branches.machine.uart0.text.count("ready") == 2  # it was reset
    branches.record([fault], tmp_path / "image.rec")
    assert not Replay.load(tmp_path / "image.rec").run().difference


def test_every_kind_of_fault_is_replayed(branches: Branches, tmp_path: Path) -> None:
    arguments = {
        "line": (0, "parity", 65),
        "flash": ("bit", 0x1E0000, 3),
        "input": (0, b"?\r"),
        "interrupt": ("UART0", 0.001, 1),
        "stall": (0.001,),
        "clock": (200,),
        "image": ((), True),
    }
    kinds = [name for name in KINDS if KINDS[name].needs(branches.known)]
    assert set(KINDS) - set(kinds) == {"network", "frame"}
    faults = [Fault(80_000_000 + number, kind, arguments.get(kind, ())) for number, kind in enumerate(kinds)]
    branches.record(faults, tmp_path / "all.rec")
    replay = Replay.load(tmp_path / "all.rec")
    assert not replay.run().difference
    doors = {one.door for one in replay.recording.inputs}
    assert doors >= {"uart_fault", "reset", "power_cycle", "flash", "uart0", "interrupt_fault", "stall"}
    assert doors >= {"watchdog_starvation", "clock_drift"}


def test_the_command_and_the_page_know_all_kinds() -> None:
    assert set(KIND_NAMES) == set(KINDS)
    page = (HERE.parents[1] / "docs" / "explore.md").read_text(encoding="utf-8")
    assert [name for name, row in KINDS.items() if f"| `{name}` | {row.meaning} |\n" not in page] == []


def test_what_was_sent_may_come_otherwise_instead(branches: Branches) -> None:
    typed = next(n for n, one in enumerate(branches.known.inputs) if one.arguments == (b"B\r",))
    time_ns = branches.known.inputs[typed].now_ns
    fault = Fault(time_ns, "input", (0, b"C\r"), replaces=typed)
    assert str(fault).endswith(f"input 0, b'C\\r', instead of input {typed + 1}")
    assert branches.run([fault]).verdict is Verdict.GOOD
    assert "setting C" in branches.machine.uart0.text
    assert "setting B" not in branches.machine.uart0.text


def results(team: Team) -> object:
    findings = [finding.to_dict() for finding in team.explore(Limits(executions=24), lambda state: None)]
    assert not team.state.is_cut_short
    samples = [(sample.executions, sample.places) for sample in team.state.samples]
    assert samples[-1][1] > samples[0][1]
    return findings, samples


def test_equal_seeds_find_the_same_in_one_process_and_in_two(scenario: Path) -> None:
    job = Job(scenario, ("image",), seed=4, image=UPDATE)
    explorers = [explorer_of(job, job.branches(), number) for number in range(2)]
    here = results(Team(explorers[0], [Local(explorer) for explorer in explorers], 6))
    members = [Remote(job, number) for number in range(2)]
    try:
        assert results(Team(explorer_of(job, job.branches()), members, 6)) == here
    finally:
        for member in members:
            member.close()


def test_members_tell_each_other(branches: Branches) -> None:
    job = Job(None, ("image",), seed=1)
    first = explorer_of(job, branches).explore(10, lambda: True)
    assert first.found
    second = explorer_of(job, branches, 1)
    second.learn(first.found, [])
    again = second.explore(10, lambda: True)
    known = frozenset[int]().union(*(each.places for each in first.found))
    assert all(not each.places & known for each in again.found)


def test_a_mistake_in_a_process_is_told(scenario: Path) -> None:
    member = Remote(Job(scenario, ("network",)), 0)
    try:
        member.begin(1, None, [], [])
        with pytest.raises(MachineError, match="console: gives nothing to do for network"):
            member.end()
    finally:
        member.close()


def test_the_commands_tell_findings(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plot = tmp_path / "findings", tmp_path / "coverage.svg"
    options = ["--executions", "20", "--seed", "1", "-o", str(out), "--plot", str(plot)]
    assert run_command_line(["explore", str(scenario), "--faults", "reset", *options]) == 1
    told = capsys.readouterr().out
    assert "the setting is lost" in told
    [recording] = out.glob("broken-*.rec")
    assert f"w800emu replay {recording}" in told
    assert ElementTree.parse(plot).getroot().tag.endswith("svg")
    (tmp_path / "update.img").write_bytes(UPDATE)
    image = ["--image", str(tmp_path / "update.img"), "--executions", "3", "--json"]
    assert run_command_line(["fuzz", str(scenario), *image]) in (0, 1)
    *lines, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert lines[0]["kind"] == "progress"
    assert lines[0]["places"] >= end["coverage"][0]["places"]
    assert [line["number"] for line in lines[1:]] == list(range(1, len(end["findings"]) + 1))
    assert (end["kind"], end["executions"]) == ("end", lines[0]["executions"])
    assert set(end["coverage"][0]) == {"executions", "seconds", "places"}


def test_a_story_that_fails_by_itself_is_told(scenario: Path) -> None:
    text = scenario.read_text()
    scenario.write_text(text.replace('"installed"', '"never", timeout_s=0.1'))
    with pytest.raises(MachineError, match="console: fails without any fault: 'never' did not appear"):
        Branches(load_scenario(scenario))
    scenario.write_text(text + "\nalive = 3\n")
    with pytest.raises(LoadError, match="alive is no function"):
        load_scenario(scenario)


def test_what_cannot_be_installed_is_told(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.img").write_text("an update")
    assert run_command_line(["fuzz", str(scenario), "--image", str(tmp_path / "text.img")]) == 2
    assert "text.img: no image begins it" in capsys.readouterr().err
    nowhere = replace(Image.parse(UPDATE, Origin("update")).header, upgrade_address=0).sealed().pack()
    (tmp_path / "nowhere.img").write_bytes(nowhere + UPDATE[len(nowhere) :])
    scenario.write_text(scenario.read_text().replace("def install", "def give"))
    assert run_command_line(["fuzz", str(scenario), "--image", str(tmp_path / "nowhere.img")]) != 0
    assert "define install(machine, image)" in capsys.readouterr().err
