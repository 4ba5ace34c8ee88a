"""All views: a new one is a file and a row."""

from __future__ import annotations

from typing import Final

from emu.trace.views import calls, instructions, text

VIEWS: Final = {view.name: view for view in (calls.VIEW, instructions.VIEW, text.TEXT, text.ACCESSES)}
"""By name."""
