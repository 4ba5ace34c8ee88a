"""Names for addresses and addresses for names."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import groupby

from emu.loader.errors import LoadError


class SymbolKind(IntEnum):
    """What a symbol names; where several share an address the first kind is shown."""

    FUNCTION = 0
    OBJECT = 1
    LABEL = 2


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named range of addresses."""

    name: str
    address: int
    size_bytes: int
    kind: SymbolKind = SymbolKind.LABEL
    is_global: bool = True

    @property
    def end(self) -> int:
        """The address behind the last byte."""
        return self.address + self.size_bytes


class Symbols:
    """All symbols of a firmware, sorted by address; empty for files that have none.

    Where several name one address, a function is preferred to an object, that to a label, global to local.
    """

    def __init__(self, symbols: Iterable[Symbol] = ()) -> None:
        self._symbols = sorted(symbols, key=lambda symbol: (symbol.address, _rank(symbol)))
        nearest = [next(group) for _, group in groupby(self._symbols, key=lambda symbol: symbol.address)]
        self._nearest = nearest
        self._addresses = [symbol.address for symbol in nearest]
        self._by_name: dict[str, Symbol] = {}
        for symbol in sorted(self._symbols, key=_rank):
            self._by_name.setdefault(symbol.name, symbol)

    def __len__(self) -> int:
        return len(self._symbols)

    def __iter__(self) -> Iterator[Symbol]:
        return iter(self._symbols)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Symbol:
        try:
            return self._by_name[name]
        except KeyError:
            from difflib import get_close_matches  # for mistakes only

            close = get_close_matches(name, self._by_name, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else "is it static and optimised away?"
            raise LoadError(f"no symbol is called {name}: {hint}") from None

    def at(self, address: int) -> tuple[Symbol, int] | None:
        """The symbol an address lies in and the offset from its start."""
        index = bisect_right(self._addresses, address) - 1
        if index < 0:
            return None
        symbol = self._nearest[index]
        return (symbol, address - symbol.address) if address < symbol.end else None

    def describe(self, address: int) -> str:
        """`name+0x12`, or an empty string where no symbol is."""
        found = self.at(address)
        if found is None:
            return ""
        symbol, offset = found
        return f"{symbol.name}+{offset:#x}" if offset else symbol.name


def with_sizes(section_end: dict[Symbol, int]) -> list[Symbol]:
    """Give labels without a size the room up to the next symbol, or to the end of their section."""
    starts = sorted({symbol.address for symbol in section_end})
    starts.append(max(section_end.values(), default=0))
    sized = []
    for symbol, end in section_end.items():
        if not symbol.size_bytes and symbol.address < end:
            size_bytes = min(starts[bisect_right(starts, symbol.address)], end) - symbol.address
            symbol = replace(symbol, size_bytes=size_bytes)
        sized.append(symbol)
    return sized


def _rank(symbol: Symbol) -> tuple[int, bool, str]:
    return (symbol.kind, not symbol.is_global, symbol.name)
