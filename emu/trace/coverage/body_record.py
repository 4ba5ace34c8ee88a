"""The functions of a program as bytes: compressed JSON, in which instructions and places have numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from emu import zstd
from emu.trace.coverage.program_code import Body, Declaration, Instruction, Place


def record_of(bodies: list[Body]) -> bytes:
    """What `bodies_in` makes the same of."""
    instructions = _numbered(each for body in bodies for each in body.instructions)
    lines = _numbered(each.places for each in instructions)
    places = _numbered(
        (
            *(place for line in lines for place in line),
            *(each.begins for each in instructions),
            *(body.declared.place for body in bodies if body.declared is not None),
        )
    )
    tree = {
        "places": list(places),
        "lines": [[places[place] for place in line] for line in lines],
        "instructions": [(*each[:-2], lines[each.places], places[each.begins]) for each in instructions],
        "bodies": [
            (
                body.name,
                body.declared and (body.declared.name, places[body.declared.place]),
                body.entry,
                [instructions[each] for each in body.instructions],
                body.is_copy,
            )
            for body in bodies
        ],
    }
    return zstd.compress(json.dumps(tree, separators=(",", ":")).encode())


def bodies_in(record: bytes) -> list[Body]:
    """The functions that `record_of` has made a record of."""
    tree = json.loads(zstd.decompress(record))
    places = [Place(*each) for each in tree["places"]]
    lines = [tuple(places[number] for number in numbers) for numbers in tree["lines"]]
    instructions = [
        Instruction(address, size_bytes, is_conditional, target, lines[line], places[begins])
        for address, size_bytes, is_conditional, target, line, begins in tree["instructions"]
    ]
    return [
        Body(
            name,
            declared and Declaration(declared[0], places[declared[1]]),
            entry,
            [instructions[number] for number in numbers],
            is_copy,
        )
        for name, declared, entry, numbers, is_copy in tree["bodies"]
    ]


def _numbered(each: Iterable[Any]) -> dict[Any, int]:
    return {key: number for number, key in enumerate(dict.fromkeys(each))}
