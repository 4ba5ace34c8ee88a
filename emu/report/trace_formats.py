"""The table of all forms that a trace can have."""

from __future__ import annotations

from emu.report.trace_format import TraceFormat
from emu.report.trace_text import TextTrace

FORMATS: dict[str, type[TraceFormat]] = {form.name: form for form in (TextTrace,)}
