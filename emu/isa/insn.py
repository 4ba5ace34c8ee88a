"""The declaration form: `@insn(mnemonic, syntax, pattern)` on the function that is the instruction's meaning.

A pattern is the manual's bit picture, most significant bit first: runs of 0 and 1, and fields `name:width`.
A field named twice is concatenated, high part first. The fields are the function's parameters after `t`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, TypedDict, Unpack

from emu.isa.operands import BranchOffset, OperandKind

Semantics = Callable[..., None]
Extractor = Callable[[int], int]


class Flow(IntEnum):
    """Where control may go after an instruction."""

    NEXT = 0
    BRANCH = 1
    CONDITIONAL = 2
    CALL = 3
    INDIRECT = 4
    INDIRECT_CALL = 5
    SYSTEM = 6  # changes CPU state beyond registers, C and memory


class InsnError(TypeError):
    """An instruction is declared wrongly; the message starts with its name."""


class Options(TypedDict, total=False):
    """What a declaration may add: see `Insn`."""

    flow: Flow
    privileged: bool
    returns: bool
    inline: bool
    traced: bool
    refines: Semantics
    aliases: tuple[str, ...]


class Operand(NamedTuple):
    """One operand: its field's parts as (lsb, width), most significant first."""

    name: str
    kind: OperandKind
    parts: tuple[tuple[int, int], ...]

    @property
    def width(self) -> int:
        """Bits of the whole field."""
        return sum(width for _, width in self.parts)

    def raw(self, word: int) -> int:
        """Gather the field's bits from an instruction."""
        raw = 0
        for lsb, width in self.parts:
            raw = raw << width | word >> lsb & (1 << width) - 1
        return raw


@dataclass(frozen=True, eq=False, slots=True)
class Insn:
    """One encoding of an instruction: everything the decoder, disassembler, assembler and back ends need.

    `refines` is the more general row of which this one is a deliberate special case; `aliases` are
    further mnemonics the assembler accepts for it; `restricted` are the operands with undefined encodings.

    Of an instruction with Flow.SYSTEM, `returns` says whether control goes on behind it, and `inline` whether
    translated code does so: otherwise it ends a block, for an engine to see what has changed. The trace
    exception does not come behind one that is not `traced`.
    """

    name: str
    mnemonic: str
    syntax: str
    pattern: str
    size_bytes: int
    mask: int
    match: int
    operands: tuple[Operand, ...]
    extractors: tuple[Extractor, ...]
    restricted: tuple[Operand, ...]
    execute: Semantics
    flow: Flow
    privileged: bool
    returns: bool
    inline: bool
    traced: bool
    refines: "Insn | None"
    aliases: tuple[str, ...]

    def decode(self, word: int) -> tuple[int, ...]:
        """Give the operands in parameter order; `word` is one halfword, or two with the first one high."""
        return tuple([extract(word) for extract in self.extractors])

    def is_defined(self, word: int) -> bool:
        """Whether every field of a matching word holds something that exists."""
        return all(operand.kind.exists(operand.raw(word), operand.width) for operand in self.restricted)

    def target(self, pc: int, operands: tuple[int, ...]) -> int:
        """Give the address a direct branch at `pc` goes to."""
        for operand, value in zip(self.operands, operands, strict=True):
            if isinstance(operand.kind, BranchOffset):
                return pc + value & 0xFFFF_FFFF
        raise ValueError(f"{self.name} has no direct target")

    def is_listed(self, word: int) -> bool:
        """Whether objdump prints a matching word as this instruction."""
        return all(operand.kind.is_listed(operand.raw(word), operand.width) for operand in self.operands)

    @property
    def operation(self) -> str:
        """The manual's operation line."""
        return self.execute.__doc__ or ""


class InsnTable:
    """The rows declared so far, in order, grouped by their first four bits."""

    def __init__(self) -> None:
        self._groups: list[list[Insn]] = [[] for _ in range(16)]
        self._by_function: dict[Semantics, Insn] = {}

    @property
    def rows(self) -> tuple[Insn, ...]:
        """Every instruction in the order of declaration."""
        return tuple(self._by_function.values())

    def group(self, halfword: int) -> list[Insn]:
        """Give the rows that share the first four bits of `halfword`."""
        return self._groups[halfword >> 12]

    def insn(
        self, mnemonic: str, syntax: str, pattern: str, **options: Unpack[Options]
    ) -> Callable[[Semantics], Semantics]:
        """Declare the decorated function as the meaning of an encoding."""

        def register(function: Semantics) -> Semantics:
            general = options.get("refines")
            refined = self._by_function[general] if general else None
            row = _build(function, (mnemonic, syntax, pattern), options, refined)
            group = self._groups[row.match >> (row.size_bytes * 8 - 4)]
            _refuse_overlap(row, group)
            group.append(row)
            self._by_function[function] = row
            return function

        return register


def _build(
    function: Semantics, declaration: tuple[str, str, str], options: Options, refined: Insn | None
) -> Insn:
    mnemonic, syntax, pattern = declaration
    name = function.__name__
    bits, mask, match, fields = _parse(name, pattern)
    kinds = {key: kind for key, kind in function.__annotations__.items() if key not in ("t", "return")}
    if set(kinds) != set(fields):
        raise InsnError(f"{name}: pattern has the fields {list(fields)}, the function {list(kinds)}")
    for key, kind in kinds.items():
        if not hasattr(kind, "__metadata__"):
            raise InsnError(f"{name}: {key} is annotated with {kind!r}, which is no operand kind")
    operands = tuple(Operand(key, kind.__metadata__[0], tuple(fields[key])) for key, kind in kinds.items())
    return Insn(
        name=name,
        mnemonic=mnemonic,
        syntax=syntax,
        pattern=pattern,
        size_bytes=bits // 8,
        mask=mask,
        match=match,
        operands=operands,
        extractors=tuple(map(_extractor, operands)),
        restricted=tuple(item for item in operands if type(item.kind).exists is not OperandKind.exists),
        execute=function,
        flow=options.get("flow", Flow.NEXT),
        privileged=options.get("privileged", False),
        returns=options.get("returns", True),
        inline=options.get("inline", False),
        traced=options.get("traced", True),
        refines=refined,
        aliases=options.get("aliases", ()),
    )


def _parse(name: str, pattern: str) -> tuple[int, int, int, dict[str, list[tuple[int, int]]]]:
    bits = mask = match = 0
    from_top: list[tuple[str, int, int]] = []
    for token in pattern.split():
        field, colon, digits = token.partition(":")
        width = int(digits) if digits.isdigit() else len(field)
        bits += width
        mask <<= width
        match <<= width
        if colon and digits.isdigit() and field.isidentifier():
            from_top.append((field, bits, width))
        elif not colon and not field.strip("01"):
            mask |= (1 << width) - 1
            match |= int(field, 2)
        else:
            raise InsnError(f"{name}: {token!r} is neither bits nor a field in {pattern!r}")
    if bits not in (16, 32):
        raise InsnError(f"{name}: pattern {pattern!r} has {bits} bits")
    if mask >> (bits - 4) != 15 or (match >> (bits - 2) == 3) != (bits == 32):
        raise InsnError(f"{name}: pattern {pattern!r} does not start as a {bits}-bit instruction does")
    fields: dict[str, list[tuple[int, int]]] = {}
    for field, end, width in from_top:
        fields.setdefault(field, []).append((bits - end, width))
    return bits, mask, match, fields


def _extractor(operand: Operand) -> Extractor:
    kind, width = operand.kind, operand.width
    (lsb, _), *others = operand.parts
    if others:
        return lambda word: kind.value(operand.raw(word), width)
    low_bits = (1 << width) - 1
    if type(kind).value is OperandKind.value and kind.scale == 1 and not kind.signed:
        bias = kind.bias
        return lambda word: (word >> lsb & low_bits) + bias
    return lambda word: kind.value(word >> lsb & low_bits, width)


def _refuse_overlap(new: Insn, group: list[Insn]) -> None:
    for old in group:
        both = old.mask & new.mask
        if (old.match ^ new.match) & both:
            continue
        if old.size_bytes == new.size_bytes and not (_descends(new, old) and both == old.mask):
            raise InsnError(f"{new.name} overlaps {old.name}: say refines={old.name} if it is meant")


def _descends(row: Insn | None, general: Insn) -> bool:
    while row is not None:
        if row is general:
            return True
        row = row.refines
    return False


TABLE = InsnTable()
insn = TABLE.insn
