"""What coverage asks of a program: the lines of its functions, and the instructions that each of them has."""

from __future__ import annotations

from typing import NamedTuple

from emu.trace.coverage.program_code import Body, Declaration, Place


class BodyLines(NamedTuple):
    """The lines of a function, or of a copy of it that is part of another function."""

    name: str
    """Of the symbol, such as `run.isra.0`."""
    declared: Declaration | None
    """None for code of which it is not known whether it is a function."""
    entry: int
    is_copy: bool
    begins: Place
    """The line at which it begins; if it is a function, that is executed as often as it is entered."""
    lines: list[tuple[Place, list[int]]]
    """The others, with the addresses of their instructions; those of a copy in it are the copy's."""
    branches: list[tuple[int, Place]]
    """Its conditional branches, also those of copies in it; a copy has none of its own."""
    repeats: list[tuple[int, bool]]
    """Branches to its entry, and whether they are conditional: by them it is not entered."""


def lines_of(bodies: list[Body]) -> list[BodyLines]:
    """The lines of all of them. An instruction belongs to the innermost copy that it is in."""
    owner = {each.address: number for number, body in enumerate(bodies) for each in body.instructions}
    return [_lines_of(number, body, owner) for number, body in enumerate(bodies)]


def _lines_of(number: int, body: Body, owner: dict[int, int]) -> BodyLines:
    begins, is_function = body.instructions[0].begins, body.declared is not None and not body.is_copy
    lines: dict[Place, list[int]] = {}
    for each in body.instructions:
        if owner[each.address] == number:
            for place in each.places:
                lines.setdefault(place, []).append(each.address)
    if is_function:
        lines.pop(begins, None)
    return BodyLines(
        body.name,
        body.declared,
        body.entry,
        body.is_copy,
        begins,
        list(lines.items()),
        [
            (each.address, each.place)
            for each in body.instructions
            if each.is_conditional and not body.is_copy
        ],
        [(each.address, each.is_conditional) for each in body.instructions if each.target == body.entry],
    )
