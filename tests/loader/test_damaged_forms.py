"""200 damaged files of each form: each loads, or ends in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.damage import damaged
from support.forms import FORMS

from emu.cli.image_report import Report
from emu.loader import LoadError, compose_flash, load_firmware

DAMAGED_FILES = 200


@pytest.mark.parametrize("name", FORMS)
def test_a_damaged_file_loads_or_is_one_line(name: str, tmp_path: Path) -> None:
    whole = FORMS[name]()
    path = tmp_path / name
    for seed in range(DAMAGED_FILES):
        path.write_bytes(damaged(whole, seed))
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
