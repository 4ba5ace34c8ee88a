"""A comparison as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import zip_longest
from typing import Final

from emu.regress.compare.difference import Difference
from emu.regress.compare.differences import Report
from emu.regress.compare.differing import aligned
from emu.regress.compare.measurement import TimedLine
from emu.regress.compare.pictures.table import PICTURES
from emu.regress.compare.text import NO_DIFFERENCE, groups

_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em }
table { border-collapse: collapse }
td, th { padding: .2em .8em; text-align: left; border-bottom: 1px solid #8885; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tr.changed td { background: #cc331122 } tr.consequence { opacity: .7 }
svg { width: 100%; height: auto; border: 1px solid #8885 } pre { margin: 0 }
summary { font-size: 1.3em; font-weight: 600; margin: 1em 0 .5em }
.bar { display: inline-block; height: .7em; background: #c33 } .bar.less { background: #393 }
tr.allowed { opacity: .55 } code { font-size: 90% }
"""
_LONGEST_EM: Final = 12


def page_of(report: Report) -> str:
    """The page."""
    heading = f"{report.names[0]} → {report.names[1]}"
    body = [f"<h1>{escape(heading)}</h1>"]
    if not report.counting:
        body.append(f"<p>{NO_DIFFERENCE}</p>")
    for title, found in groups(report.differences):
        most = max((abs(_more(each)) for each in found), default=0) or 1
        rows = "".join(_row(each, most) for each in found)
        body.append(f"<h2>{escape(title.capitalize())}</h2><table>{rows}</table>")
    for picture in PICTURES:
        if drawn := picture.draw(report):
            body.append(f"<h2>{escape(picture.title)}</h2>{drawn}")
    body += _logs(report)
    metadata = f'<meta charset="utf-8"><title>{escape(heading)}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en">{metadata}\n{"".join(body)}\n</html>\n'


def _logs(report: Report) -> Iterator[str]:
    """What each UART has sent, both builds side by side."""
    lines, lines_now = report.before.lines, report.after.lines
    for uart in sorted(lines.keys() | lines_now.keys()):
        rows = []
        for is_same, old, new in aligned(lines.get(uart, []), lines_now.get(uart, [])):
            pairs = zip_longest(old, new)
            rows += [_line(*pair, is_same=is_same) for pair in pairs]
        head = f"<tr><th>{'</th><th>'.join(map(escape, report.names))}</th><th>shift</th><th>line</th></tr>"
        is_open = " open" if lines.get(uart) != lines_now.get(uart) else ""
        table = f"<table>{head}{''.join(rows)}</table>"
        yield f"<details{is_open}><summary>{escape(uart)}, times in ms</summary>{table}</details>"


def _line(before: TimedLine | None, after: TimedLine | None, *, is_same: bool) -> str:
    shift = f"{(after.time_ns - before.time_ns) / 1e6:+.3f}" if before and after else ""
    times = ("" if each is None else f"{each.time_ns / 1e6:.3f}" for each in (before, after))
    texts = dict.fromkeys(each.text for each in (before, after) if each is not None)
    cells = "".join(f'<td class="number">{each}</td>' for each in (*times, shift))
    told = "".join(f"<pre>{escape(each)}</pre>" for each in texts)
    return f"<tr{'' if is_same else ' class=changed'}>{cells}<td>{told}</td></tr>"


def _row(difference: Difference, most: int) -> str:
    more = _more(difference)
    kind = "bar" if more > 0 else "bar less"
    bar = (
        f'<span class="{kind}" style="width: {_LONGEST_EM * abs(more) / most:.2f}em"></span>' if more else ""
    )
    text = difference.text + (" (within the limits)" if difference.is_allowed else "")
    cells = f"<td><code>{escape(difference.name)}</code></td><td>{escape(text)}</td><td>{bar}</td>"
    kind = "allowed" if difference.is_allowed else "consequence" if difference.is_consequence else ""
    return f"<tr{kind and f' class={kind}'}>{cells}</tr>"


def _more(difference: Difference) -> int:
    return (difference.after or 0) - (difference.before or 0)
