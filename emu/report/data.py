"""Reports as plain data, for whoever wants JSON rather than sentences."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

Data = dict[str, Any] | list[Any] | str | int | float | bool | None


class Reported:
    """A dataclass that can be had as data."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Every field by name: enumerations as their names, reports in reports as dictionaries."""
        data = as_data(self)
        assert isinstance(data, dict)
        return data


def as_data(value: object) -> Data:
    """Numbers, texts, lists and dictionaries that stand for `value`; call-backs are left out."""
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value) and not isinstance(value, type):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: as_data(each) for name, each in found.items() if not callable(each)}
    if isinstance(value, dict):
        return {str(name): as_data(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(each) for each in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{value!r} is no part of a report")
