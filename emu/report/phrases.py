"""Phrases that several reports have in common."""

from __future__ import annotations


def place(pc: int, *names: str) -> str:
    """An instruction, with those of its names that are known."""
    known = ", ".join(name for name in names if name)
    return f"pc {pc:#010x}" + (f" ({known})" if known else "")


def after(time_ns: int) -> str:
    """When something was, in virtual time from power-on."""
    return f"after {time_ns / 1e9:.6f} s"
