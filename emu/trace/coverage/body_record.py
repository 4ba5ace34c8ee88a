"""The functions of a program as bytes: compressed JSON, in which instructions and places have numbers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from emu.trace.coverage.program_code import Body, Declaration, Instruction, Place

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def record_of(bodies: list[Body]) -> bytes:
    """What `bodies_in` makes the same of."""
    instructions = _numbered(each for body in bodies for each in body.instructions)
    places = _numbered(
        place
        for place in (
            *(place for each in instructions for place in (*each.places, each.begins)),
            *(body.declared.place for body in bodies if body.declared is not None),
        )
    )
    tree = {
        "places": list(places),
        "instructions": [
            (*each[:-2], [places[place] for place in each.places], places[each.begins])
            for each in instructions
        ],
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
    instructions = [
        Instruction(
            address,
            size_bytes,
            is_conditional,
            target,
            tuple(places[each] for each in numbers),
            places[begins],
        )
        for address, size_bytes, is_conditional, target, numbers, begins in tree["instructions"]
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
