"""Clamping results to the width they are stored in: saturating instructions compute in 64 bits first."""

from emu.isa.ops import Ops, Value

# GUESS: no instruction tells afterwards that it saturated. The vendor's QEMU has a sticky bit DCSR.V for
# the older DSP extension, and none of the helpers of this one touches it.


def saturated_signed(t: Ops, wide: Value, bits: int = 32) -> Value:
    """The signed 64-bit value clamped to `bits` signed ones; only the low `bits` of the result count."""
    limit = wide.high().sar(31) ^ (1 << bits - 1) - 1
    return t.select(wide.eq(wide.signed_bits(bits - 1, 0)), wide.low(), limit)


def saturated_unsigned(t: Ops, wide: Value, bits: int = 32) -> Value:
    """The signed 64-bit value clamped to 0..2^bits - 1; only the low `bits` of the result count."""
    return t.select(wide.shr(bits).eq(0), wide.low(), ~wide.high().sar(31))


def add_signed_64(x: Value, y: Value) -> Value:
    """64-bit x + y, saturated."""
    total = x + y
    return _limited(total, x, ((total ^ x) & (total ^ y)).sar(63))


def subtract_signed_64(x: Value, y: Value) -> Value:
    """64-bit x - y, saturated."""
    difference = x - y
    return _limited(difference, x, ((difference ^ x) & (x ^ y)).sar(63))


def add_unsigned_64(x: Value, y: Value) -> Value:
    """64-bit x + y, saturated."""
    total = x + y
    return total | _all_ones_if(total.ult(x))


def subtract_unsigned_64(x: Value, y: Value) -> Value:
    """64-bit x - y, at least 0."""
    return (x - y) & ~_all_ones_if(x.ult(y))


def _limited(result: Value, x: Value, overflowed: Value) -> Value:
    limit = x.sar(63) ^ 0x7FFF_FFFF_FFFF_FFFF
    return (result & ~overflowed) | (limit & overflowed)


def _all_ones_if(condition: Value) -> Value:
    return condition.zero_extend_64().shl(63).sar(63)
