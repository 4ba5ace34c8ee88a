"""Digests of functions that stay the same when everything moves to other addresses."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from hashlib import blake2b
from typing import Final

from emu.inspect.program_view import ProgramView
from emu.loader.symbols import Symbol, SymbolKind
from emu.machine import Machine

_LOAD: Final = re.compile(r"(lrw\s.*)0x([0-9a-f]+)\s+//.*")
_ADDRESS: Final = re.compile(r"\b0x(?:08|20)[0-9a-f]{5,6}\b|\b0x[28][0-9a-f]{6,7}\b")
"""In flash or RAM: where things are does not matter, calls have names."""


def code_digests(machine: Machine) -> dict[str, str]:
    """A digest of each function of the program that runs, by name; of several with the same one of all."""
    view = machine._views.now()
    labels = {each.address for each in view.symbols if each.kind is SymbolKind.LABEL and each.is_global}
    codes: dict[str, list[str]] = {}
    for symbol in view.symbols:
        if symbol.kind is SymbolKind.FUNCTION and symbol.size_bytes:
            codes.setdefault(symbol.name, []).append("\n".join(_lines(view, symbol, labels)))
    return {
        name: blake2b("\n\n".join(sorted(code)).encode(), digest_size=8).hexdigest()
        for name, code in sorted(codes.items())
    }


def _lines(view: ProgramView, symbol: Symbol, labels: Container[int]) -> Iterator[str]:
    """Its instructions without addresses; literals behind it are in the instructions that load them.

    What is loaded has a name, unless one of the linker's `labels` is there, too: where a section ends, each
    build has another object.
    """
    address, end = symbol.address, symbol.end
    while address < end and (instruction := view.instruction(address)) is not None:
        text = view.text(instruction).split(None, 1)[1]
        literal = re.search(r"\[0x([0-9a-f]+)\]", text)
        if literal and address < int(literal[1], 16) < end:
            end = int(literal[1], 16)
        assembly = text[text.index("  ") :].strip() if "  " in text else text
        if (load := _LOAD.fullmatch(assembly)) and int(load[2], 16) in labels:
            assembly = f"{load[1]}..."
        yield _ADDRESS.sub("...", assembly)
        address += instruction.size_bytes
