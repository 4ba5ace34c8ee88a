"""Power cuts of the built-in update: which ones brick the device is known, and told in words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from emu.loader import LoadError
from emu.machine import MachineError
from emu.regress.powercut.advice import advice, exposure, reason
from emu.regress.powercut.cut import Cut
from emu.regress.powercut.device import Device, ScenarioError, StoryError
from emu.regress.powercut.options import CutOptions, SweepOptions
from emu.regress.powercut.outcome import Outcome, Verdict
from emu.regress.powercut.report import Entry, SweepReport, windows
from emu.regress.powercut.results import Nothing, Results
from emu.regress.powercut.story import Place
from emu.regress.powercut.sweep import Sweep
from emu.regress.powercut.text import lines_of
from emu.regress.scenario import Scenario, load_scenario

FEW = CutOptions(models=frozenset())


def test_all_operations_of_the_story_are_cut_before_amid_and_after(
    device: Device, report: SweepReport
) -> None:
    assert len(report.operations) == 423
    cuts = Counter(entry.point.partition("-")[0] for entry in report.entries)
    assert cuts["before"] == cuts["after"] == 423
    changing = [one for one in device.operations if one.before.pages != one.after.pages]
    assert cuts["amid"] == len(changing) < 423 - 176  # to erase what is erased changes nothing
    assert len(report.started) < len(report.entries)
    assert report.merged > 0


def test_the_two_windows_in_which_both_bootloaders_brick_are_found_and_no_other(report: SweepReport) -> None:
    found = list(windows(report.entries))
    assert [(window.verdict, window.first.offset, window.last.offset) for window in found] == [
        (Verdict.BRICK, 0xF000, 0xF000)
    ] * 2
    for window in found:
        assert (window.first.kind, window.last.kind) == ("erase", "program")
        assert window.last.number == window.first.number + 1
        assert window.first.holds_header
        points = [entry.cut for entry in window.entries]
        assert f"{window.first.number}-after" in points
        assert f"{window.last.number}-before" in points
        assert window.duration_ns(report.operations) == 5_000_000
        assert "The complete update is in app_ota meanwhile" in reason(window)
        assert "Let the bootloader look for a complete image in app_ota" in advice(window)
        assert "5.0 ms" in exposure(window, report.operations)


def test_the_text_says_so(report: SweepReport) -> None:
    text = "\n".join(lines_of(report))
    assert "1. BRICK: The device does not start any more" in text
    assert "w800emu powercut replay 314-after" in text
    assert (
        text.splitlines()[-1] == f"{report.counts[Verdict.GOOD]:,} good, {report.counts[Verdict.BRICK]} brick"
    )


def test_outcomes_do_not_depend_on_what_other_runs_have_come_to(report: SweepReport) -> None:
    """A device that is started anew for each cut, and never ends early, ends the same."""
    alone = Device(load_scenario(None), CutOptions(merge=False))
    bad = {entry.cut: entry.outcome.verdict for entry in report.bad}
    chosen = [entry for entry in report.entries if entry.cut in bad][::3] + report.entries[::97]
    for entry in chosen:
        outcome = alone.outcome_of(alone.left(Cut.parse(entry.cut)))
        assert outcome.verdict is bad.get(entry.cut, Verdict.GOOD)


def test_processes_and_shards_come_to_the_same(few: Device) -> None:
    whole = Sweep(few, SweepOptions()).run(Nothing())
    parallel = Sweep(few, SweepOptions(jobs=2)).run(Nothing())
    assert verdicts_of(parallel) == verdicts_of(whole)
    parts = [verdicts_of(Sweep(few, SweepOptions(shard=(each, 3))).run(Nothing())) for each in (1, 2, 3)]
    assert {cut: verdict for part in parts for cut, verdict in part.items()} == verdicts_of(whole)
    assert all(parts)


def test_what_another_version_has_found_is_refused(few: Device) -> None:
    sweep = Sweep(few, SweepOptions())
    sweep._states = dict.fromkeys(sweep._states, "00")
    with pytest.raises(MachineError, match="1-before leaves another flash there than here"):
        sweep.run(Nothing())


def verdicts_of(report: SweepReport) -> dict[str, Verdict]:
    return {entry.cut: entry.outcome.verdict for entry in report.entries}


def test_an_interrupted_sweep_goes_on(few: Device, tmp_path: Path) -> None:
    sweep, path = Sweep(few, SweepOptions()), tmp_path / "results.sqlite"
    done: list[int] = []

    def interrupt(count: int, _total: int, _bad: int) -> None:
        done.append(count)
        if len(done) == 3:
            raise KeyboardInterrupt

    with Results(path, sweep.key) as results, pytest.raises(KeyboardInterrupt):
        sweep.run(results, interrupt)
    totals: list[int] = []
    with Results(path, sweep.key) as results:
        report = sweep.run(results, lambda _done, total, _bad: totals.append(total))
        again = sweep.run(results)
    assert totals[0] < sum(1 for entry in report.entries if entry.is_first)
    assert verdicts_of(report) == verdicts_of(again) == verdicts_of(Sweep(few, SweepOptions()).run(Nothing()))


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite"
    path.write_text("no database, but long enough to be taken for one" * 50)
    with pytest.raises(LoadError, match="not a database"):
        Results(path, "story")
    assert path.read_text().startswith("no database")


@pytest.mark.parametrize(
    ("genuine", "damaged"), [(b"TABLE outcome", b"TABLE \xfdutcome"), (b"good", b"gone")]
)
def test_a_damaged_file_is_refused(tmp_path: Path, genuine: bytes, damaged: bytes) -> None:
    path = tmp_path / "results.sqlite"
    place = Place(1, "erase", 0, 4096, 0, 1, "", False, "")
    entry = Entry("1-before", "before", place, "00", Outcome(Verdict.GOOD))
    with Results(path, "story") as results:
        results.keep([entry])
        assert results.outcome("00") == entry.outcome
    path.write_bytes(path.read_bytes().replace(genuine, damaged))
    with pytest.raises(LoadError, match=r"results.sqlite: .*: give another file"):
        Results(path, "story").outcome("00")


def test_second_cuts_are_made_while_the_device_recovers(few: Device) -> None:
    report = Sweep(few, SweepOptions(second_cuts=12)).run(Nothing())
    second = [entry for entry in report.entries if entry.is_second]
    assert len(second) == 12
    for entry in second[:3]:
        left = few.left(Cut.parse(entry.cut))
        assert few.outcome_of(left).verdict is entry.outcome.verdict


@pytest.mark.parametrize("name", ["314-after", "17-amid-bits", "206-amid-unstable/3-before"])
def test_a_cut_has_a_name(name: str) -> None:
    assert str(Cut.parse(name)) == name


@pytest.mark.parametrize(
    "name", ["", "314", "314-afterwards", "0-after", "314-amid", "314-amid-zero", "1-after/"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(LoadError, match="is no power cut"):
        Cut.parse(name)


def test_a_cut_that_is_not_there_is_refused(few: Device) -> None:
    with pytest.raises(MachineError, match="424-after: there is no such cut: there are 423 operations"):
        few.left(Cut.parse("424-after"))


def test_a_story_that_fails_by_itself_is_told(tmp_path: Path) -> None:
    def story(machine: object) -> None:
        raise AssertionError("nothing works")

    broken = Scenario("broken", None, {}, story, lambda machine: None)
    with pytest.raises(StoryError, match="broken: the story fails without a power cut: nothing works"):
        Device(broken, FEW)
    bad_check = Scenario("broken", None, {}, lambda machine: machine.run_for(0.1), story)
    with pytest.raises(StoryError, match="the check fails without a power cut: nothing works"):
        Device(bad_check, FEW)
    slip = Scenario("slip", None, {}, lambda machine: machine.run_for(0.1), lambda machine: machine.nothing)  # type: ignore[attr-defined]
    with pytest.raises(ScenarioError, match="slip: check: AttributeError"):
        Device(slip, FEW)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def check(machine): pass", "defines no function story"),
        ("def story(machine): pass\ncheck = 3", "check is no function"),
        ("def story(machine): pass\nOPTIONS = 3", "OPTIONS is no dictionary"),
        ("def story(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_wrong_scenario_is_refused_in_a_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "scenario.py"
    path.write_text(text)
    with pytest.raises(LoadError, match=message):
        load_scenario(path)
