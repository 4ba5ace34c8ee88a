"""Builds with one seeded difference each: a comparison names exactly that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line
from emu.loader import LoadError
from emu.machine import MachineError
from emu.regress.compare.differences import Difference, Report, compare
from emu.regress.compare.limits import Limits, parse_rule, read_limits
from emu.regress.compare.measurement import Measurement, measure
from emu.regress.compare.page import page_of
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
    return measure(SCENARIO, PROGRAMS / "builds.elf", {})


def after(name: str) -> Measurement:
    return measure(SCENARIO, PROGRAMS / f"{name}.elf", {})


def told(report: Report) -> list[tuple[str, str]]:
    return [(each.kind, each.name) for each in report.counting]


def test_two_equal_builds_are_no_different(before: Measurement) -> None:
    report = compare(before, after("builds"), Limits())
    assert report.differences == []
    assert list(lines_of(report)) == ["no difference"]
    assert "no difference" in markdown_of(report)
    assert "no difference" in page_of(report)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slower", [("function", CALCULATE)]),
        ("deeper", [("size", "keep"), ("stack", "worker_stack")]),
        (
            "extra_page",
            [
                *(("milestone", READY), ("function", "keep"), ("size", "keep")),
                ("flash", "program 0x1e0000 in user"),
            ],
        ),
        ("other_message", [("uart", "uart0")]),
        ("later", [("milestone", READY), ("function", "work"), ("size", "work")]),
        ("moved", [("size", "moves_all_others")]),
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
    assert message.counting[0].text == "“[I] (...) builds: begins” → “[I] (...) builds: off we go”"
    assert "ran otherwise without having changed: format, put_to_line" in "\n".join(lines_of(message))
    later = compare(before, after("later"), Limits())
    assert later.counting[0].text.endswith("(+25.001 ms)")
    assert f"| when lines come | `{READY}` |" in markdown_of(later)
    assert "+25.001 ms" in page_of(later)


def test_functions_that_only_ran_otherwise_count_if_there_is_no_cause() -> None:
    one, two = Measurement("a", functions={"f": (1, 10)}), Measurement("b", functions={"f": (2, 20)})
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
    assert [each["name"] for each in report["differences"]] == ["keep", "worker_stack"]
    base.write_text(base.read_text().replace("functions", "function"))
    assert run_command_line(["compare", str(base), firmware, *options]) == 2
    assert "base.json: is no measurement of" in capsys.readouterr().err


def test_a_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    builds = [str(PROGRAMS / f"{name}.elf") for name in ("builds", "deeper")]
    assert run_command_line(["compare", *builds, "--expect", "ready", "--html", str(page)]) == 1
    text = page.read_text(encoding="utf-8")
    assert "worker_stack" in text
    assert "http" not in text


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
