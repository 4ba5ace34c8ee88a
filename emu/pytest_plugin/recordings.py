"""A failed test leaves files: a recording that replays it, a trace of its end, and what was shown of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from emu.escape import as_argument
from emu.pytest_plugin.dut import Dut

OPTION = "--w800-recordings"
INI = "w800_recordings"
HELP = (
    "folder for recordings, traces and reports of failed tests "
    f"[default: none; on a CI service {INI.replace('_', '-')}]"
)
TRACED_NS = 10_000_000
"""Before the crash, or the end of the test: what a trace is about, unless somebody wants more of it."""
_NAME_LENGTH = 120


def folder_of(config: pytest.Config) -> Path | None:
    """Where recordings go; None: nowhere. A CI service is what pytest takes for one."""
    given: str | None = config.getoption(OPTION) or config.getini(INI)
    if given:
        return config.rootpath / given
    on_service = any(os.environ.get(name) for name in ("CI", "BUILD_NUMBER"))
    return config.rootpath / INI.replace("_", "-") if on_service else None


def leave_recording(
    folder: Path, test: str, number: int, device: Dut, shown: Iterable[tuple[str, str]]
) -> str:
    """Write the files of a test's device; what to do with them, or why there are none.

    `shown`: what the report of the test has about the device, with titles.
    """
    from emu import LoadError, MachineError
    from emu.loader import write_atomically
    from emu.trace.last import trace_last

    name = re.sub(r"[^\w.-]+", "-", test)[-_NAME_LENGTH:].strip("-")
    recording, trace, report = (
        folder / f"{name}{f'-{number}' if number else ''}.{ending}" for ending in ("rec", "trace", "txt")
    )
    machine = device.machine
    try:
        folder.mkdir(parents=True, exist_ok=True)
        machine.save_recording(recording)
        text = "".join(f"{f' {title} ':-^80}\n{text}\n" for title, text in shown)
        write_atomically(report, f"{test}\n{text}".encode())
        trace_last(machine, trace, TRACED_NS, device.crashes[-1].time_ns if device.crashes else None)
    except OSError as error:
        return f"not written: {folder}: {error.strerror}"
    except (LoadError, MachineError) as error:
        return f"not written: {error}"
    replay = f"w800emu replay {as_argument(recording)}"
    return f"{replay}\n{replay} --gdb\nw800emu trace {as_argument(trace)}\n{report}"
