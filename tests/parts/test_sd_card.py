"""The card alone: chapter 7 of the simplified specification."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts.sd_card import SdCard
from emu.parts.sd_storage import BLOCK


class Card:
    def __init__(self, *, high_capacity: bool = True) -> None:
        self.bench = Bench("select", "sck")
        self.part = self.bench.attach(SdCard(size_mib=4, high_capacity=high_capacity))
        self.bench.pins["select"].write(0)

    def command(self, number: int, argument: int = 0, checksum: int = 1, count: int = 1) -> bytes:
        """The answer, from the byte that is not 0xFF on."""
        self.part.exchange(bytes((0x40 | number,)) + argument.to_bytes(4, "big") + bytes((checksum,)))
        answer = self.part.exchange(b"\xff" * (count + 1))
        assert answer[0] == 0xFF
        return answer[1:]

    def start(self) -> None:
        self.command(0, 0, 0x95)
        for _ in range(3):
            self.command(55)
            self.command(41, 1 << 30)


@pytest.fixture
def card() -> Card:
    return Card()


def test_the_start_sequence(card: Card) -> None:
    assert card.command(0, 0, 0x95) == b"\x01"
    assert card.command(8, 0x1AA, 0x87, count=5).hex() == "01000001aa"
    assert card.command(41) == b"\x05"  # not an application command without 55
    polls: list[int] = []
    for _ in range(3):
        assert card.command(55)[0] & 4 == 0
        polls += card.command(41, 1 << 30)
    assert polls == [1, 1, 0]
    assert card.command(58, count=5).hex() == "00c0ff8000"


def test_no_block_is_read_before_the_card_has_started(card: Card) -> None:
    card.command(0, 0, 0x95)
    assert card.command(17, 0, count=20) == b"\x05" + b"\xff" * 19


def test_a_card_of_standard_capacity_takes_addresses_of_blocks_in_bytes() -> None:
    card = Card(high_capacity=False)
    card.start()
    card.part.load(512, b"B" * 512)
    assert card.command(17, 512, count=6)[2:] == b"\xfeBBB"
    card.part.deselect()
    card.part.exchange(b"\xff" * 600)
    assert card.command(17, 1) == b"\x20"
    assert card.command(16, 64) == b"\x40"


def test_a_wrong_checksum_of_the_first_command_is_told(card: Card) -> None:
    assert card.command(0, 0, 0) == b"\x09"


def test_a_block_is_read_with_token_and_checksum(card: Card) -> None:
    card.start()
    card.part.load(5 * BLOCK, b"\xff" * BLOCK)
    answer = card.command(17, 5, count=2 + 1 + BLOCK + 2)
    assert answer[:3] == b"\x00\xff\xfe"
    assert answer[3:] == b"\xff" * BLOCK + bytes.fromhex("7fa1")


def test_a_block_is_written(card: Card) -> None:
    card.start()
    card.command(24, 7, count=2)
    card.part.exchange(b"\xff\xfe" + bytes(range(256)) * 2 + b"\0\0")
    assert card.part.exchange(b"\xff" * 3).hex() == "0500ff"
    assert card.part.contents.data[7 * BLOCK : 8 * BLOCK] == bytes(range(256)) * 2


def test_many_blocks_are_written_and_read(card: Card) -> None:
    card.start()
    card.command(25, 1, count=2)
    for value in (1, 2):
        card.part.exchange(b"\xfc" + bytes((value,)) * BLOCK + b"\0\0")
        assert card.part.exchange(b"\xff\xff").hex() == "0500"
    card.part.exchange(b"\xfd")
    card.part.exchange(b"\xff" * 3)
    answer = card.command(18, 1, count=2 + 2 * (1 + BLOCK + 2))
    assert (answer[3], answer[3 + BLOCK + 3]) == (1, 2)
    assert card.command(12) == b"\x00"
    assert card.part.exchange(b"\xff") == b"\xff"


def test_a_block_behind_the_end_is_refused(card: Card) -> None:
    card.start()
    assert card.command(17, 4 * 2048) == b"\x40"
    assert card.command(17, 4 * 2048 - 1) == b"\x00"


def test_the_register_tells_the_size(card: Card) -> None:
    card.start()
    register = card.command(9, count=2 + 1 + 16 + 2)[3:19]
    units = int.from_bytes(register[7:10], "big") & 0x3F_FFFF
    assert (units + 1) * 512 * 1024 == 4 << 20
    assert register[0] >> 6 == 1


def test_power_starts_it_anew_and_keeps_the_blocks(card: Card) -> None:
    card.start()
    card.part.load(0, b"kept")
    card.part.power_on()
    assert card.command(58)[0] == 1
    assert card.part.contents.data[:4] == b"kept"
