"""The instructions of a firmware as text, each with the AArch64 code that it is translated to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from capstone import CS_ARCH_ARM64, CS_MODE_ARM, Cs

from emu.cli.listing import Listing
from emu.cycles import MEASURED, costs_of
from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.region_parts import parts_of
from emu.dbt.translator import Translator
from emu.engine.contract import MemoryRegion
from emu.memory_map import FLASH_BASE, FLASH_END

_AFTER_RESET: Final = Mode(supervisor=True, check_alignment=False)
_BRANCHES: Final = ("b", "cbz", "cbnz", "tbz", "tbnz")
_INDENT: Final = " " * 12


class HostListing:
    """A listing with host code. What the engine translates depends also on where it comes from."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        costs = costs_of(MEASURED)
        self._translator = Translator(
            tuple(
                MemoryRegion("flash", base, bytearray(data), writable=False, cost=costs.flash)
                if FLASH_BASE <= base < FLASH_END
                else MemoryRegion("RAM", base, bytearray(data), writable=True, cost=costs.ram)
                for base, data in listing.pieces
            )
        )

    def lines(self, start: int, end: int) -> Iterator[str]:
        """Instructions from `start` up to `end` with their host code; last, what is behind the blocks.

        A region is translated where an instruction is met that none of those before holds.
        """
        regions: list[HostCode] = []
        shown: HostCode | None = None
        for pc, lines in self._listing.instructions(start, end):
            yield from lines
            code = next((known for known in regions if pc in known), None)
            if code is None and (fresh := self._translated(pc)).translates(pc):
                code = fresh
                regions.append(code)
            if code is not None:
                if code is not shown:
                    shown = code
                    yield f"{_INDENT}region {code.entry:#010x}"
                yield from code.lines(pc)
            if code is None or not code.translates(pc):
                yield f"{_INDENT}left to the interpreter"
        for code in regions:
            if tail := list(code.tail()):
                yield f"\nbehind the blocks of region {code.entry:#010x}:"
                yield from tail

    def _translated(self, pc: int) -> HostCode:
        region = self._translator.translate(pc, _AFTER_RESET, frozenset())
        assert region is not None  # the listing has read it
        return HostCode(region)


class HostCode:
    """The words of a region as text, after their places: byte offsets, which are those of branches, too."""

    def __init__(self, region: Region) -> None:
        self.entry = region.entry
        self._region = region
        self._parts = parts_of(region)
        self._blocks = {4 * part.start: pc for pc, part in self._parts.heads.items()}
        self._links = dict(region.links)
        self._decoder = Cs(CS_ARCH_ARM64, CS_MODE_ARM)

    def __contains__(self, pc: object) -> bool:
        return pc in self._parts.instructions or pc in self._parts.heads

    def translates(self, pc: int) -> bool:
        """Whether there is code that executes the instruction."""
        return pc in self._parts.instructions

    def lines(self, pc: int) -> Iterator[str]:
        """The words of an instruction, and before them those that begin its block."""
        return self._lines(self._parts.heads.get(pc, ()), self._parts.instructions.get(pc, ()))

    def tail(self) -> Iterator[str]:
        """What is behind the blocks: entries and ways out."""
        return self._lines(self._parts.tail)

    def _lines(self, *parts: Iterable[int]) -> Iterator[str]:
        for place in chain(*parts):
            word = self._region.words[place]
            yield f"{_INDENT}+{4 * place:04x}  {word:08x}  {self._text(place, word)}"

    def _text(self, place: int, word: int) -> str:
        if place in self._region.exits:
            return "b exit"
        mnemonic, operands = self._decoded(place)
        text = f"{mnemonic} {operands}".rstrip()
        if place in self._links:
            return f"{text}  // or {self._links[place]:#010x}, once that is translated"
        block = self._blocks.get(self._target(place)) if mnemonic in _BRANCHES else None
        return text if block is None else f"{text}  // {block:#010x}"

    def _decoded(self, place: int) -> tuple[str, str]:
        word = self._region.words[place].to_bytes(4, "little")
        for _, _, mnemonic, operands in self._decoder.disasm_lite(word, 4 * place):
            return mnemonic, operands
        return ".word", f"{self._region.words[place]:#x}"

    def _target(self, place: int) -> int:
        """Where a branch goes: the last operand."""
        return int(self._decoded(place)[1].rpartition("#")[2], 16)
