"""Builds with one seeded difference each: a comparison names exactly that."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

from emu.cli.__main__ import run_command_line
from emu.loader import LoadError
from emu.machine import Machine, MachineError
from emu.regress.compare.difference import Difference
from emu.regress.compare.differences import Report, compare
from emu.regress.compare.limits import Limits, parse_rule, read_limits
from emu.regress.compare.measurement import APP_BEGINS, FunctionCounts, Measurement, SectorCounts
from emu.regress.compare.measuring import measure
from emu.regress.compare.page import page_of
from emu.regress.compare.pictures.table import PICTURES
from emu.regress.compare.sum_of_tests import sum_of
from emu.regress.compare.text import lines_of, markdown_of
from emu.regress.scenario import Scenario

PROGRAMS = Path(__file__).resolve().parent / "programs"
SCENARIO = Scenario(
    "ready", None, {"cache": False}, lambda machine: machine.uart0.expect("ready\r\n"), lambda machine: None
)
READY = "uart0: [I] (...) builds: ready"
CALCULATE = "calculate.constprop.0"


@pytest.fixture(scope="module")
def before() -> Measurement:
    return after("builds")


@cache
def after(name: str) -> Measurement:
    return measure(SCENARIO, PROGRAMS / f"{name}.elf", {})


def told(report: Report) -> list[tuple[str, str]]:
    return [(each.kind, each.name) for each in report.counting]


def test_two_equal_builds_are_no_different(before: Measurement) -> None:
    report = compare(before, measure(SCENARIO, PROGRAMS / "builds.elf", {}), Limits())
    assert report.differences == []
    assert list(lines_of(report)) == ["no difference"]
    assert "no difference" in markdown_of(report)
    assert "no difference" in page_of(report)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slower", [("function", CALCULATE)]),
        ("deeper", [("stack", "worker_stack"), ("size", "keep")]),
        (
            "extra_page",
            [
                *(("milestone", READY), ("function", "keep"), ("flash", "program in user")),
                ("size", "keep"),
            ],
        ),
        ("other_message", [("uart", "uart0")]),
        ("later", [("milestone", READY), ("function", "work"), ("size", "work")]),
        ("moved", [("size", "moves_all_others")]),
        ("relinked", []),
    ],
)
def test_exactly_what_is_different_is_named(
    before: Measurement, name: str, expected: list[tuple[str, str]]
) -> None:
    assert told(compare(before, after(name), Limits())) == expected


def test_numbers_and_words(before: Measurement) -> None:
    slower = compare(before, after("slower"), Limits())
    assert slower.counting[0].text == "12,003 → 18,003 (+50.0 %) instructions"
    message = compare(before, after("other_message"), Limits())
    assert message.counting[0].text == (
        "“[I] (...) builds: begins” → “[I] (...) builds: off we go” at 71.808 ms"
    )
    assert "and ran otherwise: format, put_to_line" in "\n".join(lines_of(message))
    later = compare(before, after("later"), Limits())
    assert later.counting[0].text.endswith("(+25.001 ms)")
    assert f"| when lines come | `{READY}` |" in markdown_of(later)
    assert "+25.001 ms" in page_of(later)


def test_what_follows_from_other_differences_counts_if_a_limit_is_about_it(before: Measurement) -> None:
    build = after("extra_page")
    report = compare(before, build, Limits())
    assert {each.kind for each in report.consequences} == {
        *("run", "section", "component", "time", "instructions")
    }
    for rule, is_broken in (("time +3 %", True), ("time +4 %", False), ("section .text +15", True)):
        kind = rule.partition(" ")[0]
        report = compare(before, build, Limits((parse_rule(rule),)))
        assert (kind in [each.kind for each in report.counting]) is is_broken


def test_what_follows_from_what_may_differ_may_differ_too(before: Measurement) -> None:
    report = compare(before, after("moved"), Limits((parse_rule("size ignore"),)))
    assert report.counting == []
    assert {"section", "component"} <= {each.kind for each in report.consequences}
    report = compare(before, after("moved"), Limits((parse_rule("size ignore"), parse_rule("section +0"))))
    assert {each.kind for each in report.counting} == {"section"}


def test_all_that_is_measured(before: Measurement) -> None:
    assert list(before.milestones)[:2] == [APP_BEGINS, "uart0: [I] (...) builds: begins"]
    assert before.milestones[APP_BEGINS] < 72_000_000 < before.milestones[READY]
    assert before.flash["0x1e0000"] == SectorCounts("user", 1, 1)
    assert before.sections[".text"] > before.components["roms/firmware/drivers"] > 1000
    reached, all_ = before.coverage["tests/regress/programs/builds/main.c"]
    assert reached == all_ > 10
    assert before.memory[-1].stacks == before.stacks
    assert before.memory[0].stacks == {}
    assert sum(before.calls.values()) == before.executed
    [stack] = [stack for stack in before.calls if stack.endswith(f";{CALCULATE}")]
    assert stack.split(";")[-2:] == ["work", CALCULATE]


def test_measuring_does_not_change_the_run(before: Measurement) -> None:
    with Machine.load(PROGRAMS / "builds.elf", cache=False) as machine:
        SCENARIO.story(machine)
        assert (machine.now_ns, machine.executed) == (before.time_ns, before.executed)


def test_flash_operations_are_told_by_partition_with_their_sectors() -> None:
    one = Measurement("a", flash={"0x1e0000": SectorCounts("user", 3, 9), "0x0": SectorCounts("", 0, 1)})
    two = Measurement(
        "b", flash={"0x1e0000": SectorCounts("user", 2, 9), "0x1e1000": SectorCounts("user", 1, 0)}
    )
    report = compare(one, two, Limits())
    assert [(each.kind, each.name, each.text) for each in report.counting] == [
        ("flash", "erase in user", "3 → 3 (+0.0 %) times (0x1e0000: 3 → 2, 0x1e1000: 0 → 1)"),
        ("flash", "program in 0x0", "1 → 0 (-100.0 %) times (0x0: 1 → 0)"),
        ("wear", "user", "3 → 2 (-33.3 %) erases of the sector that is erased most"),
    ]
    assert compare(one, two, Limits((parse_rule("wear user < 3"),))).counting[-1].kind == "flash"
    assert compare(one, one, Limits((parse_rule("wear user < 3"),))).counting[-1].text == "3 is not < 3"


def test_crashes_and_resets_that_are_new_are_told() -> None:
    one, two = Measurement("a", crashes=["access error in f"]), Measurement("b", crashes=["locked up"])
    [gone, new] = compare(one, two, Limits()).counting
    assert (gone.name, gone.text, new.name, new.text) == ("access error in f", "is gone", "locked up", "new")


def test_functions_that_only_ran_otherwise_count_if_there_is_no_cause() -> None:
    one = Measurement("a", functions={"f": FunctionCounts(1, 10)})
    two = Measurement("b", functions={"f": FunctionCounts(2, 20)})
    one.code = two.code = {"f": "same"}
    assert told(compare(one, two, Limits())) == [("run", "f")]


@pytest.mark.parametrize(
    ("rule", "is_allowed"),
    [
        ("function +50 %", True),
        ("function +49 %", False),
        ("function calc* +6000", True),
        ("function calc* +5999", False),
        ("function other ignore", False),
        ("function ignore", True),
        ("function < 18004", True),
        ("function < 18003", False),
        ("stack ignore", False),
    ],
)
def test_limits(before: Measurement, rule: str, is_allowed: bool) -> None:
    report = compare(before, after("slower"), Limits((parse_rule(rule),)))
    counting = [each for each in report.counting if each.name == CALCULATE]
    assert (counting == []) is is_allowed


def test_bounds_hold_where_nothing_differs(before: Measurement) -> None:
    limits = Limits((parse_rule("stack worker* < 300"), parse_rule("time > 1")))
    [broken] = compare(before, before, limits).counting
    assert broken == Difference("stack", "worker_stack", 368, 368, "368 is not < 300")


def test_a_wrong_limit_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "limits.txt"
    path.write_text("size ignore  # whatever\n\nstack wifi 2048\n")
    with pytest.raises(LoadError, match=r"limits.txt: line 3: 'stack wifi 2048' is no limit such as"):
        read_limits(path)
    path.write_text("size ignore  # whatever\n")
    assert len(read_limits(path).rules) == 1
    with pytest.raises(LoadError, match="cannot be read"):
        read_limits(tmp_path / "nowhere")


def test_a_build_that_does_not_come_through_is_told(before: Measurement) -> None:
    never = Scenario(
        "never", None, {}, lambda machine: machine.uart0.expect("never", 0.2), lambda machine: None
    )
    with pytest.raises(MachineError, match=r"builds.elf: the scenario fails: .*never"):
        measure(never, PROGRAMS / "builds.elf", {})


def test_a_baseline_is_as_good_as_a_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, firmware = tmp_path / "base.json", str(PROGRAMS / "builds.elf")
    options = ["--expect", "ready\r\n"]
    assert run_command_line(["compare", firmware, firmware, *options, "--save", str(base)]) == 0
    assert run_command_line(["compare", str(base), firmware, *options]) == 0
    assert run_command_line(["compare", str(base), str(PROGRAMS / "deeper.elf"), *options, "--json"]) == 1
    report = json.loads(capsys.readouterr().out.partition("{")[2].join(("{", "")))
    assert [each["name"] for each in report["differences"] if not each["is_consequence"]] == [
        "worker_stack",
        "keep",
    ]
    capsys.readouterr()
    assert run_command_line(["compare", str(base), firmware, "--max-time", "1ms"]) == 1
    note = f"note: {base} has gone through '--expect ready\\r\\n', {firmware} through '--max-time 0.001s'\n"
    assert capsys.readouterr().err == note
    for old, new, message in (
        ('"functions"', '"function"', "base.json: is no measurement of"),
        ('"w800emu_measurement": 2', '"w800emu_measurement": 1', "base.json: is of form 1, not 2"),
    ):
        text = base.read_text()
        base.write_text(text.replace(old, new))
        assert run_command_line(["compare", str(base), firmware, *options]) == 2
        assert message in capsys.readouterr().err
        base.write_text(text)


def test_a_page_and_its_pictures_are_written(tmp_path: Path) -> None:
    page, pictures = tmp_path / "page.html", tmp_path / "all" / "pictures"
    builds = [str(PROGRAMS / f"{name}.elf") for name in ("builds", "extra_page")]
    options = ["--html", str(page), "--pictures", str(pictures)]
    assert run_command_line(["compare", *builds, "--expect", "ready", *options]) == 1
    text = page.read_text(encoding="utf-8")
    assert "<code>program in user</code>" in text
    assert '<td class="number">+3.001</td><td><pre>[I] (...) builds: ready</pre>' in text
    assert sorted(path.name for path in pictures.iterdir()) == ["flames.svg", "flash.svg", "memory.svg"]
    for path in pictures.iterdir():
        svg = path.read_text(encoding="utf-8")
        assert svg in text  # it needs nothing else
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_pictures_show_what_has_changed(before: Measurement) -> None:
    flames, memory, flash = (
        {found.text for found in ElementTree.fromstring(picture.draw(report)).iter() if found.text}
        for picture, report in zip(
            PICTURES,
            [compare(before, after(name), Limits()) for name in ("slower", "deeper", "extra_page")],
            strict=True,
        )
    )
    assert f"{CALCULATE}: 12,003 → 18,003 (+50.0 %) instructions" in flames
    assert {"stack of worker_stack", "352 to 1,136 bytes"} <= memory
    assert "0x1e0000: erased 1 → 1, programmed 1 → 2" in flash
    empty = compare(Measurement("a"), Measurement("b"), Limits())
    assert [picture.draw(empty) for picture in PICTURES] == ["", "", ""]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("")
    firmware = str(PROGRAMS / "builds.elf")
    pictures = str(tmp_path / "taken" / "pictures")
    assert run_command_line(["compare", firmware, firmware, "--expect", "ready", "--pictures", pictures]) == 2
    assert "pictures: cannot be made" in capsys.readouterr().err


STEPS = r"""
[[steps]]
wait-serial = "builds: begins"
[[steps]]
wait-serial = "ready"
"""


def test_a_file_of_steps_is_a_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = tmp_path / "steps.toml"
    steps.write_text(STEPS)
    builds = [str(PROGRAMS / f"{name}.elf") for name in ("builds", "slower", "other_message")]
    assert run_command_line(["compare", *builds[:2], "--scenario", str(steps)]) == 1
    assert f"{CALCULATE}: 12,003 → 18,003" in capsys.readouterr().out
    steps.write_text(STEPS.replace("builds: begins", "never"))
    assert run_command_line(["compare", *builds[:2], "--scenario", str(steps), "--max-time", "0.1s"]) == 2
    assert re.search(r"steps.toml has not come to its end, waiting for .*never", capsys.readouterr().err)
    steps.write_text(f"[[steps]]\nexpect-pin = {{ PB5 = 0 }}\n[[steps]]\nexpect-pin = {{ PB5 = 1 }}\n{STEPS}")
    assert run_command_line(["compare", *builds[:2], "--scenario", str(steps)]) == 2
    assert "steps.toml: step " in capsys.readouterr().err
    steps.write_text("[[steps]]\nwhat = 3\n")
    assert run_command_line(["compare", *builds[:2], "--scenario", str(steps)]) == 2
    assert "steps.toml" in capsys.readouterr().err


TESTS = """
def test_begins(dut):
    dut.expect("builds: ")

def test_ready(dut):
    dut.expect("ready")
"""


def test_the_tests_of_a_file_are_a_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tests = tmp_path / "test_app.py"
    tests.write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    builds = [str(PROGRAMS / f"{name}.elf") for name in ("builds", "other_message")]
    assert run_command_line(["compare", *builds, "--scenario", str(tests), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["differences"]
    assert [(each["kind"], each["name"]) for each in told if not each["is_consequence"]] == [
        ("uart", "test_app.py::test_begins: uart0"),
        ("uart", "test_app.py::test_ready: uart0"),
    ]
    tests.write_text(TESTS + "    assert False")
    assert run_command_line(["compare", *builds, "--scenario", str(tests)]) == 2
    error = capsys.readouterr().err
    assert "test_app.py fails: 1 failed, 1 passed" in error
    assert "test_app.py --w800-firmware=" in error
    assert run_command_line(["compare", *builds, "--scenario", str(tests), "--chip", "W801"]) == 2
    assert "says what its devices are: leave out chip" in capsys.readouterr().err


def test_measurements_of_tests_add_up(before: Measurement) -> None:
    total = sum_of([before, after("deeper")])
    assert total.executed == before.executed + after("deeper").executed
    assert total.functions["keep"] == (
        2,
        before.functions["keep"].own + after("deeper").functions["keep"].own,
    )
    assert total.stacks["worker_stack"] == after("deeper").stacks["worker_stack"]
    assert total.flash["0x1e0000"] == SectorCounts("user", 2, 2)
    assert sum_of([before]).coverage == before.coverage


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "what are the builds to do"),
        (["--scenario", "x.py", "--expect", "y"], "--scenario says it all"),
        (["--scenario", "nowhere.py"], "nowhere.py: cannot be read"),
    ],
)
def test_wrong_usage(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["compare", "a.elf", "b.elf", *options]) == 2
    assert message in capsys.readouterr().err
