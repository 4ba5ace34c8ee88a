"""200 damaged files of each form: each loads, or ends in one line."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from support.forms import FORMS

from emu.cli.image_report import Report
from emu.loader import LoadError, compose_flash, load_firmware

DAMAGED_FILES = 200


def damage(data: bytes, dice: random.Random) -> bytes:
    """One or more of: flipped bits, a range overwritten, cut, doubled, or removed."""
    mutable = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(min(len(mutable), dice.choice((64, 0x2100, len(mutable)))) or 1)
        size = dice.choice((1, 2, 4, 64, 1000))
        match dice.randrange(5):
            case 0:
                mutable[at : at + 1] = bytes([mutable[at] ^ 1 << dice.randrange(8)]) if mutable else b""
            case 1:
                mutable[at : at + size] = dice.choice((b"\0", b"\xff", b"A", dice.randbytes(1))) * size
            case 2:
                del mutable[dice.randrange(len(mutable) + 1) :]
            case 3:
                mutable[at:at] = mutable[at : at + size]
            case _:
                del mutable[at : at + size]
    return bytes(mutable)


@pytest.mark.parametrize("name", FORMS)
def test_a_damaged_file_loads_or_is_one_line(name: str, tmp_path: Path) -> None:
    whole = FORMS[name]()
    dice = random.Random(name)
    path = tmp_path / name
    for _ in range(DAMAGED_FILES):
        path.write_bytes(damage(whole, dice))
        for use in (_load, _report):
            message = _error_of(use, path)
            assert message is None or ("\n" not in message and name in message)


def _error_of(use: Callable[[Path], None], path: Path) -> str | None:
    try:
        use(path)
    except LoadError as error:
        return str(error)
    return None


def _load(path: Path) -> None:
    compose_flash(load_firmware(path), 0x100_0000)


def _report(path: Path) -> None:
    Report().file(path)
