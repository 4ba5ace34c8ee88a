"""The parts around the chip: what is attached, by name, to which wires; and their state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from emu.machine.errors import MachineError
from emu.machine.inputs import Inputs
from emu.machine.part_wires import PartWires
from emu.parts.errors import PartError
from emu.parts.part import Part, Place
from emu.parts.setting import Quantity
from emu.parts.wiring import checked_wires
from emu.soc.pins import PinError, plain_pin
from peripherals.framework.environment import Clock

P = TypeVar("P", bound=Part)


class Attachment(NamedTuple):
    """What it takes to attach the same part again, as plain data."""

    name: str
    kind: str
    settings: dict[str, Any]
    wires: dict[str, str]
    """By their roles: names of pins; or `bus`: the name of a block of the chip that it is at."""


class Attachments(Mapping[str, Part]):
    """The parts of the board by their names; `attach` puts one there.

    Attaching is an input like others: it is recorded. It is a branch of the state, too, of which a snapshot
    makes the same board anew; the state of the parts themselves is that of `states`.
    """

    def __init__(self, clock: Clock, wires: PartWires, inputs: Inputs) -> None:
        self.states = PartStates(self, wires)
        self._clock = clock
        self._wires = wires
        self._parts: dict[str, Part] = {}
        self._attached: dict[str, Attachment] = {}
        self._known: dict[str, Part] = {}  # those made by users are taken again behind a restore
        self._attach = inputs.door("attach", self._put_there)
        self._detach = inputs.door("detach", self._take_away)
        self._let_in = inputs.door("part", lambda name, what, given: self[name].carry_out(what, given))

    def __getitem__(self, name: str) -> Part:
        if name not in self._parts:
            raise MachineError(f"no part {name!r} is attached: there are {', '.join(self._parts) or 'none'}")
        return self._parts[name]

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def attach(self, part: P, *, name: str | None = None, **wires: str) -> P:
        """Wire a part to pins by the roles of its wires, or to a block of the chip by `bus`; gives the part.

        Without a name it is called after its kind. MachineError or PartError tells what is wrong.
        """
        if not isinstance(part, Part):
            raise MachineError(f"attach: {part!r} is no part")
        chosen = name or self._free_name(part.kind)
        if chosen in self._parts:
            raise MachineError(f"attach: there is a part {chosen!r} already")
        if part.is_attached:
            raise MachineError(f"attach: {part.name} is attached already: make another {part.kind}")
        try:
            plain = checked_wires(type(part), wires, plain_pin)
        except (PartError, PinError) as error:
            raise MachineError(f"attach {error}") from None
        self._known[chosen] = part
        self._attach(*Attachment(chosen, part.kind, dict(part.settings), plain))
        return part

    def detach(self, name: str) -> None:
        """Take a part off its wires; MachineError if there is none of that name."""
        self._detach(self[name].name)

    def forget(self) -> None:
        """Take all parts off, and have a restore make new ones, as it does in another machine."""
        for name in list(self._parts):
            self._take_away(name)
        self._known.clear()

    def power_on(self) -> None:
        """Have all parts lose what only power keeps."""
        for part in self._parts.values():
            part.power_on()

    def save(self) -> list[tuple[Any, ...]]:
        """Take a snapshot of what is attached to what."""
        return [tuple(each) for each in self._attached.values()]

    def restore(self, snapshot: list[tuple[Any, ...]]) -> None:
        """Have the parts of a snapshot there, and no others; their state comes with `states`, later.

        MachineError for one of a kind that is not installed.
        """
        wanted = {each.name: each for each in (Attachment(*one) for one in snapshot)}
        for name, part in list(self._parts.items()):
            each = wanted.get(name)
            if each is None or self._attached[name].wires != each.wires or not _fits(part, each):
                self._take_away(name)
        for each in wanted.values():
            if each.name not in self._parts:
                self._put_there(*each)
        self._parts = {name: self._parts[name] for name in wanted}
        self._attached = {name: self._attached[name] for name in wanted}
        self._wires.order(wanted)

    def _put_there(self, *given: Any) -> None:
        each = Attachment(*given)
        part = self._known.get(each.name)
        if part is None or part.is_attached or not _fits(part, each):
            from emu.parts.table import part_kind  # most runs need none of them

            try:
                part = part_kind(each.kind)(**each.settings)
            except PartError as error:
                raise MachineError(f"{each.name}: {error}") from None
        place = Place(
            each.name,
            self._clock,
            self._wires.of(each.name, each.wires),
            self._let_in,
            self._wires.sender(each.name, each.wires),
            lambda text: self._wires.report(text),
        )
        try:
            part.attach(place)
        except PartError as error:
            self._wires.leave(each.name, each.wires)
            part.detach()
            raise MachineError(str(error)) from None
        self._attached[each.name] = each
        self._parts[each.name] = self._known[each.name] = part
        self._wires.connect(part, each.wires)

    def _take_away(self, name: str) -> None:
        part = self._parts.pop(name)
        self._wires.disconnect(part)
        part.detach()
        del self._attached[name]

    def _free_name(self, kind: str) -> str:
        name, number = kind, 1
        while name in self._parts:
            number += 1
            name = f"{kind}{number}"
        return name


class PartStates:
    """The state of all parts, as a branch of the state of the machine."""

    def __init__(self, parts: Mapping[str, Part], wires: PartWires) -> None:
        self._parts = parts
        self._wires = wires

    def save(self) -> dict[str, Any]:
        """Take a snapshot."""
        parts = {name: part.save() for name, part in self._parts.items()}
        return {"parts": parts, "wires": self._wires.save()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; the parts are there already, and the chip has its state."""
        for name, state in snapshot["parts"].items():
            self._parts[name].restore(state)
        self._wires.restore(snapshot["wires"], self._parts.__getitem__)


def _fits(part: Part, wanted: Attachment) -> bool:
    """Whether it is of that kind, and has the same settings; quantities may differ."""
    chosen = (name for name, setting in part.declared_settings() if not isinstance(setting, Quantity))
    return part.kind == wanted.kind and all(part.settings[name] == wanted.settings[name] for name in chosen)
