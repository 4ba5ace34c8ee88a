"""Cycles per instruction on the command line: `2`, `1.5`, `4/3`, or by memory: `flash=2,ram=1`."""

from __future__ import annotations

import re
from fractions import Fraction

import click

from emu.cycles import MEASURED, CyclesPerInstruction

_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6}|/[1-9]\d{0,5})?")


def parse_cycles(text: str) -> CyclesPerInstruction:
    """One number for all code, or a mapping of those that are named."""
    if _NUMBER.fullmatch(text):
        return _positive(text, text)
    cycles = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        if name not in MEASURED or name in cycles or not _NUMBER.fullmatch(number):
            raise _refusal(text)
        cycles[name] = _positive(number, text)
    return cycles


def _positive(number: str, text: str) -> Fraction:
    cycles = Fraction(number)
    if not cycles:
        raise _refusal(text)
    return cycles


def _refusal(text: str) -> click.BadParameter:
    return click.BadParameter(f"{text!r} is no cycles per instruction such as 2, 1.5, 4/3 or flash=2,ram=1")
