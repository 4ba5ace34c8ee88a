"""A comparison as a page that needs nothing else."""

from __future__ import annotations

from html import escape
from typing import Final

from emu.regress.compare.difference import Difference
from emu.regress.compare.differences import Report
from emu.regress.compare.text import NO_DIFFERENCE, groups

_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em }
table { border-collapse: collapse }
td, th { padding: .2em .8em; text-align: left; border-bottom: 1px solid #8885; vertical-align: top }
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
    metadata = f'<meta charset="utf-8"><title>{escape(heading)}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en">{metadata}\n{"".join(body)}\n</html>\n'


def _row(difference: Difference, most: int) -> str:
    more = _more(difference)
    kind = "bar" if more > 0 else "bar less"
    bar = (
        f'<span class="{kind}" style="width: {_LONGEST_EM * abs(more) / most:.2f}em"></span>' if more else ""
    )
    text = difference.text + (" (within the limits)" if difference.is_allowed else "")
    cells = f"<td><code>{escape(difference.name)}</code></td><td>{escape(text)}</td><td>{bar}</td>"
    return f"<tr{' class=allowed' if difference.is_allowed else ''}>{cells}</tr>"


def _more(difference: Difference) -> int:
    return (difference.after or 0) - (difference.before or 0)
