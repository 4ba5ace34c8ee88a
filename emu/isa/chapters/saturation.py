"""64-bit sums that saturate. Narrower ones are computed in 64 bits and clamped: `Value.saturate_signed`."""

from emu.isa.ops import Value

# GUESS: no instruction tells afterwards that it saturated. The vendor's QEMU has a sticky bit DCSR.V for
# the older DSP extension, and none of the helpers of this one touches it.


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
