"""SAE against the example of the standard, and both sides against each other."""

from __future__ import annotations

import pytest

from emu.network.formats.errors import FormatError
from emu.network.wireless.sae import GROUP, Commit, Exchange, Side

ADDRESSES = bytes.fromhex("4d3f2fffe387"), bytes.fromhex("a5d8aa958e3c")
PRIVATE = "992465fd3daa3c60aa6565b7f62a2a7f2e12dd12f198faf4fbed89d7ff1ace94"
MASK = "9507a90f777a044d6a0830b91ea3d5dd70bece44e1acffb86983b5e1bf9fb322"
OURS = (
    "13002e2c0f0db52440ad146d967114ce005ce1eab0aa2c2e5c2871b774f6c2575c65"
    "d5ad9e00829707aa36ba8b859738fc961d08243505f47c035376d7ac4bc8d7b9"
    "5083bf43827d0fc31ed778dd3671fd21a46d1091d64b6f9a1e1272621325dbe1"
)
THEIRS = (
    "1300591b96f3397fb945100848e7b550543b6720d88337ee93fc49fd6df7e08b5223"
    "e71b9bb048d3873f20556953a96c91536fd8ee6ca9b4a68a148b056a909be03e"
    "83ae208f60f8ef5537858074db06687032399862999b511e0a1552a5fea317c2"
)


def test_the_example_of_the_standard() -> None:
    """IEEE 802.11-2020, annex J.10."""
    side = Side("mekmitasdigoat", ADDRESSES, bytes.fromhex(PRIVATE + MASK))
    assert side.commit.build().hex() == OURS
    exchange = side.exchange(Commit.parse(bytes.fromhex(THEIRS)))
    assert exchange is not None
    assert (
        exchange.confirmation_key.hex() == "1e733f6d9bd53256287304338831b09a39406d121017073a5c30db36f36cb81a"
    )
    assert exchange.master_key.hex() == "4e4dfab1a2dd8ac1a91790f953faaa452ae5c6873ab75b63605ba663f8a7fe59"
    assert exchange.master_key_id.hex() == "8747a600eea3f9f22475df58ca1e5498"


def exchanged(*passwords: str) -> tuple[Exchange, Exchange]:
    ours = Side(passwords[0], ADDRESSES, bytes(range(64)))
    theirs = Side(passwords[1], ADDRESSES[::-1], bytes(range(64, 128)))
    a, b = ours.exchange(theirs.commit), theirs.exchange(ours.commit)
    assert a is not None
    assert b is not None
    return a, b


def test_both_sides_come_to_the_same_keys() -> None:
    a, b = exchanged("correct horse", "correct horse")
    assert (a.master_key, a.master_key_id) == (b.master_key, b.master_key_id)
    assert a.is_confirmed_by(b.confirm())
    assert b.is_confirmed_by(a.confirm())


def test_another_password_is_noticed() -> None:
    a, b = exchanged("correct horse", "wrong horse")
    assert a.master_key != b.master_key
    assert not a.is_confirmed_by(b.confirm())
    assert not a.is_confirmed_by(b"")


def test_commits_that_are_not_acceptable() -> None:
    side = Side("correct horse", ADDRESSES, bytes(range(64)))
    good = side.commit
    assert side.exchange(good) is None  # sent back
    for scalar in (bytes(32), b"\xff" * 32):
        assert side.exchange(Commit(scalar, good.element)) is None
    for element in (bytes(64), b"\xff" * 64, good.element[:63] + bytes((good.element[63] ^ 1,))):
        assert side.exchange(Commit(bytes(31) + b"\5", element)) is None


@pytest.mark.parametrize("data", [b"", b"\x13", bytes.fromhex(THEIRS)[:-1]])
def test_commits_that_are_too_short(data: bytes) -> None:
    with pytest.raises(FormatError):
        Commit.parse(data)


def test_of_another_group_only_the_number_is_read() -> None:
    assert Commit.parse(b"\x14\0").group == GROUP + 1
