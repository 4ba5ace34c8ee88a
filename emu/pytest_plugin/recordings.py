"""A failed test leaves its recording: a file that replays what has happened on its device."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from emu.pytest_plugin.dut import Dut

OPTION = "--w800-recordings"
INI = "w800_recordings"
HELP = f"folder for the recordings of failed tests [default: none; on a CI service {INI.replace('_', '-')}]"
TRACED = "10ms"
"""What a trace of the end is about, unless somebody wants more of it."""
_NAME_LENGTH = 120


def folder_of(config: pytest.Config) -> Path | None:
    """Where recordings go; None: nowhere. A CI service is what pytest takes for one."""
    given: str | None = config.getoption(OPTION) or config.getini(INI)
    if given:
        return config.rootpath / given
    on_service = any(os.environ.get(name) for name in ("CI", "BUILD_NUMBER"))
    return config.rootpath / INI.replace("_", "-") if on_service else None


def leave_recording(folder: Path, test: str, number: int, device: Dut) -> str:
    """Write the recording of a test's device; what to do with it, or why there is none."""
    from emu import LoadError, MachineError

    name = re.sub(r"[^\w.-]+", "-", test)[-_NAME_LENGTH:].strip("-")
    path = folder / f"{name}{f'-{number}' if number else ''}.rec"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        device.machine.save_recording(path)
    except (LoadError, MachineError, OSError) as error:
        return f"not written: {error}"
    return f"w800emu replay {path}\nw800emu replay {path} --trace {path}.trace --trace-last {TRACED}"
