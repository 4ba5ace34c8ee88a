from __future__ import annotations

import pytest

from emu.loader.errors import LoadError
from emu.loader.symbols import Symbol, SymbolKind, Symbols, with_sizes

SYMBOLS = Symbols(
    [
        Symbol("main", 0x1000, 0x20, SymbolKind.FUNCTION),
        Symbol("main_label", 0x1000, 0x20),
        Symbol("idle", 0x1040, 0x10, SymbolKind.FUNCTION, is_global=False),
        Symbol("empty", 0x1060, 0),
    ]
)


@pytest.mark.parametrize(
    ("address", "text"),
    [(0x1000, "main"), (0x101E, "main+0x1e"), (0x1040, "idle"), (0x1048, "idle+0x8")],
)
def test_an_address_inside_a_symbol_has_its_name(address: int, text: str) -> None:
    assert SYMBOLS.describe(address) == text


@pytest.mark.parametrize("address", [0, 0xFFF, 0x1020, 0x103F, 0x1050, 0x1060, 0xFFFF_FFFF])
def test_an_address_outside_every_symbol_has_none(address: int) -> None:
    assert SYMBOLS.at(address) is None
    assert SYMBOLS.describe(address) == ""


def test_a_function_is_preferred_to_a_label_at_the_same_address() -> None:
    found = SYMBOLS.at(0x1004)
    assert found is not None
    assert (found[0].name, found[1]) == ("main", 4)


def test_names_lead_to_addresses() -> None:
    assert SYMBOLS["idle"].address == 0x1040
    assert "idle" in SYMBOLS
    assert len(SYMBOLS) == 4


def test_a_global_symbol_is_preferred_to_a_static_one_of_the_same_name() -> None:
    twice = Symbols([Symbol("init", 0x10, 4, is_global=False), Symbol("init", 0x20, 4)])
    assert twice["init"].address == 0x20


def test_a_wrong_name_gets_a_hint() -> None:
    with pytest.raises(LoadError, match=r"no symbol is called mian: did you mean main"):
        SYMBOLS["mian"]


def test_no_symbols_are_fine_too() -> None:
    assert Symbols().describe(0x1000) == ""
    with pytest.raises(LoadError, match="no symbol is called main"):
        Symbols()["main"]


def test_data_is_preferred_to_the_label_before_it() -> None:
    both = Symbols([Symbol("__data_start", 0x10, 4), Symbol("counter", 0x10, 4, SymbolKind.OBJECT)])
    assert both.describe(0x12) == "counter+0x2"


def test_labels_get_the_room_up_to_the_next_symbol_or_the_end_of_their_section() -> None:
    sized = with_sizes(
        {Symbol("first", 0x10, 0): 0x40, Symbol("last", 0x30, 0): 0x40, Symbol("end", 0x40, 0): 0x40}
    )
    assert {symbol.name: symbol.size_bytes for symbol in sized} == {"first": 0x20, "last": 0x10, "end": 0}
