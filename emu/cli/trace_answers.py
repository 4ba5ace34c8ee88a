"""Answers to the questions of `w800emu trace`, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from emu.memory_map import FLASH_BASE, FLASH_END
from emu.report.phrases import after
from emu.trace.questions import Stack, callers, flash_writes, writes
from emu.trace.trace import Trace
from emu.trace.window import Window


def tell_callers(trace: Trace, pattern: str, window: Window) -> Iterator[str]:
    """The stacks that a function was called from, the most frequent first."""
    found = callers(trace, pattern, window)
    if not found:
        yield f"nobody has called {pattern}"
    for stack, count in found.most_common():
        yield f"{count:>8} {_told(stack)}"


def tell_writes(trace: Trace, where: str, size_bytes: int | None, window: Window) -> Iterator[str]:
    """Who has written to a place in RAM, a register, or the flash; the latest is the last line."""
    address = _number(where)
    if address is not None and FLASH_BASE <= address < FLASH_END:
        yield from _flash_writes(trace, address - FLASH_BASE, size_bytes or 1, window)
        return
    found = writes(trace, where if address is None else address, size_bytes, window)
    before: int | None = None
    for access in found:
        changed = "" if before in (None, access.value) else f", {before:#x} before"
        yield f"{access.text}{changed}"
        before = access.value
    if not found:
        yield f"nobody has written to {where}"


def _flash_writes(trace: Trace, offset: int, size_bytes: int, window: Window) -> Iterator[str]:
    is_touched = False
    for write in flash_writes(trace, offset, size_bytes, window):
        is_touched = True
        what = "erased" if write.is_erase else "programmed"
        range_ = f"{write.size_bytes:#x} bytes from {FLASH_BASE + write.offset:#010x}"
        yield f"{range_} {what} {after(write.time_ns)} by {_told(write.stack)}"
    if not is_touched:
        yield f"nobody has changed {size_bytes:#x} bytes from {FLASH_BASE + offset:#010x}"


def _told(stack: Stack) -> str:
    return " > ".join(stack) or "(unknown)"


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None
