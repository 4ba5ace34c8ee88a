"""Random loops that poll a device: with counters, memory, functions, and registers that follow the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from support.guest import DEVICE, FLASH, SRAM

from emu.engine.contract import ElapsedCount, ReadOutlook
from emu.isa.assembler import assemble

BASES = (FLASH, SRAM)
STACK = SRAM + 0x1000
TEMPORARIES, COUNTERS, LIMITS = range(4), range(4, 8), range(8, 12)
BASE = 13
STEADY, STAIRS, RISING, FALLING, UNKNOWN = range(0, 0x50, 0x10)
"""Where the registers of a kind begin."""


class PolledDevice:
    """What its registers hold is a function of their offset and of what has elapsed."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        self.steady = {
            offset: rng.choice((0, 0, 0, 1, rng.getrandbits(32)))
            for offset in range(STEADY, UNKNOWN + 0x10, 4)
        }
        self._span = rng.choice((500, 5_000, 50_000))
        self._ticks, self._costs = rng.choice(((1, 1), (3, 4), (1, 3), (5, 2), (1, 1000)))
        self._period = rng.choice((100, 5_000, 100_000, 1 << 24))
        self._ahead = 0

    def write(self, offset: int, value: int) -> None:
        """Set the counts forward, and keep what is written to a register that stays as it is."""
        self._ahead += value & 0xFF
        if offset < RISING:
            self.steady[offset & ~3] = value

    def change(self, rng: Random) -> None:
        """Something happens to it, between runs."""
        self.steady[rng.choice(sorted(self.steady))] = rng.choice((0, 1, rng.getrandbits(32)))

    def read(self, offset: int, elapsed: int) -> int:
        """What a read gives; what is unknown changes others by it."""
        if offset >= UNKNOWN:
            self.steady[(offset & ~3) - UNKNOWN] ^= 1
        return self.value(offset, elapsed)

    def value(self, offset: int, elapsed: int) -> int:
        """What a register reads as."""
        offset &= ~3
        if offset < STAIRS or offset >= UNKNOWN:
            return self.steady.get(offset, 0)
        if offset < RISING:
            return self.steady[offset] ^ elapsed // self._span
        count = (elapsed * self._ticks // self._costs + self._ahead) % self._period
        return count if offset < FALLING else self._period - 1 - count

    def outlook(self, offset: int, elapsed: int) -> ReadOutlook | None:
        """What further reads give."""
        if offset >= UNKNOWN:
            return None
        if offset < STAIRS:
            return ReadOutlook()
        if offset < RISING:
            return ReadOutlook((elapsed // self._span + 1) * self._span)
        if offset & 3:
            return None
        turns = (elapsed * self._ticks // self._costs + self._ahead) // self._period
        until = -(((turns + 1) * self._period - self._ahead) * -self._costs // self._ticks)
        start, rate = self._ahead - turns * self._period, 1
        if offset >= FALLING:
            start, rate = self._period - 1 - start, -1
        return ReadOutlook(until, ElapsedCount(0, self._ticks, self._costs, start, rate, 1))


@dataclass
class PollingProgram:
    """Instructions by address: a function, then the loop, which goes round for ever or ends in another one."""

    rng: Random
    base: int
    code: dict[int, bytes] = field(default_factory=dict)
    entry: int = 0

    def __post_init__(self) -> None:
        self._at = self.base
        self._function = self._at
        self._put("push16", registers=0x10)
        self._put("ld.w", rz=0, rx=0, offset=0)
        self._put("pop16", registers=0x10)
        self.entry = self._at
        for _ in range(2):
            self._loop()
        self._put("br32", offset=self.entry - self._at)

    def _loop(self) -> None:
        """Some pieces, and back; exits among them lead behind it, where r7 and others have been put back."""
        start, exits = self._at, []
        pieces = (self._read, self._read, self._count, self._compute, self._access, self._skip)
        for _ in range(self.rng.randrange(1, 7)):
            self.rng.choice(pieces)()
            if self.rng.random() < 0.3:
                exits.append(self._compare_to_leave())
        self._read()
        self._put("br32", offset=start - self._at)
        for at in exits:
            self.code[at] = assemble(self.rng.choice(("bt32", "bf32", "bf32")), offset=self._at - at)
        for register in self.rng.sample(COUNTERS, 2):
            self._put("movi", rz=register, imm=self.rng.choice((0, 1, 0x7F, 0xFFFF)))

    # ---- pieces ----------------------------------------------------------------------------------

    def _read(self) -> None:
        offset = self.rng.choice((STEADY, STEADY, STAIRS, RISING, FALLING)) + 4 * self.rng.randrange(4)
        if self.rng.random() < 0.02:
            self._put("st.w", rz=self._any(), rx=BASE, offset=offset)
        if self.rng.random() < 0.04:
            offset = UNKNOWN + 4 * self.rng.randrange(4)
        if self.rng.random() < 0.25:
            self._put("addi", rz=0, rx=BASE, oimm=offset + 1)
            self._put("subi", rz=0, rx=0, oimm=1)
            self._put("bsr", offset=self._function - self._at)
            return
        name, size_bytes = self.rng.choice((("ld.w", 4), ("ld.w", 4), ("ld.w", 4), ("ld.h", 2), ("ld.bs", 1)))
        offset += self.rng.randrange(4 // size_bytes) * size_bytes
        self._put(name, rz=self._temporary(), rx=BASE, offset=offset)

    def _count(self) -> None:
        register = self.rng.choice(COUNTERS)
        name = self.rng.choice(("addi", "addi", "subi"))
        self._put(name, rz=register, rx=register, oimm=self.rng.choice((1, 1, 1, 2, 3, 4, 100)))

    def _compute(self) -> None:
        rng, z, x, y = self.rng, self._temporary(), self._any(), self._any()
        match rng.randrange(9):
            case 0:
                self._put("addu32", rz=z, rx=x, ry=y)
            case 1:
                self._put("subu32", rz=z, rx=x, ry=y)
            case 2:
                self._put("mov", rz=self._any(), rx=x)
            case 3:
                self._put(rng.choice(("lsli32", "lsri32", "asri32")), rz=z, rx=x, imm=rng.choice((1, 8, 24)))
            case 4:
                self._put("andi", rz=z, rx=x, imm=rng.choice((1, 0xFF, 0xF0, 0xFFF)))
            case 5:
                self._put(rng.choice(("zextb32", "zexth32", "sextb32", "sexth32")), rz=z, rx=x)
            case 6:
                self._put(rng.choice(("or32", "xor32", "mult32", "and32")), rz=z, rx=x, ry=y)
            case 7:
                counter = rng.choice(COUNTERS)
                self._put(rng.choice(("addu32", "subu32")), rz=counter, rx=counter, ry=x)
            case _:
                self._put(rng.choice(("max.u32", "min.s32")), rz=z, rx=x, ry=y)

    def _access(self) -> None:
        """Count in memory, or keep something there."""
        size = self.rng.choice(("w", "w", "w", "h", "b"))
        offset = 4 * self.rng.randrange(4) + (self.rng.randrange(2) * 2 if size != "w" else 0)
        register = self._temporary()
        if self.rng.random() < 0.6:
            self._put(f"ld.{size}", rz=register, rx=14, offset=offset)
            self._put("addi", rz=register, rx=register, oimm=self.rng.choice((1, 1, 2)))
        self._put(f"st.{size}", rz=register, rx=14, offset=offset)
        if self.rng.random() < 0.3:
            self._put(f"ld.{size}", rz=self._temporary(), rx=14, offset=offset)

    def _skip(self) -> None:
        """Over one instruction, as a comparison comes out."""
        self._compare()
        self._put(self.rng.choice(("bt32", "bf32")), offset=8)
        self._put("addi", rz=(register := self._any()), rx=register, oimm=1)

    def _compare_to_leave(self) -> int:
        self._compare()
        return self._put("bf32", offset=4)

    def _compare(self) -> None:
        name = self.rng.choice(("cmphs32", "cmplt32", "cmpne32", "tst32"))
        one, other = self._any(), self.rng.choice((self._any(), self.rng.choice(LIMITS)))
        if self.rng.random() < 0.3:
            self._put("btsti32", rx=one, imm=self.rng.choice((0, 4, 12, 31)))
        elif self.rng.random() < 0.5:
            self._put(name, rx=one, ry=other)
        else:
            self._put(name, rx=other, ry=one)

    def _temporary(self) -> int:
        return self.rng.choice(TEMPORARIES)

    def _any(self) -> int:
        choice: int = self.rng.choice((*TEMPORARIES, *COUNTERS))
        return choice

    def _put(self, name: str, **operands: int) -> int:
        at = self._at
        self.code[at] = assemble(name, **operands)
        self._at += len(self.code[at])
        return at


def registers(rng: Random) -> list[int]:
    """At the beginning: small counters, and limits that they reach soon, late or never."""
    values = [rng.getrandbits(32) for _ in range(32)]
    for counter in COUNTERS:
        values[counter] = rng.choice((0, 0, 1, 1000, 0xFFFF_FFF0, 0x7FFF_FF00, rng.getrandbits(32)))
    for limit in LIMITS:
        values[limit] = rng.choice((0, 100, 1000, 5000, 30_000, 0x7FFF_FFFF, 0xFFFF_FFFF))
    values[BASE], values[14] = DEVICE, STACK
    return values
