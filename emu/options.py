"""What a machine is made of: each option is declared once, for the API, command line and pytest plugin."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache as remembered
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypedDict, cast, get_args, get_origin, get_type_hints

from emu.cache.translations import Translations
from emu.cycles import MEASURED, CyclesPerInstruction, parse_cycles
from emu.network.network import Network
from emu.network.network_file import parse_network
from emu.quantities import parse_address, parse_duration, parse_number, parse_size

PathLike = str | Path
EngineName = Literal["translator", "interpreter"]
OnCrash = Literal["stop", "continue"]
OnDownload = Literal["stop", "wait"]
CRASH_GRACE_NS: Final = 200_000_000
PSRAM_SIZES: Final = (0, 2 << 20, 4 << 20, 8 << 20)
_NUMBERS: Final = range(1 << 63)


@dataclass(frozen=True, slots=True)
class Text:
    """How an option is written where only text can be: on the command line and in pytest's ini file."""

    default: Any
    parse: Callable[[str], Any] = str
    """ValueError says what is wrong with a text."""
    metavar: str = ""
    name: str = ""
    """Empty: that of the option, with hyphens."""
    meaning: Any = None
    """Its value when it is named, for one that is written without a value."""
    join: Callable[[Sequence[Any]], Any] | None = None
    """Makes one value of several; then the option can be repeated."""


def _parse_path(text: str) -> Path:
    if not text:
        raise ValueError("an empty name is no file")
    return Path(text)


class MachineOptions(TypedDict, total=False):
    """Options of `Machine.load`, all by name."""

    chip: Annotated[str | None, Text(None, metavar="NAME")]
    """Chip or board, as `w800emu info` lists them. [default: guessed from the firmware]"""
    board: Annotated[PathLike | None, Text(None, _parse_path, "FILE|NAME")]
    """What is around the chip: a board file, or a board of `w800emu board list`."""
    base: Annotated[int | None, Text(None, parse_address, "ADDRESS")]
    """Where raw code runs. [default: as its vector table says]"""
    bootloader: Annotated[PathLike, Text("auto", _parse_path, "auto|modeled|none|FILE")]
    """Second bootloader: the firmware's own unless it is modelled (auto), the model, none, or a real one."""
    partition_table: Annotated[PathLike | None, Text(None, _parse_path, "FILE")]
    """Replace the partition table of the firmware by this one."""
    flash_file: Annotated[PathLike | None, Text(None, _parse_path, "FILE")]
    """Take the flash contents from this file if it exists, instead of the firmware."""
    reflash: Annotated[bool, Text(False, meaning=True)]
    """Write the firmware into the flash contents of that file, and keep the rest of them."""
    flash_size_bytes: Annotated[int | None, Text(None, parse_size, "SIZE", "flash-size")]
    """Fit a flash of 1M, 2M, ... 16M. [default: the chip's usual one]"""
    psram_size_bytes: Annotated[int, Text(0, parse_size, "SIZE", "psram")]
    """Fit a PSRAM of 2M, 4M or 8M. [default: what the chip has in its package]"""
    elf: Annotated[PathLike | Sequence[PathLike], Text((), _parse_path, "FILE")]
    """Take symbols from this ELF file, too, such as of the program an update installs (repeatable)."""
    cycles_per_instruction: Annotated[CyclesPerInstruction, Text(MEASURED, parse_cycles, "CYCLES", "cpi")]
    """CPU cycles an instruction takes: a number, or flash=CYCLES,ram=CYCLES. [default: as measured]"""
    flash_times: Annotated[Literal["boards", "maker"], Text("boards")]
    """How long the flash programs and erases: as on boards, or as its maker says. [default: boards]"""
    seed: Annotated[int, Text(0, parse_number, "NUMBER")]
    """Start the chip's random numbers from this one. [default: 0]"""
    network: Annotated[
        Network | None, Text(None, parse_network, "SSID[:PASSWORD]|FILE", "wifi", join=Network.together)
    ]
    """Put an access point into the air, or the networks of a .toml file (repeatable). [default: none]"""
    on_crash: Annotated[OnCrash, Text("stop", name="crash")]
    """What a crash of the firmware does to the run. [default: stop]"""
    crash_grace_ns: Annotated[int, Text(CRASH_GRACE_NS, parse_duration, "TIME", "crash-grace")]
    """How long the firmware's own handler may go on after a crash, to print it, at most. [default: 200ms]"""
    max_resets: Annotated[int | None, Text(None, parse_number, "NUMBER")]
    """End with 1 when the firmware resets the chip more often. [default: any number]"""
    on_download: Annotated[OnDownload, Text("stop", name="download")]
    """What the mask ROM's waiting for a download does to the run. [default: stop; wait if UART0 can send]"""
    recent_branches: Annotated[bool, Text(False, meaning=True)]
    """Have a crash tell the last branches (takes speed)."""
    flash_rules: Annotated[Literal["off", "usual", "all"], Text("off")]
    """Tell what firmware should not do to a flash: see docs/flash-rules.md. [default: off]"""
    engine: Annotated[EngineName, Text("translator")]
    """What executes the code. [default: translator]"""
    skip_polls: Annotated[bool, Text(True, name="no-skip-polls", meaning=False)]
    """Execute every round of loops that only wait for a device: the same, but slower."""
    cache: Annotated[bool | PathLike | Translations, Text(True, name="no-cache", meaning=False)]
    """Neither use nor keep translations on disk. In Python: False, your own folder, or `Translations`."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option as it is declared."""

    name: str
    kind: Any
    """Its type."""
    text: Text

    @property
    def help(self) -> str:
        """The text under its declaration; empty where the source is not at hand."""
        return _docstrings().get(self.name, "")

    @property
    def text_name(self) -> str:
        """Its name where it is written as text."""
        return self.text.name or self.name.replace("_", "-")

    @property
    def choices(self) -> tuple[str, ...]:
        """The only values there are; empty: no list of them."""
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()

    @property
    def is_repeatable(self) -> bool:
        """Whether it takes several values."""
        return self.text.join is not None or any(get_origin(kind) is Sequence for kind in get_args(self.kind))

    def joined(self, values: Sequence[Any]) -> Any:
        """The value of a repeated option; ValueError if its values do not go together."""
        return values if self.text.join is None or not values else self.text.join(values)

    def check(self, value: object) -> None:
        """ValueError unless the value has the type declared, and names or counts something."""
        if not _fits(value, self.kind):
            raise ValueError(f"{self.name}: {value!r} is none of {_described(self.kind)}")


@remembered
def declared_options() -> tuple[Option, ...]:
    """All options, in the order of their declaration."""
    hints = get_type_hints(MachineOptions, include_extras=True)
    return tuple(Option(name, hint.__origin__, hint.__metadata__[0]) for name, hint in hints.items())


def complete(given: MachineOptions) -> MachineOptions:
    """The options given, checked, and the defaults of the others.

    ValueError says what is wrong with a value, TypeError with a name.
    """
    known = {option.name: option for option in declared_options()}
    for name, value in given.items():
        if name not in known:
            raise TypeError(f"unexpected keyword argument {name!r}{suggestion(name, known)}")
        known[name].check(value)
    defaults: Any = {name: option.text.default for name, option in known.items()}
    return cast(MachineOptions, {**defaults, **given})


def suggestion(name: str, known: Iterable[str]) -> str:
    """What a misspelt name was probably meant to be, as the end of a message."""
    import difflib  # for mistakes only

    near = difflib.get_close_matches(name, known := list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def _fits(value: object, kind: Any) -> bool:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is UnionType:
        return any(_fits(value, one) for one in inner)
    if origin is Sequence:
        return isinstance(value, list | tuple) and all(_fits(one, inner[0]) for one in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(_fits(one, inner[1]) for one in value.values())
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and value in _NUMBERS
    return isinstance(value, kind) and value != ""


def _described(kind: Any) -> str:
    inner = get_args(kind)
    if get_origin(kind) in (Literal, UnionType):
        return ", ".join(_described(one) for one in inner)
    if get_origin(kind) is not None:
        return f"a {get_origin(kind).__name__.lower()} of them"
    return getattr(kind, "__name__", str(kind)).replace("NoneType", "None")


@remembered
def _docstrings() -> dict[str, str]:
    """The text under each field; nothing where the source is not at hand."""
    import ast  # only those who tell about options take the time
    import inspect

    try:
        source = ast.parse(inspect.getsource(sys.modules[__name__]))  # for a class it parses, too
    except OSError:
        return {}
    [declaration] = (found for found in source.body if getattr(found, "name", "") == MachineOptions.__name__)
    assert isinstance(declaration, ast.ClassDef)
    texts = {}
    for field, text in pairwise(declaration.body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            texts[ast.unparse(field.target)] = str(ast.literal_eval(text.value))
    return texts
