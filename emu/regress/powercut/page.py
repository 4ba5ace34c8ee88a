"""A sweep as a page that needs nothing else, with a map of the flash."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from emu.regress.powercut.advice import MEANINGS, advice, exposure, reason
from emu.regress.powercut.flash_map import COLOURS, flash_map
from emu.regress.powercut.outcome import Verdict
from emu.regress.powercut.report import Entry, SweepReport, Window, windows
from emu.regress.powercut.text import verdict_line
from emu.regress.powercut.torn import TORN_WRITES

_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em }
table { border-collapse: collapse }
td, th { padding: .2em .8em; text-align: left; border-bottom: 1px solid #8885; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
code { font-size: 90% }
svg { width: 100%; height: auto } svg text { fill: currentColor; font-size: 11px }
.verdict { color: #fff; padding: .05em .5em; border-radius: .3em; white-space: nowrap }
dt { font-weight: 600 } dd { margin: 0 0 .6em 0 }
"""


def page_of(report: SweepReport) -> str:
    """The page."""
    heading = f"Power cuts of {report.scenario}"
    body = [f"<h1>{escape(heading)}</h1>", _summary(report), flash_map(report)]
    for window in windows(report.entries):
        body.append(_window(window, report))
    if report.bad:
        head = ("cut", "verdict", "operation", "seen")
        body.append(f"<h2>Bad cuts</h2>{_table(head, (_row(entry, report) for entry in report.bad))}")
    head = ("name", "of", "what is left", "source")
    body.append(f"<h2>Torn writes</h2>{_table(head, map(_torn, TORN_WRITES))}")
    metadata = f'<meta charset="utf-8"><title>{escape(heading)}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en">{metadata}\n{"".join(body)}\n</html>\n'


def _summary(report: SweepReport) -> str:
    started = len(report.started)
    made = f"{len(report.operations):,} flash operations, {len(report.entries):,} cuts"
    left = f"{started:,} different flash contents"
    return f"<p>{made} before, amid and after them, {left}. {escape(verdict_line(report))}.</p>"


def _window(window: Window, report: SweepReport) -> str:
    texts = {
        "When": f"{exposure(window, report.operations)}.",
        "Why": reason(window),
        "What to do": advice(window),
    }
    told = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in texts.items())
    title = f"{_badge(window.verdict)} {escape(MEANINGS[window.verdict])}"
    return f"<h2>{title}</h2><dl>{told}</dl>"


def _badge(verdict: Verdict) -> str:
    return f'<span class="verdict" style="background: {COLOURS[verdict]}">{verdict.value}</span>'


def _row(entry: Entry, report: SweepReport) -> list[str]:
    known = " (known)" if entry.cut in report.known else ""
    return [
        f"<td><code>{escape(entry.cut)}</code></td>",
        f"<td>{_badge(entry.outcome.verdict)}{known}</td>",
        f"<td>{escape(str(entry.place))}</td>",
        f"<td>{escape(entry.outcome.detail)}</td>",
    ]


def _torn(torn: object) -> list[str]:
    values = (getattr(torn, name) for name in ("name", "kind", "meaning", "source"))
    return [f"<td>{escape(getattr(value, 'value', value))}</td>" for value in values]


def _table(head: Iterable[str], rows: Iterable[list[str]]) -> str:
    heading = "".join(f"<th>{each}</th>" for each in head)
    return f"<table><tr>{heading}</tr>{''.join(f'<tr>{chr(10).join(cells)}</tr>' for cells in rows)}</table>"
