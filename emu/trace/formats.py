"""The table of all forms that a trace can have."""

from __future__ import annotations

from emu.trace.text import TextTrace
from emu.trace.trace_format import TraceFormat

FORMATS: dict[str, type[TraceFormat]] = {form.name: form for form in (TextTrace,)}
