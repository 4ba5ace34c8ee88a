"""What bad cuts mean, and what a firmware team can do, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from emu.regress.powercut.outcome import Verdict
from emu.regress.powercut.report import Window
from emu.regress.powercut.story import Place

MEANINGS: Final = {
    Verdict.GOOD: "The device works.",
    Verdict.BRICK: "The device does not start any more: only a download over UART 0 helps.",
    Verdict.RESET_LOOP: "The device resets itself again and again.",
    Verdict.CRASH: "The firmware crashes.",
    Verdict.HANG: "The device starts, but what has to come does not come.",
    Verdict.BROKEN: "The device works, but something that has to hold does not.",
}
_HEADER: Final = (
    "For that long the flash holds no header of an image that starts: its only one is in this sector, "
    "which is erased before it is programmed again."
)
_UPDATE_LIES_READY: Final = (
    "The complete update is in app_ota meanwhile, and nobody looks for it, as the bootloader finds it only "
    "by way of a good header of the app."
)
_HEADER_ADVICE: Final = (
    "Let the bootloader look for a complete image in app_ota before it gives up, or keep a second copy of "
    "the header in another sector while this one is rewritten. With a bootloader that cannot be changed: "
    "keep the supply up for longer than this (capacitor, brown-out warning), and do not start updates with "
    "a low battery."
)
_IMAGE_ADVICE: Final = (
    "What is in the flash at this time is no use as it is. Check the whole update (length, checksum, "
    "signature) before the first sector of the old image is erased, leave a mark that an update is under way "
    "before that, and take the mark away when the new image has been checked."
)
_SETTINGS_ADVICE: Final = (
    "What is kept here is erased, or written over, before its successor is complete. Write the new copy to "
    "another sector with a number and a checksum; erase the old one when the new one has been read back."
)
_RETRY_ADVICE: Final = (
    "After such a start nobody goes on with what was under way: look for it at each start (a half-written "
    "image, a mark in the flash), and do it again from the beginning."
)
_CRASH_ADVICE: Final = (
    "The firmware takes what the flash holds for good: check magic numbers, lengths and checksums before use."
)


def reason(window: Window) -> str:
    """Why it happens, as far as the flash tells; else what was seen."""
    detail = f"Seen: {window.entries[0].outcome.detail}."
    if window.verdict is Verdict.BRICK and _is_about_header(window):
        ready = any(entry.has_update for entry in window.entries)
        return " ".join([_HEADER, *([_UPDATE_LIES_READY] if ready else []), detail])
    return detail


def advice(window: Window) -> str:
    """What to do about it."""
    if window.verdict is Verdict.CRASH:
        return _CRASH_ADVICE
    partitions = {entry.place.partition for entry in window.entries}
    if window.verdict is Verdict.BRICK or partitions & {"app", "bootloader"}:
        return _HEADER_ADVICE if _is_about_header(window) else _IMAGE_ADVICE
    if "app_ota" in partitions:
        return f"{_IMAGE_ADVICE} {_RETRY_ADVICE}"
    return _SETTINGS_ADVICE


def exposure(window: Window, operations: Sequence[Place]) -> str:
    """When, and for how long."""
    opens, closes = window.first, window.last
    where = f"from {opens}" + (f" to {closes}" if closes.number != opens.number else "")
    duration_ms = window.duration_ns(operations) / 1e6
    return f"{where}: {duration_ms:.1f} ms, {len(window.entries)} cuts"


def _is_about_header(window: Window) -> bool:
    return any(entry.place.holds_header for entry in window.entries)
