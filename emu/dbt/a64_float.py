"""A64 encodings of what vector registers are used for; by number."""

# fmt: off
FADD, FSUB   = 0x1E20_2800, 0x1E20_3800
FMUL, FDIV   = 0x1E20_0800, 0x1E20_1800
FCMEQ        = 0x5E20_E400  # all ones or 0; a signalling NaN is an invalid operation
FCMGE, FCMGT = 0x7E20_E400, 0x7EA0_E400  # likewise; any NaN is

FSQRT        = 0x1E21_C000
FMOV         = 0x1E20_4000
SCVTF, UCVTF = 0x5E21_D800, 0x7E21_D800
# To integers, by the numbers of `Rounding`: nearest, zero, up, down.
TO_SIGNED    = (0x5E21_A800, 0x5EA1_B800, 0x5EA1_A800, 0x5E21_B800)
TO_UNSIGNED  = (0x7E21_A800, 0x7EA1_B800, 0x7EA1_A800, 0x7E21_B800)

# Clamping: signed to signed, and signed to unsigned.
SQXTN        = 0x5E21_4800
SQXTUN       = 0x7E21_2800
# fmt: on


def two(op: int, rd: int, rn: int, rm: int) -> int:
    """An instruction with two sources."""
    return op | rm << 16 | rn << 5 | rd


def one(op: int, rd: int, rn: int) -> int:
    """An instruction with one source."""
    return op | rn << 5 | rd


def narrow(op: int, rd: int, rn: int, bits: int) -> int:
    """SQXTN or SQXTUN to `bits` (8, 16 or 32) from twice as many."""
    return op | (bits // 16) << 22 | rn << 5 | rd


def copy_to_lane(rd: int, lane: int, rn: int) -> int:
    """INS Vd.S[lane], Vn.S[0]."""
    return 0x6E04_0400 | lane << 19 | rn << 5 | rd


def to_lane(rd: int, lane: int, wn: int) -> int:
    """INS Vd.S[lane], Wn."""
    return 0x4E04_1C00 | lane << 19 | wn << 5 | rd
