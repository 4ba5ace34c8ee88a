"""What the pictures are drawn with: pieces of SVG."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

WIDTH: Final = 1000
BEFORE: Final = "#4477aa"
AFTER: Final = "#cc3311"
"""The colours of the builds: told apart by everyone (Paul Tol's schemes)."""
_LETTER: Final = 6.2  # wide, about


def picture(height: float, shapes: Iterable[str]) -> str:
    """An SVG file; also a part of a page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join(shapes)
        + "\n</svg>\n"
    )


def box(  # noqa: PLR0913
    x: float, y: float, width: float, height: float, fill: str, title: str = "", more: str = ""
) -> str:
    """A rectangle that tells more when the pointer rests on it."""
    told = f"<title>{escape(title)}</title>" if title else ""
    size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {size} fill="{fill}"{more and " " + more}>{told}</rect>'


def text(x: float, y: float, words: str, more: str = "") -> str:
    """A line of text; `y` is where it stands on."""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="#222"{more and " " + more}>{escape(words)}</text>'


def shortened(words: str, width: float) -> str:
    """As much of a text as fits; empty if that is next to nothing."""
    letters = int((width - 6) / _LETTER)
    if len(words) <= letters:
        return words
    return f"{words[: letters - 1]}…" if letters > 2 else ""


def legend(names: tuple[str, str], y: float) -> list[str]:
    """Which colour is which build."""
    shapes, x = [], 4.0
    for name, colour in zip(names, (BEFORE, AFTER), strict=True):
        shapes += [box(x, y - 9, 10, 10, colour), text(x + 15, y, name)]
        x += 40 + _LETTER * len(name)
    return shapes
