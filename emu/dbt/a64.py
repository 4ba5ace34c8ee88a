"""AArch64 instruction words: one function an encoding, named as the Arm manual does. Knows nothing of C-SKY.

Register arguments are numbers 0..31 (31 = zero register, or SP where the manual says so). `x=True`
selects the 64-bit form. Branch functions take the distance in words from the branch itself.
"""

from __future__ import annotations

from functools import lru_cache

ZR = 31
NOP = 0xD503_201F
REMEMBERED = 1 << 14
"""Constants whose encodings are kept."""

# Opcodes of the register forms; `rrr` joins them with their operands.
AND, BIC, ORR, ORN, EOR, EON = 0x0A00_0000, 0x0A20_0000, 0x2A00_0000, 0x2A20_0000, 0x4A00_0000, 0x4A20_0000
ADD, SUB = 0x0B00_0000, 0x4B00_0000
LSLV, LSRV, ASRV, RORV = 0x1AC0_2000, 0x1AC0_2400, 0x1AC0_2800, 0x1AC0_2C00
UDIV, SDIV = 0x1AC0_0800, 0x1AC0_0C00

LSL, LSR, ASR = 0, 1, 2
"""Shift kinds of the second operand of `rrr`."""


class EncodingError(ValueError):
    """The operands do not fit the instruction."""


def _sf(x: bool) -> int:
    return 0x8000_0000 if x else 0


def shifted(shift: int, amount: int) -> int:
    """The bits that shift the second operand of `rrr` by a constant."""
    return shift << 22 | amount << 10


def rrr(op: int, rd: int, rn: int, rm: int, x: bool = False, shift: int = 0) -> int:
    """Give op rd, rn, rm{, shift}; `shift` is from `shifted` and only for logic, ADD and SUB."""
    return op | _sf(x) | shift | rm << 16 | rn << 5 | rd


def sub_sxtw(rd: int, rn: int, rm: int) -> int:
    """SUB Xd, Xn, Wm, SXTW."""
    return 0xCB20_C000 | rm << 16 | rn << 5 | rd


def fits_add(value: int) -> bool:
    """Whether `add_imm` takes `value` (of either sign)."""
    value = abs(value)
    return value < 0x1000 or (value < 0x100_0000 and not value & 0xFFF)


def add_imm(rd: int, rn: int, value: int, x: bool = False) -> int:
    """ADD or, for a negative value, SUB with an immediate; register 31 is SP."""
    op = 0x1100_0000 if value >= 0 else 0x5100_0000
    value = abs(value)
    if value >= 0x1000:
        if value & 0xFFF or value >= 0x100_0000:
            raise EncodingError(f"{value:#x} is no add immediate")
        value = value >> 12 | 1 << 12
    return op | _sf(x) | value << 10 | rn << 5 | rd


def add_number(rd: int, rn: int, value: int, furthest: int) -> list[int]:
    """ADD or SUB of a 64-bit register with a number below 2**24: in as many words as `furthest` takes."""
    if abs(furthest) < 0x1000:
        return [add_imm(rd, rn, value, True)]
    low = abs(value) & 0xFFF
    high = abs(value) - low
    sign = 1 if value >= 0 else -1
    return [add_imm(rd, rn, sign * low, True), add_imm(rd, rd, sign * high, True)]


def mov(rd: int, rm: int, x: bool = False) -> int:
    """ORR rd, zr, rm."""
    return 0x2A00_03E0 | _sf(x) | rm << 16 | rd


def mvn(rd: int, rm: int, x: bool = False) -> int:
    """ORN rd, zr, rm."""
    return 0x2A20_03E0 | _sf(x) | rm << 16 | rd


def neg(rd: int, rm: int, x: bool = False) -> int:
    """SUB rd, zr, rm."""
    return 0x4B00_03E0 | _sf(x) | rm << 16 | rd


def movz(rd: int, value: int, lsl: int = 0, x: bool = False) -> int:
    """MOVZ rd, #value, LSL #lsl."""
    return 0x5280_0000 | _sf(x) | lsl // 16 << 21 | value << 5 | rd


def movk(rd: int, value: int, lsl: int = 0, x: bool = False) -> int:
    """MOVK rd, #value, LSL #lsl."""
    return 0x7280_0000 | _sf(x) | lsl // 16 << 21 | value << 5 | rd


def movn(rd: int, value: int, lsl: int = 0, x: bool = False) -> int:
    """MOVN rd, #value, LSL #lsl."""
    return 0x1280_0000 | _sf(x) | lsl // 16 << 21 | value << 5 | rd


@lru_cache(REMEMBERED)
def constant(rd: int, value: int) -> tuple[int, ...]:
    """Shortest sequence that puts the 32-bit `value` into Wd."""
    low, high = value & 0xFFFF, value >> 16
    if not high:
        return (movz(rd, low),)
    if not low:
        return (movz(rd, high, 16),)
    if high == 0xFFFF:
        return (movn(rd, low ^ 0xFFFF),)
    if low == 0xFFFF:
        return (movn(rd, high ^ 0xFFFF, 16),)
    encoded = bitmask(value, False)
    if encoded is not None:
        return (0x3200_03E0 | encoded << 10 | rd,)
    return (movz(rd, low), movk(rd, high, 16))


@lru_cache(REMEMBERED)
def bitmask(value: int, x: bool) -> int | None:
    """N:immr:imms of a logical immediate (Arm ARM, DecodeBitMasks), or None if there is none."""
    width = 64 if x else 32
    if value in (0, (1 << width) - 1):
        return None
    size = width
    while size > 2 and value >> size // 2 & (1 << size // 2) - 1 == value & (1 << size // 2) - 1:
        if value != _replicate(value & (1 << size // 2) - 1, size // 2, width):
            break
        size //= 2
    element = value & (1 << size) - 1
    ones = element.bit_count()
    run = (1 << ones) - 1
    for rotation in range(size):
        if (run >> rotation | run << (size - rotation)) & (1 << size) - 1 == element:
            n = 1 if size == 64 else 0
            imms = (~(size * 2 - 1) & 0x3F) | (ones - 1)
            return n << 12 | rotation << 6 | imms
    return None


def _replicate(element: int, size: int, width: int) -> int:
    value = 0
    for position in range(0, width, size):
        value |= element << position
    return value


AND_IMM, ORR_IMM, EOR_IMM = 0x1200_0000, 0x3200_0000, 0x5200_0000


def logic_imm(op: int, rd: int, rn: int, value: int, x: bool = False) -> int | None:
    """AND/ORR/EOR with a bitmask immediate, or None if `value` is none."""
    encoded = bitmask(value, x)
    return None if encoded is None else op | _sf(x) | encoded << 10 | rn << 5 | rd


def _bitfield(op: int, operands: tuple[int, int], immr: int, imms: int, x: bool) -> int:
    rd, rn = operands
    return op | (0x8040_0000 if x else 0) | immr << 16 | imms << 10 | rn << 5 | rd


def ubfm(rd: int, rn: int, immr: int, imms: int, x: bool = False) -> int:
    """UBFM: unsigned bit-field move."""
    return _bitfield(0x5300_0000, (rd, rn), immr, imms, x)


def sbfm(rd: int, rn: int, immr: int, imms: int, x: bool = False) -> int:
    """SBFM: signed bit-field move."""
    return _bitfield(0x1300_0000, (rd, rn), immr, imms, x)


def bfi(rd: int, rn: int, lsb: int, width: int) -> int:
    """BFI Wd, Wn, #lsb, #width."""
    return _bitfield(0x3300_0000, (rd, rn), -lsb & 31, width - 1, False)


def lsl_imm(rd: int, rn: int, amount: int, x: bool = False) -> int:
    """LSL by a constant below the width."""
    top = 63 if x else 31
    return ubfm(rd, rn, -amount & top, top - amount, x)


def lsr_imm(rd: int, rn: int, amount: int, x: bool = False) -> int:
    """LSR by a constant below the width."""
    return ubfm(rd, rn, amount, 63 if x else 31, x)


def asr_imm(rd: int, rn: int, amount: int, x: bool = False) -> int:
    """ASR by a constant below the width."""
    return sbfm(rd, rn, amount, 63 if x else 31, x)


def sxtw(rd: int, rn: int) -> int:
    """SXTW Xd, Wn."""
    return sbfm(rd, rn, 0, 31, True)


def ror_imm(rd: int, rn: int, amount: int) -> int:
    """EXTR Wd, Wn, Wn, #amount."""
    return 0x1380_0000 | rn << 16 | amount << 10 | rn << 5 | rd


def mul(rd: int, rn: int, rm: int, x: bool = False) -> int:
    """MADD rd, rn, rm, zr."""
    return 0x1B00_7C00 | _sf(x) | rm << 16 | rn << 5 | rd


def clz(rd: int, rn: int, x: bool = False) -> int:
    """CLZ."""
    return 0x5AC0_1000 | _sf(x) | rn << 5 | rd


def rbit(rd: int, rn: int) -> int:
    """RBIT Wd, Wn."""
    return 0x5AC0_0000 | rn << 5 | rd


def rev(rd: int, rn: int) -> int:
    """REV Wd, Wn."""
    return 0x5AC0_0800 | rn << 5 | rd


def rev16(rd: int, rn: int) -> int:
    """REV16 Wd, Wn."""
    return 0x5AC0_0400 | rn << 5 | rd


def fmov_to_general(wd: int, sn: int) -> int:
    """FMOV Wd, Sn."""
    return 0x1E26_0000 | sn << 5 | wd


def fmov_from_general(sd: int, wn: int, x: bool = False) -> int:
    """FMOV Sd, Wn; with `x` FMOV Dd, Xn."""
    return (0x9E67_0000 if x else 0x1E27_0000) | wn << 5 | sd


def from_lane(wd: int, vn: int) -> int:
    """UMOV Wd, Vn.S[1]."""
    return 0x0E0C_3C00 | vn << 5 | wd


def to_lane(vd: int, wn: int) -> int:
    """INS Vd.S[1], Wn."""
    return 0x4E0C_1C00 | wn << 5 | vd


def from_upper(xd: int, vn: int) -> int:
    """UMOV Xd, Vn.D[1]."""
    return 0x4E18_3C00 | vn << 5 | xd


def to_upper(vd: int, xn: int) -> int:
    """INS Vd.D[1], Xn."""
    return 0x4E18_1C00 | xn << 5 | vd


def compare_set(rd: int, rn: int, rm: int, *, signed: bool) -> tuple[int, int]:
    """SUBS XZR, Xn, Xm; CSET Wd, LT or LO: the one use of NZCV."""
    condition = 0xB if signed else 0x3
    return 0xEB00_001F | rm << 16 | rn << 5, 0x1A9F_07E0 | (condition ^ 1) << 12 | rd


_LOADS = {1: 0x3940_0000, 2: 0x7940_0000, 4: 0xB940_0000, 8: 0xF940_0000}
_STORES = {1: 0x3900_0000, 2: 0x7900_0000, 4: 0xB900_0000, 8: 0xF900_0000}


def ldr(rt: int, rn: int, offset: int, size_bytes: int) -> int:
    """LDR{B,H} of 1, 2, 4 or 8 bytes, [Xn, #offset], or LDUR where the offset is not scaled."""
    return _offset(_LOADS[size_bytes], offset, size_bytes) | rn << 5 | rt


def str_(rt: int, rn: int, offset: int, size_bytes: int) -> int:
    """STR{B,H} of 1, 2, 4 or 8 bytes, [Xn, #offset], or STUR where the offset is not scaled."""
    return _offset(_STORES[size_bytes], offset, size_bytes) | rn << 5 | rt


def str_post(rt: int, rn: int, step: int, size_bytes: int) -> int:
    """STR{B,H} [Xn], #step: Xn changes by `step` (-256 to 255) behind it."""
    return (_STORES[size_bytes] ^ _UNSCALED) | (step & 0x1FF) << 12 | 1 << 10 | rn << 5 | rt


_LDRSB = 0x3980_0000
_UNSCALED = 0x0100_0000  # the bit that tells LDR from LDUR


def _offset(op: int, offset: int, size_bytes: int) -> int:
    if offset < 0 or offset % size_bytes:
        return op ^ _UNSCALED | (offset & 0x1FF) << 12
    return op | offset // size_bytes << 10


def fits_offset(offset: int, size_bytes: int) -> bool:
    """Whether `ldr` and `str_` take `offset`."""
    return -256 <= offset < 256 or (0 <= offset < 4096 * size_bytes and not offset % size_bytes)


def accesses_memory(word: int) -> bool:
    """Whether an instruction is a load or a store."""
    return word & 0x0A00_0000 == 0x0800_0000


def accessed(word: int) -> tuple[int, int]:
    """The base register and the offset of LDR, LDUR, STR or STUR."""
    if word & _UNSCALED:
        return word >> 5 & 31, (word >> 10 & 0xFFF) << (word >> 30)
    offset = word >> 12 & 0x1FF
    return word >> 5 & 31, offset - (offset >> 8 << 9)


def size_of_access(word: int) -> int:
    """The bytes that LDR, LDUR, STR or STUR moves."""
    return 1 << (word >> 30)


def at_register(word: int, rn: int) -> int:
    """Give an access of `accessed` another base register, and no offset."""
    return word & 0xFFC0_001F | _UNSCALED | rn << 5


def ldrsw(rt: int, rn: int, offset: int) -> int:
    """LDRSW Xt, [Xn, #offset]."""
    return 0xB980_0000 | offset // 4 << 10 | rn << 5 | rt


def ldrsb(rt: int, rn: int, offset: int) -> int:
    """LDRSB Xt, [Xn, #offset], or LDURSB."""
    return _offset(_LDRSB, offset, 1) | rn << 5 | rt


def is_ldrsb(word: int) -> bool:
    """Whether an instruction is one of `ldrsb`."""
    return word & ~_UNSCALED & 0xFFC0_0000 == _LDRSB & ~_UNSCALED


def brk() -> int:
    """BRK #0."""
    return 0xD420_0000


def b(words: int) -> int:
    """B."""
    return 0x1400_0000 | words & 0x3FF_FFFF


def br(rn: int) -> int:
    """BR Xn."""
    return 0xD61F_0000 | rn << 5


def cbz(rt: int, words: int = 0, x: bool = False) -> int:
    """CBZ."""
    return 0x3400_0000 | _sf(x) | (words & 0x7_FFFF) << 5 | rt


def cbnz(rt: int, words: int = 0, x: bool = False) -> int:
    """CBNZ."""
    return 0x3500_0000 | _sf(x) | (words & 0x7_FFFF) << 5 | rt


def tbz(rt: int, bit: int, words: int = 0) -> int:
    """TBZ."""
    return 0x3600_0000 | bit >> 5 << 31 | (bit & 31) << 19 | (words & 0x3FFF) << 5 | rt


def tbnz(rt: int, bit: int, words: int = 0) -> int:
    """TBNZ."""
    return 0x3700_0000 | bit >> 5 << 31 | (bit & 31) << 19 | (words & 0x3FFF) << 5 | rt


def retargeted(word: int, words: int) -> int:
    """The branch `word`, of any distance, to a place `words` away; as it is if that is out of its reach."""
    lsb, bits = _distance_field(word)
    if not _reaches(words, bits):
        return word
    field = (1 << bits) - 1
    return word & ~(field << lsb) | (words & field) << lsb


def with_distance(word: int, words: int) -> int:
    """The branch `word` (encoded with distance 0) to a place `words` away; EncodingError if out of reach."""
    if not _reaches(words, _distance_field(word)[1]):
        raise EncodingError(f"branch distance of {words} words is out of reach")
    return retargeted(word, words)


def _reaches(words: int, bits: int) -> bool:
    return -(1 << (bits - 1)) <= words < 1 << (bits - 1)


def _distance_field(word: int) -> tuple[int, int]:
    """The lowest bit and the number of bits that a branch has for its distance."""
    if word & 0x7C00_0000 == 0x1400_0000:  # B, BL
        return 0, 26
    return (5, 14) if word & 0x7E00_0000 == 0x3600_0000 else (5, 19)  # TBZ, TBNZ; CBZ, CBNZ
