from __future__ import annotations

from pathlib import Path

from emu.isa.reference import markdown
from emu.isa.table import INSNS

DOCUMENT = Path(__file__).parents[2] / "docs" / "isa.md"


def test_the_committed_reference_is_up_to_date() -> None:
    """If not: python -m emu.isa.reference docs/isa.md"""
    assert DOCUMENT.read_text(encoding="utf-8") == markdown()


def test_every_instruction_has_a_line() -> None:
    assert sum(line.startswith("| `") for line in markdown().splitlines()) == len(INSNS)
