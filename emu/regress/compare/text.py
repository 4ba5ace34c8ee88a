"""A comparison as text, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from emu.regress.compare.difference import Difference
from emu.regress.compare.differences import Report

TITLES: Final = {
    "uart": "messages",
    "crash": "crashes and resets",
    "milestone": "when lines come",
    "function": "functions that have changed",
    "stack": "stacks",
    "heap": "heap",
    "flash": "flash operations",
    "wear": "wear of the flash",
    "size": "sizes",
    "unmodelled": "hardware without a model",
    "run": "functions that have not changed and ran otherwise",
    "coverage": "coverage",
    "section": "sections",
    "component": "components",
    "time": "whole time",
    "instructions": "all instructions",
}
NO_DIFFERENCE: Final = "no difference"


def groups(differences: Sequence[Difference]) -> Iterator[tuple[str, list[Difference]]]:
    """By kind, with titles, in the order in which they are told."""
    for kind, title in TITLES.items():
        if found := [each for each in differences if each.kind == kind]:
            yield title, found


def lines_of(report: Report) -> Iterator[str]:
    """The lines to print."""
    counting = report.counting
    if not counting:
        yield NO_DIFFERENCE + _allowed(report)
        return
    yield f"{report.names[0]} → {report.names[1]}{_allowed(report)}"
    for title, found in groups(counting):
        yield ""
        yield f"{title}:"
        yield from (f"  {each.name}: {each.text}" for each in found)
    if report.consequences:
        yield ""
        yield "what follows:"
        yield from (f"  {line}" for line in _following(report))


def markdown_of(report: Report) -> str:
    """A comment for a pull request."""
    title = f"### `{report.names[0]}` → `{report.names[1]}`\n"
    counting = report.counting
    if not counting:
        return f"{title}\n{NO_DIFFERENCE}{_allowed(report)}\n"
    rows = [
        f"| {title} | `{_cell(each.name)}` | {_cell(each.text)} |"
        for title, found in groups(counting)
        for each in found
    ]
    table = "\n".join(["| | what | before → after |", "|---|---|---|", *rows])
    following = "".join(f"- {_cell(line)}\n" for line in _following(report))
    told = f"\n\n<details><summary>What follows</summary>\n\n{following}\n</details>" if following else ""
    return f"{title}\n{table}{told}{_allowed(report)}\n"


def _following(report: Report) -> Iterator[str]:
    """A line for each; of functions one for all."""
    for title, found in groups(report.consequences):
        if found[0].kind == "run":
            yield f"{title}: {', '.join(each.name for each in found)}"
        else:
            yield from (f"{each.kind} {each.name}: {each.text}" for each in found)


def _allowed(report: Report) -> str:
    count = sum(each.is_allowed for each in report.differences)
    return f" ({count} within the limits)" if count else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
