"""What can be chosen about a part: settings when it is made, quantities at any time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, cast, overload

from emu.parts.errors import PartError

if TYPE_CHECKING:
    from emu.parts.part import Part

V = TypeVar("V")
"""One of int, float, bool, str."""
_KINDS: Final[dict[type, str]] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
}


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
        is_of_kind = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        is_within = self._within is None or (is_of_kind and self._within[0] <= value <= self._within[1])
        if not is_of_kind or not is_within or (self._choices and value not in self._choices):
            raise PartError(f"{who}: {self.name}: {self.wanted} is wanted, not {self.shown(value)}")
        return cast(V, value)

    def shown(self, value: object) -> str:
        """A value as board files have it: addresses have 0x."""
        return f"{value:#x}" if self.name == "address" and isinstance(value, int) else repr(value)

    @property
    def wanted(self) -> str:
        """What it takes, such as `a number from 0 to 100`."""
        if self._choices:
            return "one of " + ", ".join(
                each if isinstance(each, str) else self.shown(each) for each in self._choices
            )
        kind = _KINDS[type(self.default)]
        return kind if self._within is None else f"{kind} from {' to '.join(map(self.shown, self._within))}"


class Quantity(Setting[V]):
    """A figure that can be set at any time: what a sensor measures. It comes in by the recorded door."""

    def __set__(self, part: Part, value: V) -> None:
        part.come(self.name, (self.checked(part.name, value),))
