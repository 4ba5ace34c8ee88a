"""A block of the chip: a register map, handlers for what accesses do, and the rest for free."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar, TypeVar

from peripherals.framework.environment import Environment
from peripherals.framework.errors import DeclarationError
from peripherals.framework.outlook import STEADY, Outlook
from peripherals.framework.register import Register, Slot
from peripherals.framework.reset import ResetCause
from peripherals.framework.saved_state import restored, saved

ALL_BITS = 0xFFFF_FFFF
_MOMENTS = ("on_read", "on_write", "on_peek", "on_outlook")

Reader = TypeVar("Reader", bound=Callable[..., int])
Writer = TypeVar("Writer", bound=Callable[..., None])
Foreteller = TypeVar("Foreteller", bound=Callable[..., Outlook | None])


def on_write(*kinds: type[Register], changes: bool = False) -> Callable[[Writer], Writer]:
    """Call the method after a bus write to these registers, with the data written.

    The register holds the new value by then. For an array of registers the index comes before the data.
    With `changes`, only after a write that has changed the register.
    """

    def mark(method: Writer) -> Writer:
        method.__dict__["on_write"] = kinds
        method.__dict__["changes"] = changes
        return method

    return mark


def on_read(
    *kinds: type[Register], consumes: bool = False, steady: bool = False
) -> Callable[[Reader], Reader]:
    """Call the method for a bus read of these registers, once each access; it returns the whole register.

    For an array of registers it gets the index. One that changes anything, such as a FIFO, says that it
    `consumes`: debuggers then look at the register's value instead, or ask the method marked `on_peek`.
    One whose answer changes by alarms and writes only is `steady`: software that polls it can be taken to the
    next of these at once. For one that changes with time a method marked `on_outlook` tells how.
    """

    def mark(method: Reader) -> Reader:
        method.__dict__["on_read"] = kinds
        method.__dict__["consumes"] = consumes
        method.__dict__["steady"] = steady
        return method

    return mark


def on_peek(*kinds: type[Register]) -> Callable[[Reader], Reader]:
    """Call the method when somebody looks at these registers: what a read would give, changing nothing by it.

    Catching up with what time has done already is no change.
    """

    def mark(method: Reader) -> Reader:
        method.__dict__["on_peek"] = kinds
        return method

    return mark


def on_outlook(*kinds: type[Register]) -> Callable[[Foreteller], Foreteller]:
    """Call the method to learn what reads of these registers give from now on: see `Outlook`."""

    def mark(method: Foreteller) -> Foreteller:
        method.__dict__["on_outlook"] = kinds
        return method

    return mark


class _Place:
    """A register at its offset, with the handlers bound to it, and masks of its class at hand, for speed."""

    __slots__ = (
        *("changes", "name", "on_read", "on_write", "outlook", "peek", "register"),
        *("cleared_by_one", "cleared_by_read", "kept", "readable", "reset_value", "unmodelled", "written"),
    )

    def __init__(self, register: Register) -> None:
        self.register = register
        self.name = register.name
        self.reset_value = register.reset_value
        self.readable, self.written, self.kept = register.readable, register.written, ~register.written
        self.cleared_by_one, self.cleared_by_read = register.cleared_by_one, register.cleared_by_read
        self.unmodelled = register.unmodelled
        self.on_read: Callable[[], int] | None = None
        self.on_write: Callable[[int], None] | None = None
        self.changes = False  # whether on_write is for those only
        self.peek: Callable[[], int] | None = None
        self.outlook: Callable[[], Outlook | None] | None = None

    def stays(self) -> Outlook | None:
        """The outlook of what changes at a read only if that clears flags."""
        return None if self.register.value & self.register.cleared_by_read else STEADY


class Peripheral:
    """Base of every model.

    Subclasses declare registers and handlers, and keep their own state in attributes; those named in
    `saved_state` (plain data, objects with save and restore, or tuples of these) are part of a snapshot.
    """

    slots: ClassVar[dict[str, Slot]] = {}
    saved_state: ClassVar[tuple[str, ...]] = ()
    contents: memoryview | None = None
    """Of plain memory; see MemoryBlock."""
    _handlers: ClassVar[dict[tuple[str, type[Register]], str]] = {}

    def __init_subclass__(cls) -> None:
        members = {name: member for base in reversed(cls.__mro__) for name, member in vars(base).items()}
        own = {name: member for name, member in vars(cls).items() if isinstance(member, Slot)}
        cls.slots = {**cls.slots, **own}
        for name in own:  # an instance's register of that name is found faster if the class has nothing
            delattr(cls, name)
        cls._handlers = {
            (moment, kind): name
            for name, member in members.items()
            for moment in _MOMENTS
            for kind in getattr(member, moment, ())
        }
        _check_map(cls)

    def __init__(self, name: str, environment: Environment) -> None:
        self.name = name
        self.environment = environment
        self._places: dict[int, _Place] = {}
        for slot in self.slots.values():
            self._place(slot)
        self._in_order = [self._places[offset].register for offset in sorted(self._places)]

    def read(self, offset: int, size_bytes: int = 4) -> int:
        """Answer a bus read; a byte or halfword is that part of the register, whose handler runs once."""
        place = self._places.get(offset)
        if place is None or size_bytes != 4:
            return self._read_part(offset, size_bytes)
        value = place.register.value if place.on_read is None else place.on_read()
        if place.cleared_by_read:
            place.register.value &= ~place.cleared_by_read
        return value & place.readable

    def write(self, offset: int, value: int, size_bytes: int = 4) -> None:
        """Take a bus write; a byte or halfword keeps the other bits, and clears no flags among them."""
        place = self._places.get(offset)
        if place is None or size_bytes != 4:
            self._write_part(offset, value, size_bytes)
            return
        self._write_word(place, value)

    def _write_word(self, place: _Place, value: int) -> None:
        register, before = place.register, place.register.value
        kept = before & place.kept & ~(value & place.cleared_by_one)
        register.value = kept | value & place.written
        if (value ^ place.reset_value) & place.unmodelled:
            self._report_unmodelled(place, value)
        if place.on_write is not None and not (place.changes and register.value == before):
            place.on_write(value)

    def word_reader(self, offset: int) -> Callable[[], int]:
        """What answers bus reads of a whole register: `read` for who reads it again and again."""
        place = self._plainly_read(offset)
        if place is None:
            return partial(self.read, offset)
        register, on_read, readable = place.register, place.on_read, place.readable
        if on_read is None:
            return lambda: register.value & readable
        return on_read if readable == ALL_BITS else lambda: on_read() & readable

    def is_quiet(self, offset: int) -> bool:
        """Whether reads of a whole register change nothing, and take no time."""
        place = self._plainly_read(offset)
        return place is not None and place.outlook is None

    def _plainly_read(self, offset: int) -> _Place | None:
        """The register there, if all that a read of it does is what its handler does."""
        place = self._places.get(offset)
        if place is None or place.cleared_by_read or type(self).read is not Peripheral.read:
            return None
        return place

    def word_writer(self, offset: int) -> Callable[[int], None]:
        """What takes bus writes of a whole register: `write` for who writes it again and again."""
        place = self._places.get(offset)
        if place is None or type(self).write is not Peripheral.write:
            return partial(self.write, offset)
        if place.cleared_by_one or place.changes:
            return partial(self._write_word, place)
        register, on_write, kept, written = place.register, place.on_write, place.kept, place.written
        reset_value, unmodelled = place.reset_value, place.unmodelled

        def write(value: int) -> None:
            register.value = register.value & kept | value & written
            if (value ^ reset_value) & unmodelled:
                self._report_unmodelled(place, value)
            if on_write is not None:
                on_write(value)

        return write

    def peek(self, offset: int) -> int:
        """Read a word as a debugger does, changing and logging nothing; 0 where there is no register."""
        place = self._places.get(offset)
        if place is None:
            return 0
        return place.register.value if place.peek is None else place.peek()

    def outlook(self, offset: int, size_bytes: int = 4) -> Outlook | None:
        """Tell what reads like that give from now on."""
        place = self._places.get(offset & ~3)
        if place is None:
            return None
        outlook = place.stays() if place.outlook is None else place.outlook()
        is_part_of_count = outlook is not None and outlook.count is not None and size_bytes != 4
        return None if is_part_of_count else outlook

    def reset(self, cause: ResetCause = ResetCause.POWER_ON) -> None:
        """Give the registers their reset values; always-on ones only if the power was off."""
        for register in self.registers():
            if cause is ResetCause.POWER_ON or not register.always_on:
                register.value = register.reset_value
        self._on_reset(cause)

    def clocks_changed(self) -> None:
        """Learn that a frequency of the clock tree is another one now. Override in blocks that count."""

    def clocks_stopped(self, are_stopped: bool) -> None:
        """Learn that the clocks stand still, or go on from where they were. Override in blocks that count."""

    def registers(self) -> Iterator[Register]:
        """Walk the registers in address order."""
        return iter(self._in_order)

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data: the registers in address order, and what `saved_state` names."""
        state = {name: saved(getattr(self, name)) for name in self.saved_state}
        return {"registers": [register.value for register in self._in_order], "state": state}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; the clock must be back already.

        No line is driven: what it leads to has its level in a snapshot of its own.
        """
        for register, value in zip(self._in_order, snapshot["registers"], strict=True):
            register.value = value
        for name in self.saved_state:
            setattr(self, name, restored(getattr(self, name), snapshot["state"][name]))

    def describe(self, offset: int, value: int) -> str:
        """Tell a word at an offset by the names of register and fields; empty if there is no register."""
        place = self._places.get(offset & ~3)
        if place is None:
            return ""
        shown = type(place.register)()
        shown.value = value
        return f"{self.name}.{place.name} {shown.describe()}"

    def _on_reset(self, cause: ResetCause) -> None:
        """Reset the state outside the registers. Override."""

    def _place(self, slot: Slot) -> None:
        methods = {
            moment: getattr(self, self._handlers[moment, slot.kind])
            for moment in _MOMENTS
            if (moment, slot.kind) in self._handlers
        }
        group = []
        for index, offset in enumerate(slot.offsets):
            name = slot.name if slot.count is None else f"{slot.name}[{index}]"
            register = slot.kind(name, offset, slot.reset_value)
            place = self._places[offset] = _Place(register)
            if methods:
                _connect(place, methods, None if slot.count is None else index)
            if register.is_unmodelled and "on_read" not in methods:
                place.on_read = partial(self._read_unmodelled, place)
                place.outlook = place.outlook or _nobody_knows  # each read is counted
            group.append(register)
        setattr(self, slot.name, group[0] if slot.count is None else tuple(group))

    def _read_unmodelled(self, place: _Place) -> int:
        self.environment.log.unmodelled(f"{self.name}.{place.name}", "read")
        return place.register.value

    def _report_unmodelled(self, place: _Place, value: int) -> None:
        register = place.register
        changed = value ^ register.reset_value
        masks = {field.name: field.mask for field in register.fields.values() if not field.modelled}
        for name, mask in (masks | dict(register.gaps)).items():
            if changed & mask:
                detail = f"write {(value & mask) // (mask & -mask):#x}"
                self.environment.log.unmodelled(f"{self.name}.{place.name}.{name}", detail)

    def _read_part(self, offset: int, size_bytes: int) -> int:
        word = offset & ~3
        if word not in self._places:
            self.environment.log.unmodelled(f"{self.name}+{offset:#x}", f"read {size_bytes} bytes")
            return 0
        return self.read(word) >> 8 * (offset - word) & (1 << 8 * size_bytes) - 1

    def _write_part(self, offset: int, value: int, size_bytes: int) -> None:
        word = offset & ~3
        if word not in self._places:
            self.environment.log.unmodelled(
                f"{self.name}+{offset:#x}", f"write {value:#x}, {size_bytes} bytes"
            )
            return
        register = self._places[word].register
        shift = 8 * (offset - word)
        lanes = (1 << 8 * size_bytes) - 1 << shift
        kept = self.peek(word) & register.written & register.readable & ~lanes
        self.write(word, kept | value << shift & lanes)


def _connect(place: _Place, methods: dict[str, Any], index: int | None) -> None:
    """Bind handlers, by their moments, to a register: of an array that with this index."""
    calls = methods
    if index is not None:
        calls = {moment: partial(method, index) for moment, method in methods.items()}
    if (writer := methods.get("on_write")) is not None:
        place.on_write, place.changes = calls["on_write"], writer.changes
    if (reader := methods.get("on_read")) is not None:
        place.on_read = calls["on_read"]
        place.peek = None if reader.consumes else place.on_read
        place.outlook = None if reader.steady else _nobody_knows
    place.peek = calls.get("on_peek", place.peek)
    place.outlook = calls.get("on_outlook", place.outlook)


def _nobody_knows() -> None:
    """Of a register whose handler does not say what it does."""


def _check_map(cls: type[Peripheral]) -> None:
    taken: dict[int, str] = {}
    for slot in cls.slots.values():
        slot.check(cls.__name__)
        for offset in slot.offsets:
            if offset in taken:
                raise DeclarationError(f"{cls.__name__}.{slot.name} overlaps {taken[offset]} at {offset:#x}")
            taken[offset] = slot.name
    for (_, kind), method in cls._handlers.items():
        count = sum(slot.kind is kind for slot in cls.slots.values())
        if count != 1:
            where = "not in the register map" if count == 0 else "there more than once"
            raise DeclarationError(f"{cls.__name__}.{method} handles {kind.__name__}, which is {where}")
