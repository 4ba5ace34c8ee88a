"""`Part`: the base of all that can be wired to the chip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from emu.parts.errors import PartError
from emu.parts.net import Wire
from emu.parts.setting import Quantity, Setting
from peripherals.framework.environment import Clock
from peripherals.framework.saved_state import restored, saved

P = TypeVar("P", bound="Part")
Arguments = ParamSpec("Arguments")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part is: all that it may ask of the board around it."""

    name: str
    clock: Clock
    wires: Mapping[str, Wire] = field(default_factory=dict)
    """By their roles."""
    let_in: Callable[[str, str, tuple[Any, ...]], None] | None = None
    """The recorded door for what people do to the part: name, stimulus, arguments. None: it comes at once."""
    send: Callable[[bytes], None] = lambda data: None
    """Sends bytes over the UART that the part is at."""
    report: Callable[[str], None] = lambda text: None
    """Tells users what is odd, each thing once."""


def stimulus(
    method: Callable[Concatenate[P, Arguments], None],
) -> Callable[Concatenate[P, Arguments], None]:
    """Let calls of the method in as something that comes from outside: recorded, and replayed.

    Its arguments are plain data, by position.
    """

    @wraps(method)
    def come(self: P, *arguments: Arguments.args, **named: Arguments.kwargs) -> None:
        if named:
            raise TypeError(f"{method.__name__}: give its arguments by position")
        self.come(method.__name__, arguments)

    come.__dict__["carry_out"] = method
    return cast(Callable[Concatenate[P, Arguments], None], come)


class Part:
    """A thing on the board.

    Subclasses declare their `kind`, the roles of their `wires`, settings and quantities, keep their state in
    attributes named in `saved_state`, and override `_connect` and `_power_on`. Settings are given by name.
    """

    kind: ClassVar[str] = ""
    """What board files call it."""
    wires: ClassVar[tuple[str, ...]] = ()
    """The roles of wires that it cannot do without."""
    optional_wires: ClassVar[tuple[str, ...]] = ()
    bus: ClassVar[str] = ""
    """The bus that it may be on: i2c, spi, uart; empty: none."""
    saved_state: ClassVar[tuple[str, ...]] = ()
    """As in the blocks of the chip: plain data, or what has save and restore."""

    def __init__(self, **settings: Any) -> None:
        self._place: Place | None = None
        known = dict(self.declared_settings())
        for name in settings:
            if name not in known:
                raise PartError(f"{self.kind}: no setting {name!r}: there are {', '.join(known) or 'none'}")
        self.settings: dict[str, Any] = {
            name: setting.checked(self.kind, settings.get(name, setting.default))
            for name, setting in known.items()
        }
        """Settings and quantities by name."""

    def choose(self, name: str, value: Any) -> None:
        """Choose a setting anew; PartError once the part is attached."""
        if self._place is not None:
            raise PartError(f"{self.name}: {name} cannot be chosen any more: it is attached")
        setting = dict(self.declared_settings())[name]
        self.settings[name] = setting.checked(self.kind, value)

    @classmethod
    def declared_settings(cls) -> Iterator[tuple[str, Setting[Any]]]:
        """The settings and quantities, those of base classes first."""
        members = {name: member for base in reversed(cls.__mro__) for name, member in vars(base).items()}
        return ((name, member) for name, member in members.items() if isinstance(member, Setting))

    @property
    def place(self) -> Place:
        """Where it is; PartError while it is nowhere."""
        if self._place is None:
            raise PartError(f"{self.kind}: it is attached to nothing yet")
        return self._place

    @property
    def is_attached(self) -> bool:
        """Whether it is somewhere."""
        return self._place is not None

    @property
    def name(self) -> str:
        """What it is called on its board."""
        return self.place.name if self._place is not None else self.kind

    def attach(self, place: Place) -> None:
        """Be put on a board; PartError if it is on one already."""
        if self._place is not None:
            raise PartError(f"{self.name} is attached already: make another {self.kind}")
        self._place = place
        self._connect()
        self._power_on()

    def detach(self) -> None:
        """Be taken off again; whoever does this takes the wires away."""
        self._place = None

    def power_on(self) -> None:
        """Lose what only power keeps."""
        self._power_on()

    def come(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Let something in from outside, by the recorded door if there is one."""
        if self._place is None or self._place.let_in is None:
            self.carry_out(name, arguments)
        else:
            self._place.let_in(self._place.name, name, arguments)

    def carry_out(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Do what has come in; PartError for what is neither a stimulus nor a quantity."""
        member = getattr(type(self), name, None)
        if isinstance(member, Quantity):
            self.settings[name] = member.checked(self.name, *arguments)
            self._quantity_changed(name)
        elif (method := getattr(member, "carry_out", None)) is not None:
            method(self, *arguments)
        else:
            raise PartError(f"{self.name}: {name!r} is nothing that can be done to it")

    def as_file(self) -> bytes:
        """What it holds, in the form of a file; PartError if that is nothing. Override."""
        raise PartError(f"{self.name}: a {self.kind} holds nothing for a file")

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        state = {name: saved(getattr(self, name)) for name in self.saved_state}
        return {"settings": dict(self.settings), "state": state}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; the clock must be back already, and nets have their own."""
        self.settings = dict(snapshot["settings"])
        for name in self.saved_state:
            setattr(self, name, restored(getattr(self, name), snapshot["state"][name]))

    def _connect(self) -> None:
        """Listen to the wires and make deadlines; `place` is there. Override."""

    def _power_on(self) -> None:
        """Come to the state that the data sheet promises after power-on. Override."""

    def _quantity_changed(self, name: str) -> None:
        """Heed that somebody has set a quantity. Override."""

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>" if self._place else f"<{self.kind}>"
