"""A sweep as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from emu.escape import as_argument
from emu.regress.powercut.advice import MEANINGS, advice, exposure, reason
from emu.regress.powercut.outcome import Verdict
from emu.regress.powercut.report import Entry, SweepReport, windows

_SHOWN: Final = 8
_WIDTH: Final = 110


def lines_of(report: SweepReport, *, can_replay: bool = True) -> Iterator[str]:
    """The lines to print; `can_replay`: whether the command line knows the scenario."""
    yield f"{report.scenario}: {len(report.operations)} flash operations, {_cuts(report)}"
    for number, window in enumerate(windows(report.entries), 1):
        known = all(entry.cut in report.known for entry in window.entries)
        yield ""
        title = window.verdict.value.upper() + (" (known)" if known else "")
        yield f"{number}. {title}: {MEANINGS[window.verdict]}"
        yield from _wrapped(f"When: {exposure(window, report.operations)}.")
        yield from _wrapped(f"Why: {reason(window)}")
        yield from _wrapped(f"What to do: {advice(window)}")
        yield from _wrapped(f"Cuts: {_named(window.entries)}")
        if can_replay:
            source = f" {as_argument(report.source)}" if report.source else ""
            yield f"   Look: w800emu powercut replay {_example(window.entries).cut}{source}"
    if second := [entry for entry in report.bad if entry.is_second]:
        yield ""
        yield f"bad second cuts, while the device recovered: {_named(second)}"
    yield ""
    yield verdict_line(report)


def verdict_line(report: SweepReport) -> str:
    """How it has ended, in one line."""
    counts = ", ".join(
        f"{report.counts[verdict]:,} {verdict.value}" for verdict in Verdict if report.counts[verdict]
    )
    known = len(report.bad) - len(report.new)
    return f"{counts or 'no cuts'}" + (f"; {known} of the bad ones are known" if known else "")


def _cuts(report: SweepReport) -> str:
    count, started = len(report.entries), len(report.started)
    return (
        f"{count:,} cuts ({started:,} different flash contents, of which {report.merged:,} came to a known "
        f"state, and {report.shortened:,} left out what another had done alike), "
        f"{report.per_second:.0f} cuts a second and core"
    )


def _named(entries: list[Entry]) -> str:
    names = [entry.cut for entry in entries]
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _example(entries: list[Entry]) -> Entry:
    """A whole operation is easier to understand than a torn one."""
    return next((entry for entry in entries if "amid" not in entry.point), entries[0])


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="   ", subsequent_indent="   ")
