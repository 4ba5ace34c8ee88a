"""Instructions that do the same to every lane of a word, and families that differ by the lane only.

A lane is the whole word, a half or a byte of it. What a lane does is said on values of more bits than it
has (64 for a word, 32 for less), so that a sum or a difference does not overflow.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from emu.isa.insn import insn
from emu.isa.operands import Reg
from emu.isa.ops import Ops, Value

LaneOperation = Callable[[Ops, "Lane", Value, Value], Value]


@dataclass(frozen=True)
class Lane:
    """How many bits a lane has and how they are read; `note` ends the operation line."""

    bits: int
    signed: bool
    note: str

    @property
    def count(self) -> int:
        """Lanes of a word."""
        return 32 // self.bits

    def of(self, word: Value, index: int) -> Value:
        """Lane number `index` (0 is the lowest), extended to more bits."""
        if self.bits == 32:
            return word.sign_extend_64() if self.signed else word.zero_extend_64()
        lsb = index * self.bits
        return (word.signed_bits if self.signed else word.bits)(lsb + self.bits - 1, lsb)

    def saturated(self, result: Value) -> Value:
        """A result clamped to what the lane holds."""
        return result.saturate_signed(self.bits) if self.signed else result.saturate_unsigned(self.bits)


# fmt: off
BYTE = Lane(8,  False, ", each byte")
HALF = Lane(16, False, ", each half")
U8   = Lane(8,  False, ", each unsigned byte")
S8   = Lane(8,  True,  ", each signed byte")
U16  = Lane(16, False, ", each unsigned half")
S16  = Lane(16, True,  ", each signed half")
U32  = Lane(32, False, " (unsigned)")
S32  = Lane(32, True,  " (signed)")
# fmt: on


def in_lanes(lane: Lane, operation: Callable[..., Value], *words: Value) -> Value:
    """Apply an operation to the lanes of the words; its results, cut to the lane, make up the new word."""
    if lane.bits == 32:
        return operation(*(lane.of(word, 0) for word in words)).low()
    return joined(
        lane.bits, (operation(*(lane.of(word, index) for word in words)) for index in range(lane.count))
    )


def joined(bits: int, parts: Iterable[Value]) -> Value:
    """Put parts of `bits` bits together, the lowest first; what a part has above is dropped."""
    rest = iter(parts)
    word = next(rest)
    for index, part in enumerate(rest, 1):
        word = word.insert(index * bits + bits - 1, index * bits, part)
    return word


def packed(mnemonic: str, opcode: str, lane: Lane) -> Callable[[LaneOperation], LaneOperation]:
    """Declare `MNEMONIC rz, rx, ry`, which does the decorated operation (t, lane, x, y) in each lane."""

    def declare(operation: LaneOperation) -> LaneOperation:
        def execute(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
            t[rz] = in_lanes(lane, lambda x, y: operation(t, lane, x, y), t[rx], t[ry])

        define(execute, mnemonic, operation, (operation.__doc__ or "") + lane.note)
        insn(mnemonic, "{rz}, {rx}, {ry}", f"111110 ry:5 rx:5 {opcode} rz:5")(execute)
        return operation

    return declare


def define(execute: Callable[..., None], mnemonic: str, declared_by: Callable[..., object], doc: str) -> None:
    """Give a function made for a family the name, home and operation line of a declaration of its own."""
    execute.__name__ = mnemonic.replace(".", "_")
    execute.__module__ = declared_by.__module__
    execute.__doc__ = doc
