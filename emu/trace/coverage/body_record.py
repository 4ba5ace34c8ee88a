"""The lines of a program's functions as bytes: compressed JSON, in which places have numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable

from emu import zstd
from emu.trace.coverage.body_lines import BodyLines
from emu.trace.coverage.program_code import Declaration, Place


def record_of(bodies: list[BodyLines]) -> bytes:
    """What `bodies_in` makes the same of."""
    places = _numbered(place for body in bodies for place in _places_of(body))
    tree = {
        "places": list(places),
        "bodies": [
            (
                body.name,
                body.declared and (body.declared.name, places[body.declared.place]),
                body.entry,
                body.is_copy,
                places[body.begins],
                [(places[place], addresses) for place, addresses in body.lines],
                [(address, places[place]) for address, place in body.branches],
                body.repeats,
            )
            for body in bodies
        ],
    }
    return zstd.compress(json.dumps(tree, separators=(",", ":")).encode())


def bodies_in(record: bytes) -> list[BodyLines]:
    """The functions that `record_of` has made a record of."""
    tree = json.loads(zstd.decompress(record))
    places = [Place(*each) for each in tree["places"]]
    return [
        BodyLines(
            name,
            declared and Declaration(declared[0], places[declared[1]]),
            entry,
            is_copy,
            places[begins],
            [(places[place], addresses) for place, addresses in lines],
            [(address, places[place]) for address, place in branches],
            [(address, is_conditional) for address, is_conditional in repeats],
        )
        for name, declared, entry, is_copy, begins, lines, branches, repeats in tree["bodies"]
    ]


def _places_of(body: BodyLines) -> Iterable[Place]:
    yield body.begins
    if body.declared is not None:
        yield body.declared.place
    yield from (place for place, _ in body.lines)
    yield from (place for _, place in body.branches)


def _numbered(places: Iterable[Place]) -> dict[Place, int]:
    return {place: number for number, place in enumerate(dict.fromkeys(places))}
