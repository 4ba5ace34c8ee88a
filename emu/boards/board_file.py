"""Reads and checks board files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from emu.boards.toml_lines import lines_of
from emu.loader import FLASH_SIZES, LoadError
from emu.loader.files import read_file
from emu.options import PSRAM_SIZES, MachineOptions, PathLike, suggestion
from emu.parts.errors import PartError
from emu.parts.part import Part
from emu.parts.table import part_kind
from emu.parts.wiring import BUS, BUSES, checked_wires, roles_of
from emu.quantities import parse_size
from emu.soc.pins import PinError, plain_pin
from emu.soc.variants import VARIANTS, find_variant

FOLDER: Final = Path(__file__).parent
_OPTIONS: Final = {"chip": "chip", "psram": "psram_size_bytes", "flash": "flash_size_bytes"}
_SIZES: Final = {"psram": PSRAM_SIZES, "flash": FLASH_SIZES}
_OTHERS: Final = ("description", "parts")
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BoardPart:
    """A part as a board file has it, checked."""

    name: str
    kind: type[Part]
    settings: dict[str, Any]
    wires: dict[str, str]
    line: int
    """Where it begins in the file."""
    image: Path | None = None
    """What a memory holds at first."""

    def make(self) -> Part:
        """A new one."""
        return self.kind(**self.settings)


@dataclass(frozen=True, slots=True)
class BoardFile:
    """A board: options of `Machine.load`, and parts."""

    path: Path
    description: str
    options: MachineOptions
    parts: tuple[BoardPart, ...]

    @property
    def name(self) -> str:
        """That of its file."""
        return self.path.stem


def board_names() -> list[str]:
    """The boards that ship with the emulator."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_board(board: PathLike) -> BoardFile:
    """A board by its name, in any case, or from a file; LoadError names file and line of what is wrong."""
    name = str(board).lower()
    path = FOLDER / f"{name}.toml" if name in board_names() else Path(board)
    if not path.exists() and path.suffix != ".toml":
        raise LoadError(f"board {board}: neither a file nor one of {', '.join(board_names())}")
    try:
        text = read_file(path).decode()
        content = tomllib.loads(text)
    except UnicodeDecodeError:
        raise LoadError(f"{path}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise LoadError(f"{path}: {error}") from None
    return _Reader(path, content, lines_of(text)).board()


class _Reader:
    """Takes a board out of what a file holds."""

    def __init__(self, path: Path, content: dict[str, Any], lines: dict[tuple[str, ...], int]) -> None:
        self._path = path
        self._content = content
        self._lines = lines

    def board(self) -> BoardFile:
        for name in self._content:
            if name not in (*_OPTIONS, *_OTHERS):
                self._fail((name,), f"unknown name {name!r}{suggestion(name, (*_OPTIONS, *_OTHERS))}")
        parts = self._content.get("parts", {})
        if not isinstance(parts, dict):
            self._fail(("parts",), "parts: a table for each is wanted, such as [parts.led]")
        description = str(self._content.get("description", ""))
        made = tuple(self._part(name, table) for name, table in parts.items())
        return BoardFile(self._path, description, self._options(), made)

    def _options(self) -> MachineOptions:
        found: dict[str, Any] = {}
        for name, option in _OPTIONS.items():
            if (value := self._content.get(name)) is not None:
                found[option] = self._option(name, value)
        return cast(MachineOptions, found)

    def _option(self, name: str, value: object) -> object:
        if name != "chip":
            try:
                size_bytes = parse_size(str(value))
            except ValueError as error:
                self._fail((name,), f"{name}: {error}")
            if size_bytes not in _SIZES[name]:
                known = ", ".join(f"{size >> 20}M" for size in _SIZES[name] if size)
                self._fail((name,), f"{name}: {size_bytes:,} bytes is none of {known}")
            return size_bytes
        if not isinstance(value, str) or find_variant(value) is None:
            self._fail((name,), f"chip: {value!r} is none of {', '.join(VARIANTS)}")
        return value

    def _part(self, name: str, table: Any) -> BoardPart:
        place = ("parts", name)
        if not _NAME.fullmatch(name) or not isinstance(table, dict):
            self._fail(place, f"parts: {name!r} is no name of a table: [parts.led]")
        given = dict(table)
        if "kind" not in given:
            self._fail(place, f"{name}: which kind? 'w800emu board parts' lists them: kind = \"led\"")
        kind = self._tried((*place, "kind"), lambda: part_kind(str(given.pop("kind"))))
        image = self._image(place, kind, given.pop("image", None))
        roles, settings = roles_of(kind), dict(kind.declared_settings())
        for key in given:
            if key not in roles and key not in settings:
                near = suggestion(key, ("kind", *roles, *settings))
                self._fail((*place, key), f"{name}: a {kind.kind} has no {key!r}{near}")
        wires = {key: value for key, value in given.items() if key in roles}
        chosen = {key: value for key, value in given.items() if key not in roles}
        for role, pin in wires.items():
            if role != BUS:
                self._tried((*place, role), partial(plain_pin, pin))
        at = (*place, BUS) if wires.get(BUS) not in (None, *BUSES.get(kind.bus, ())) else place
        plain = self._tried(at, lambda: checked_wires(kind, wires, plain_pin))
        for key, value in chosen.items():
            self._tried((*place, key), partial(settings[key].checked, name, value))
        self._tried(place, partial(kind, **chosen))  # some settings are read as a whole
        return BoardPart(name, kind, chosen, plain, self._lines.get(place, 0), image)

    def _image(self, place: tuple[str, ...], kind: type[Part], given: Any) -> Path | None:
        """The file that a part begins with, beside the board file unless it says otherwise."""
        if given is None:
            return None
        if not hasattr(kind, "load"):
            self._fail((*place, "image"), f"{place[-1]}: a {kind.kind} takes no image")
        path = self._path.parent / str(given)
        if not path.is_file():
            self._fail((*place, "image"), f"{place[-1]}: there is no file {path}")
        return path

    def _tried(self, place: tuple[str, ...], take: Callable[[], Any]) -> Any:
        try:
            return take()
        except (PartError, PinError) as error:
            self._fail(place, str(error))

    def _fail(self, place: tuple[str, ...], why: str) -> NoReturn:
        while place and place not in self._lines:
            place = place[:-1]  # what is not found is in the table around it
        line = self._lines.get(place)
        raise LoadError(f"{self._path}, line {line}: {why}" if line else f"{self._path}: {why}")
