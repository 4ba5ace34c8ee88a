"""A comparison as text, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from emu.regress.compare.differences import Difference, Report

TITLES: Final = {
    "uart": "messages",
    "milestone": "when lines come",
    "time": "whole time",
    "instructions": "all instructions",
    "function": "functions that have changed",
    "run": "functions that have not changed and ran otherwise",
    "stack": "stacks",
    "heap": "heap",
    "flash": "flash operations",
    "size": "sizes",
    "unmodelled": "hardware without a model",
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
    if consequences := _consequences(report):
        yield ""
        yield f"ran otherwise without having changed: {', '.join(each.name for each in consequences)}"


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
    consequences = ", ".join(f"`{each.name}`" for each in _consequences(report))
    told = f"\n\nRan otherwise without having changed: {consequences}" if consequences else ""
    return f"{title}\n{table}{told}{_allowed(report)}\n"


def _consequences(report: Report) -> list[Difference]:
    counting = report.counting
    return [each for each in report.differences if each.kind == "run" and each not in counting]


def _allowed(report: Report) -> str:
    count = sum(each.is_allowed for each in report.differences)
    return f" ({count} within the limits)" if count else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
