"""What the guides in docs/guides have their readers write down."""

from __future__ import annotations

import re
from pathlib import Path

GUIDES = sorted((Path(__file__).parents[2] / "docs" / "guides").glob("*.md"))


def scenario_of(guide: Path) -> str:
    """The scenario that a guide calls `story.py`; empty if it has none."""
    found = re.search(r"^```python\n(.*?)^```", guide.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def gdb_commands_of(guide: Path) -> list[str]:
    """What is typed into gdb."""
    return re.findall(r"^\(gdb\) (.+)$", guide.read_text(encoding="utf-8"), re.MULTILINE)
