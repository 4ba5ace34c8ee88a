"""A comparison as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from emu.trace.diff.comparison import CALLEES, Comparison, FunctionChange
from emu.trace.diff.divergence import Divergence
from emu.trace.diff.text import change_of, title, way_of

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em }
:root { color-scheme: light dark }
table { border-collapse: collapse }
td, th { padding: .2em .8em; text-align: left; border-bottom: 1px solid #8885 }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
code { font-size: 90% }
.bar { display: inline-block; height: .7em; background: #c33 }
.bar.less { background: #393 }
"""


def page_of(comparison: Comparison) -> str:
    """The page."""
    heading = f"{comparison.names[0]} and {comparison.names[1]}"
    body = [f"<h1>{escape(heading)}</h1>", f"<p>{change_of(*comparison.executed)} instructions</p>"]
    if not comparison.is_different:
        body.append("<p>No difference.</p>")
    body += map(_divergence, comparison.divergences)
    own = [each for each in comparison.functions if each.kind != CALLEES]
    if own:
        most = max(abs(_more(each)) for each in own) or 1
        head = ("", "function", "calls", "own instructions", "", "with what it calls")
        body.append(f"<h2>Functions</h2>{_table(head, (_function(each, most) for each in own))}")
    others = ", ".join(
        f"<code>{escape(title(each))}</code>" for each in comparison.functions if each.kind == CALLEES
    )
    if others:
        body.append(f"<p>Only what they call has changed: {others}</p>")
    if comparison.flash:
        rows = (
            [_text(str(each.operation)), _number(change_of(len(each.before_ns), len(each.after_ns)))]
            for each in comparison.flash
        )
        body.append(f"<h2>Flash operations</h2>{_table(('operation', 'times'), rows)}")
    text = "\n".join(body)
    metadata = f'<meta charset="utf-8"><title>{escape(heading)}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en">{metadata}\n{text}\n</html>\n'


def _divergence(divergence: Divergence) -> str:
    rows = [
        [
            _text(letter),
            _text(way_of(side)),
            _text(" > ".join(side.at.stack)),
            _text(", ".join(side.at.calls_before)),
        ]
        for letter, side in (("A", divergence.before), ("B", divergence.after))
    ]
    head = ("", "goes", "in", "latest calls")
    return f"<h2>First other {divergence.what} of {escape(divergence.context)}</h2>{_table(head, rows)}"


def _function(change: FunctionChange, most: int) -> list[str]:
    calls, own, total = (change_of(*each) for each in zip(change.before, change.after, strict=True))
    more = _more(change)
    kind = "bar" if more > 0 else "bar less"
    bar = f'<td><span class="{kind}" style="width: {12 * abs(more) / most:.2f}em"></span></td>'
    cells = [_text(change.kind), f"<td><code>{escape(title(change))}</code></td>"]
    return [*cells, _number(calls), _number(own), bar, _number(total)]


def _more(change: FunctionChange) -> int:
    return change.after.own - change.before.own


def _text(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def _number(text: str) -> str:
    return f'<td class="number">{escape(text)}</td>'


def _table(head: Iterable[str], rows: Iterable[list[str]]) -> str:
    heading = "".join(f"<th>{each}</th>" for each in head)
    return f"<table><tr>{heading}</tr>{''.join(f'<tr>{chr(10).join(cells)}</tr>' for cells in rows)}</table>"
