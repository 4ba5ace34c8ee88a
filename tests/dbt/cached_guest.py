"""A guest whose translations are kept in a folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from support.guest import FLASH, Guest, Program

from emu.dbt.engine import TranslatorEngine
from emu.dbt.region_store import RegionStore

IDENTITY = b"image"


def guest_with(
    directory: Path, value: int, store: RegionStore | None = None
) -> tuple[Guest, TranslatorEngine, RegionStore]:
    guest = Guest()
    store = store or RegionStore(directory, IDENTITY)
    guest.engine = engine = TranslatorEngine(guest.state, guest.bus, guest.events, store)
    program = Program(guest)
    program("movi16", rz=1, imm=value)
    program("lrw16", rz=2, offset=8)
    program("br16", offset=0)
    guest.put(FLASH + 8, (0x1234_5678).to_bytes(4, "little"))
    return guest, engine, store


def run(directory: Path, value: int = 7) -> tuple[Guest, TranslatorEngine]:
    guest, engine, store = guest_with(directory, value)
    engine.run(100)
    engine.settle()
    store.save()
    return guest, engine


def cache_file(directory: Path) -> Path:
    (file,) = directory.iterdir()
    return file


@contextmanager
def opened(directory: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(cache_file(directory), isolation_level=None)) as database:
        yield database


def translated(directory: Path, value: int = 7) -> int:
    """How many regions a run has to translate; what it computes is right."""
    guest, engine = run(directory, value)
    assert guest.state.r[1] == value
    return engine.statistics.regions_translated
