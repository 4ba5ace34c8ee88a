"""`--screenshot`: which display, and when."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emu.host.board_steps import take_screenshot
from emu.host.script_steps import Step, WaitSerial
from emu.host.text_pattern import TextPattern, parse_pattern


@dataclass(frozen=True, slots=True)
class Screenshot:
    """What the display of that name shows goes to a file."""

    part: str
    path: Path
    at: TextPattern | None
    """When a UART has printed it; None: at the end."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What takes it during the run."""
        return () if self.at is None else (WaitSerial(self.at), take_screenshot(self.part, self.path))


def parse_screenshot(text: str) -> Screenshot:
    """Its form in options: NAME=FILE or NAME=FILE@TEXT; ValueError for others."""
    name, _, rest = text.partition("=")
    path, at, awaited = rest.partition("@")
    if not (name and path) or bool(at) is not bool(awaited):
        raise ValueError("NAME=FILE or NAME=FILE@TEXT is wanted, such as oled=out.png@ready")
    return Screenshot(name, Path(path), parse_pattern(awaited) if awaited else None)
