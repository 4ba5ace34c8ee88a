"""State trees as text and blobs: JSON with a few tags, never code.

A tag is an object with one key: `$bytes` (number of a blob), `$tuple`, `$set`, `$deque`, `$map` (pairs),
`$enum` (class, member), `$object` (class of a report, fields). The same tree gives the same text, whatever
order its dictionaries have come to.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

_CLASSES_OF = ("emu.report.", "peripherals.")
"""Where the classes are that a tree may hold: enumerations and reports."""


class StateEncodingError(ValueError):
    """What is no text of a state tree."""


class Encoder:
    """Encodes trees; equal bytes are one blob."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    @property
    def blobs(self) -> list[bytes]:
        """All bytes met, in the order of their numbers."""
        return list(self._numbers)

    def text(self, tree: Any) -> str:
        """The tree as JSON; TypeError for what no tree may hold."""
        return json.dumps(self._encoded(tree), separators=(",", ":"))

    def _encoded(self, value: Any) -> Any:
        if isinstance(value, Enum) and _name_of(value).startswith(_CLASSES_OF):
            return {"$enum": [_name_of(value), value.name]}
        if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
            return value
        if isinstance(value, bytes):
            return {"$bytes": self._numbers.setdefault(value, len(self._numbers))}
        if isinstance(value, list):
            return list(map(self._encoded, value))
        if isinstance(value, dict):
            return self._encoded_dictionary(value)
        if isinstance(value, set | frozenset):
            return {"$set": list(map(self._encoded, sorted(value)))}
        if isinstance(value, deque):
            return {"$deque": [value.maxlen, *map(self._encoded, value)]}
        if is_dataclass(value) and not isinstance(value, type) and _name_of(value).startswith(_CLASSES_OF):
            content = {field.name: getattr(value, field.name) for field in fields(value)}
            return {"$object": [_name_of(value), self._encoded(content)]}
        if isinstance(value, tuple):
            return {"$tuple": [self._encoded(part) for part in value]}
        raise TypeError(f"{type(value).__name__} in a state: {value!r:.60}")

    def _encoded_dictionary(self, value: dict[Any, Any]) -> dict[str, Any]:
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: self._encoded(value[key]) for key in sorted(value)}
        return {"$map": [[self._encoded(key), self._encoded(value[key])] for key in sorted(value)]}


def decode(text: str, blobs: Sequence[bytes]) -> Any:
    """The tree that an `Encoder` has encoded; StateEncodingError for anything else."""
    try:
        return _decoded(json.loads(text), blobs)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise StateEncodingError(str(error)) from None


def digest(tree: Any) -> str:
    """The hash of a tree: 64 hexadecimal digits, equal for equal trees."""
    encoder = Encoder()
    hashed = hashlib.sha256(encoder.text(tree).encode())
    for blob in encoder.blobs:
        hashed.update(len(blob).to_bytes(8, "little") + blob)
    return hashed.hexdigest()


def _decoded(value: Any, blobs: Sequence[bytes]) -> Any:
    if isinstance(value, list):
        return [_decoded(part, blobs) for part in value]
    if not isinstance(value, dict):
        return value
    tag = next(iter(value), "")
    if not tag.startswith("$"):
        return {key: _decoded(part, blobs) for key, part in value.items()}
    content = value[tag]
    if tag == "$bytes":
        return blobs[content]
    return _MAKERS[tag](_decoded(content, blobs))


def _enum(content: list[Any]) -> Any:
    return _class_of(content[0])[content[1]]


def _object(content: list[Any]) -> Any:
    return _class_of(content[0])(**content[1])


_MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "$tuple": tuple,
    "$set": set,
    "$deque": lambda content: deque(content[1:], content[0]),
    "$map": dict,
    "$enum": _enum,
    "$object": _object,
}


def _name_of(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__name__}"


def _class_of(name: str) -> Any:
    module, _, kind = name.rpartition(".")
    found = getattr(sys.modules.get(module), kind, None)
    is_known = isinstance(found, type) and (issubclass(found, Enum) or is_dataclass(found))
    if not is_known or not name.startswith(_CLASSES_OF):
        raise StateEncodingError(f"{name!r} is no class of a state")
    return found
