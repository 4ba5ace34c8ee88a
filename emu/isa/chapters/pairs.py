"""64-bit operands: the register pair {R(n+1), R(n)}."""

from emu.isa.ops import Ops, Value


def read_pair(t: Ops, low: int) -> Value:
    """The 64-bit value of a pair; R31 is followed by R0."""
    # GUESS: the assembler takes r31 here and the vendor's QEMU wraps; no vector tries it.
    return t[low].zero_extend_64() | t[(low + 1) % 32].zero_extend_64().shl(32)


def write_pair(t: Ops, low: int, value: Value) -> None:
    """Put a 64-bit value into a pair."""
    t[low] = value.low()
    t[(low + 1) % 32] = value.high()
