"""What can be chosen about a part: settings when it is made, quantities at any time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from emu.parts.errors import PartError

if TYPE_CHECKING:
    from emu.parts.part import Part

V = TypeVar("V")
"""One of int, float, bool, str."""


class Setting(Generic[V]):
    """A figure that is chosen when a part is made; its type is that of the default."""

    def __init__(
        self,
        default: V,
        doc: str,
        *,
        within: tuple[Any, Any] | None = None,
        choices: Sequence[V] = (),
    ) -> None:
        """`within`: the smallest and the largest; `choices`: the only values there are."""
        self.default = default
        self.doc = doc
        self.name = ""
        self._within = within
        self._choices = tuple(choices)

    def __set_name__(self, owner: type[Part], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, part: None, owner: type[Part]) -> Self: ...
    @overload
    def __get__(self, part: Part, owner: type[Part]) -> V: ...
    def __get__(self, part: Part | None, owner: type[Part]) -> Any:
        return self if part is None else part.settings[self.name]

    def __set__(self, part: Part, value: V) -> None:
        raise PartError(f"{part.name}: {self.name} is chosen when the part is made")

    def checked(self, who: str, value: Any) -> V:
        """The value in its type; PartError says what is wrong with it."""
        kind = type(self.default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise PartError(f"{who}: {self.name}: {value!r} is no {kind.__name__}")
        if self._choices and value not in self._choices:
            known = ", ".join(map(str, self._choices))
            raise PartError(f"{who}: {self.name}: {value!r} is none of {known}")
        if self._within and not self._within[0] <= value <= self._within[1]:
            low, high = self._within
            raise PartError(f"{who}: {self.name}: {value!r} is not within {low} to {high}")
        checked: V = value
        return checked


class Quantity(Setting[V]):
    """A figure that can be set at any time: what a sensor measures. It comes in by the recorded door."""

    def __set__(self, part: Part, value: V) -> None:
        part.come(self.name, (self.checked(part.name, value),))
