"""The page about comparisons shows what is drawn, and limits that are some."""

from __future__ import annotations

from pathlib import Path

from emu.regress.compare.differences import compare
from emu.regress.compare.limits import Limits, read_limits
from emu.regress.compare.measuring import measure
from emu.regress.compare.pictures.table import PICTURES
from emu.regress.scenario import Scenario

PROGRAMS = Path(__file__).resolve().parent / "programs"
DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "compare.md"


def test_its_pictures_are_what_is_drawn() -> None:
    """If not: `w800emu compare builds.elf extra_page.elf --expect ready --pictures docs/pictures/compare`."""
    scenario = Scenario("--expect ready", None, {}, lambda machine: machine.uart0.expect("ready"), print)
    one, two = (measure(scenario, PROGRAMS / f"{name}.elf", {}) for name in ("builds", "extra_page"))
    report = compare(one, two, Limits())
    for picture in PICTURES:
        path = DOCS / "pictures" / "compare" / f"{picture.name}.svg"
        assert path.read_text(encoding="utf-8") == picture.draw(report)


def shown_limits() -> str:
    return PAGE.read_text(encoding="utf-8").partition("```text\n")[2].partition("```")[0]


def test_its_limits_are_some(tmp_path: Path) -> None:
    (tmp_path / "limits.txt").write_text(shown_limits(), encoding="utf-8")
    assert len(read_limits(tmp_path / "limits.txt").rules) == shown_limits().count("\n")
