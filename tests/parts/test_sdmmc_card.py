"""The card in SD mode alone: chapters 4 and 5 of the simplified specification."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts import PartError, SdmmcCard
from emu.parts.sdmmc_card import ACCEPTED, NOBODY, REFUSED
from peripherals.sd_wires import crc7

HCS, WINDOW = 1 << 30, 0x10_0000
STANDBY, TRANSFER, SENDING, RECEIVING, PROGRAMMING = range(3, 8)
READY = 1 << 8


class Host:
    def __init__(self, *, wires: tuple[str, ...] = (), **settings: int) -> None:
        self.bench = Bench(*wires)
        self.card = self.bench.attach(SdmmcCard(size_mib=4, **settings), "card")
        self.address = 0

    def send(self, index: int, argument: int = 0) -> bytes:
        frame = bytes((0x40 | index,)) + argument.to_bytes(4, "big")
        return self.card.command(frame + bytes((crc7(frame) << 1 | 1,)))

    def ask(self, index: int, argument: int = 0) -> int:
        """The 32 bits of a response, whose number and checksum must be right."""
        response = self.send(index, argument)
        assert (response[0], response[5]) == (index, crc7(response[:5]) << 1 | 1)
        return int.from_bytes(response[1:5], "big")

    def ask_application(self, index: int, argument: int = 0) -> int:
        assert self.ask(55, self.address << 16) & 1 << 5
        return self.ask(index, argument)

    def identify(self) -> None:
        self.send(0)
        assert self.ask(8, 0x1AA) == 0x1AA
        while True:
            self.ask(55)
            response = self.send(41, HCS | WINDOW)
            if response[1] & 0x80:
                break
        assert self.send(2)[0] == 0x3F
        self.address = self.ask(3) >> 16

    def select(self) -> None:
        self.identify()
        self.ask(7, self.address << 16)

    @property
    def state(self) -> int:
        return self.ask(13, self.address << 16) >> 9 & 0xF


@pytest.fixture
def host() -> Host:
    return Host()


def test_the_identification(host: Host) -> None:
    assert host.send(0) == b""
    assert host.send(8, 0x1AA).hex() == "08000001aa13"
    assert host.send(8, 0x2AA) == b""  # no such voltage
    assert host.send(41, HCS) == b""  # not an application command without 55
    answers = []
    for _ in range(3):
        assert host.ask(55) & 1 << 5
        answers.append(host.send(41, HCS | WINDOW).hex())
    assert answers == ["3f00ff8000ff"] * 2 + ["3fc0ff8000ff"]
    cid = host.send(2)
    assert (cid[:1] + cid[1:4], crc7(cid[1:16])) == (b"\x3f\x03SD", cid[16] >> 1)
    assert host.ask(3) == 0x0001_0000 | 2 << 9 | READY
    host.address = 1
    assert host.state == STANDBY


def test_a_host_that_cannot_do_with_high_capacity_waits_for_ever(host: Host) -> None:
    host.send(0)
    for _ in range(10):
        host.ask(55)
        assert host.send(41, WINDOW)[1] & 0x80 == 0


def test_a_damaged_command_gets_no_answer_and_is_told_later(host: Host) -> None:
    host.select()
    assert host.card.command(bytes.fromhex("4d0001000001")) == b""
    assert host.ask(13, 1 << 16) == 1 << 23 | TRANSFER << 9 | READY
    assert host.ask(13, 1 << 16) == TRANSFER << 9 | READY


def test_a_command_of_another_state_gets_no_answer_and_is_told_later(host: Host) -> None:
    host.identify()
    assert host.send(17, 0) == b""
    assert host.ask(13, 1 << 16) == 1 << 22 | STANDBY << 9 | READY
    assert host.send(13, 2 << 16) == b""  # another card


def test_what_a_card_says_is_no_command(host: Host) -> None:
    assert host.card.command(b"\x08" + bytes(5)) == b""
    host.select()
    assert host.ask(13, 1 << 16) >> 22 == 0


@pytest.mark.parametrize("size_mib", [1, 4, 64])
def test_the_csd_tells_the_size(size_mib: int) -> None:
    """5.3: version 2 in units of 512 KiB, version 1 by a multiplier."""
    new = SdmmcCard(size_mib=size_mib).csd
    assert (new[0] >> 6, (int.from_bytes(new[7:10], "big") & 0x3F_FFFF) + 1) == (1, 2 * size_mib)
    old = int.from_bytes(SdmmcCard(size_mib=size_mib, high_capacity=False).csd, "big")
    block_bytes, units, multiplier = 1 << (old >> 80 & 0xF), old >> 62 & 0xFFF, old >> 47 & 7
    assert (old >> 126, old >> 84 & 0xFFF, old >> 96 & 0xFF) == (0, 0x5B5, 0x32)
    assert (units + 1) * 2 ** (multiplier + 2) * block_bytes == size_mib << 20
    assert crc7(new[:15]) == new[15] >> 1


def test_registers_are_sent_as_blocks(host: Host) -> None:
    host.select()
    host.ask_application(51)
    assert host.state == SENDING
    assert host.card.read(8, 1).hex() == "0235800200000000"
    assert host.state == TRANSFER
    host.ask_application(6, 2)
    host.ask_application(13)
    status = host.card.read(64, 4)
    assert (len(status), status[0] >> 6, status[8]) == (64, 2, 4)


def test_high_speed_is_looked_at_and_chosen(host: Host) -> None:
    """4.3.10: mode 0 looks, mode 1 switches; 0xF leaves a group as it is."""
    host.select()
    results = []
    for argument in (0x00FF_FFF1, 0x00FF_FFFF, 0x80FF_FFF1, 0x00FF_FFFF, 0x80FF_FFF5, 0x00FF_FFFF):
        host.ask(6, argument)
        results.append(host.card.read(64, 1)[16] & 0xF)
    assert results == [1, 0, 1, 1, 0xF, 1]


def test_a_block_is_read(host: Host) -> None:
    host.card.load(512, b"A" * 512)
    host.select()
    assert host.ask(17, 1) >> 9 & 0xF == TRANSFER
    assert host.card.read(512, 1) == b"A" * 512
    assert (host.state, host.card.read(512, 1)) == (TRANSFER, b"")


def test_bytes_are_counted_by_cards_of_standard_capacity() -> None:
    host = Host(high_capacity=False)
    host.card.load(512, b"A" * 512)
    host.select()
    host.ask(17, 512)
    assert host.card.read(512, 1) == b"A" * 512
    assert host.ask(16, 1024) >> 29 & 1
    assert host.ask(17, 1) >> 30 & 1  # the number of a block, as cards of high capacity take it


def test_many_blocks_until_they_are_stopped_or_counted(host: Host) -> None:
    for number in range(4):
        host.card.load(512 * number, bytes((number,)) * 512)
    host.select()
    host.ask(18, 0)
    assert [host.card.read(512, 1)[0] for _ in range(3)] == [0, 1, 2]
    assert host.ask(12) >> 9 & 0xF == SENDING
    assert host.state == TRANSFER
    host.ask(23, 2)
    host.ask(18, 2)
    assert [host.card.read(512, 1)[0] for _ in range(2)] == [2, 3]
    assert (host.state, host.send(12)) == (TRANSFER, b"")


def test_a_read_over_the_end_ends_and_is_told(host: Host) -> None:
    host.select()
    host.ask(18, host.card.blocks - 1)
    assert len(host.card.read(512, 1)) == 512
    assert host.card.read(512, 1) == b""
    assert host.ask(12) >> 31 == 1
    assert host.ask(24, host.card.blocks) >> 31 == 1
    assert host.state == TRANSFER


def test_a_write_takes_its_time(host: Host) -> None:
    host.select()
    host.ask(24, 3)
    assert host.state == RECEIVING
    assert host.card.write(b"B" * 512, 1) == ACCEPTED
    assert (host.state, host.card.busy_ns()) == (PROGRAMMING, 250_000)
    host.bench.clock.advance(250_000)
    assert (host.state, host.card.busy_ns()) == (TRANSFER, 0)
    assert bytes(host.card.contents.data[3 * 512 : 4 * 512]) == b"B" * 512
    assert host.card.write(bytes(512), 1) == NOBODY


def test_many_blocks_are_written_and_counted(host: Host) -> None:
    host.select()
    host.ask(25, 1)
    for value in (1, 2, 3):
        assert host.card.write(bytes((value,)) * 512, 1) == ACCEPTED
    host.ask(12)
    assert host.state == PROGRAMMING
    host.bench.clock.advance(250_000)
    host.ask_application(22)
    assert host.card.read(4, 1) == b"\0\0\0\3"
    assert [host.card.contents[512 * number] for number in range(5)] == [0, 1, 2, 3, 0]


def test_blocks_are_erased_to_zeros(host: Host) -> None:
    host.card.load(0, b"x" * 4 * 512)
    host.select()
    host.ask(32, 1)
    host.ask(33, 2)
    host.ask(38)
    host.bench.clock.advance(1_000_000)
    assert [host.card.contents[512 * number] for number in range(4)] == [120, 0, 0, 120]


def test_lines_that_do_not_fit_spoil_blocks_and_are_told(host: Host) -> None:
    host.select()
    host.ask(17, 0)
    assert len(host.card.read(512, 4)) != 512
    host.ask(24, 0)
    assert host.card.write(bytes(512), 4) == REFUSED
    assert host.bench.reports[0] == "card: the host uses 4 data lines, the card 1, and 4 are there"


def test_a_card_with_one_wire_for_data() -> None:
    host = Host(wires=("clk", "cmd", "dat0"))
    host.select()
    host.ask_application(6, 2)
    host.ask(17, 0)
    assert len(host.card.read(512, 4)) != 512
    assert host.bench.reports == ["card: the host uses 4 data lines, the card 4, and 1 are there"]


def test_a_card_that_is_pulled_out_is_silent_and_starts_anew() -> None:
    host = Host(wires=("clk", "cmd", "dat0", "detect"))
    host.card.load(0, b"kept")
    host.select()
    detect = host.bench.pins["detect"]
    assert not detect.level
    host.card.inserted = False
    assert (detect.level, host.send(13, 1 << 16), host.card.read(512, 1)) == (True, b"", b"")
    host.card.inserted = True
    assert host.send(13, 1 << 16) == b""
    host.select()
    host.ask(17, 0)
    assert host.card.read(512, 1)[:4] == b"kept"


def test_deselection_and_selection(host: Host) -> None:
    host.select()
    host.ask(24, 0)
    host.card.write(bytes(512), 1)
    assert host.send(7, 0) == b""
    host.bench.clock.advance(250_000)
    assert host.state == STANDBY
    assert int.from_bytes(host.send(9, 1 << 16)[8:11], "big") & 0x3F_FFFF == 2 * 4 - 1


def test_the_state_is_in_snapshots(host: Host) -> None:
    host.select()
    host.ask(25, 2)
    host.card.write(b"1" * 512, 1)
    snapshot = host.card.save()
    host.card.write(b"2" * 512, 1)
    host.send(0)
    host.card.restore(snapshot)
    assert (host.state, host.card.contents[3 * 512]) == (RECEIVING, 0)
    assert host.card.write(b"3" * 512, 1) == ACCEPTED
    assert host.card.contents[3 * 512] == ord("3")


def test_sizes_are_checked() -> None:
    with pytest.raises(PartError, match="a whole number from 1 to 512 is wanted, not 4096"):
        SdmmcCard(size_mib=4096)


def test_what_is_not_modelled_is_told_by_name() -> None:
    host = Host(wires=("clk", "cmd", "dat0"))
    host.select()
    assert host.send(52, 0) == b""
    clock = host.bench.pins["clk"]
    for _ in range(47):
        clock.write(0)
        clock.write(1)
    assert host.bench.reports == ["card: CMD52 is for an I/O card: this one is a memory"]
    clock.write(0)
    clock.write(1)
    assert host.bench.reports[1].startswith(
        "card: a program makes the clock at pin: SD mode bit by bit is not"
    )
