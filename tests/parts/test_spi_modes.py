"""Clock modes: what a part takes, from a block and from a program at pins."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts import SpiPart
from emu.parts.spi_bus import SpiBus
from emu.parts.spi_wires import SpiWires


class Inverter(SpiPart):
    """Answers each byte with the inverse of the one before."""

    kind = "inverter"
    saved_state = ("before",)

    def _power_on(self) -> None:
        self.before = 0x5A

    def reply(self) -> int:
        return self.before ^ 0xFF

    def take(self, byte: int) -> None:
        self.before = byte


class Late(Inverter):
    kind = "late"
    clock_modes = (1, 2)


class Only0(Inverter):
    kind = "only0"
    clock_modes = (0,)


@pytest.mark.parametrize(("kind", "good"), [(Inverter, {0, 3}), (Late, {1, 2}), (Only0, {0})])
@pytest.mark.parametrize("mode", range(4))
def test_a_block_reaches_a_part_in_its_modes(kind: type[Inverter], good: set[int], mode: int) -> None:
    told: list[str] = []
    part = Bench("sck").attach(kind(), "part")
    bus = SpiBus(lambda: [part], lambda: mode)
    bus.on_conflict = told.append
    answer = bus.exchange(b"\x12\x34")
    if mode in good:
        assert (answer, part.before, told) == (b"\xa5\xed", 0x34, [])
    else:
        assert (part.before, answer != b"\xa5\xed") == (0x1A, True)  # 0x1234 a bit later
        takes = " and ".join(map(str, sorted(good)))
        assert told == [f"part: it takes SPI mode {takes}, and the master is in {mode}: bits come too late"]


def bang(bench: Bench, mode: int, byte: int) -> int:
    """Exchange a byte as a program does in one of the modes."""
    pins, idle = bench.pins, mode >> 1
    answer = 0
    for bit in range(7, -1, -1):
        if not mode & 1:
            pins["mosi"].write(byte >> bit & 1)
            pins["sck"].write(not idle)
            answer = answer << 1 | pins["miso"].level
            pins["sck"].write(idle)
        else:
            pins["sck"].write(not idle)
            pins["mosi"].write(byte >> bit & 1)
            pins["sck"].write(idle)
            answer = answer << 1 | pins["miso"].level
    return answer


@pytest.mark.parametrize(("kind", "mode"), [(Inverter, 0), (Inverter, 3), (Late, 1), (Late, 2), (Only0, 0)])
def test_a_program_reaches_a_part_in_its_modes(kind: type[Inverter], mode: int) -> None:
    bench = Bench("sck", "mosi", "miso", "select")
    bench.pins["sck"].write(mode >> 1)
    bench.pins["select"].write(1)
    part = bench.attach(kind())
    SpiWires(part)
    bench.pins["select"].write(0)
    assert [bang(bench, mode, byte) for byte in (0x12, 0x34)] == [0xA5, 0xED]
    assert part.before == 0x34
