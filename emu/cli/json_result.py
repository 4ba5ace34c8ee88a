"""The result of a run for other programs: `--json FILE`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from emu.cli.run_report import statistics_of
from emu.cli.session import Ending
from emu.cli.text_file import write_text
from emu.machine import Machine


def write_result(path: Path, machine: Machine, ending: Ending, wall_s: float) -> None:
    """Write it at once or not at all; LoadError if it cannot be written."""
    text = json.dumps(_result(machine, ending, wall_s), indent=2, default=str)
    write_text(path, f"{text}\n")


def _result(machine: Machine, ending: Ending, wall_s: float) -> dict[str, Any]:
    reset, crash = machine.last_reset, ending.crash
    return {
        "exit_code": int(ending.code),
        "message": ending.message,
        "virtual_time_s": machine.now_ns / 1e9,
        "wall_time_s": round(wall_s, 3),
        "found": [{"text": text, "time_s": time_ns / 1e9} for text, time_ns in ending.found],
        "missing": list(ending.missing),
        "resets": 0 if reset is None else reset.number,
        "crash": None if crash is None else crash.to_dict(),
        "not_modelled": [
            {"name": name, "count": use.count, "text": str(use)}
            for name, use in machine.board.log.uses.items()
        ],
        "statistics": statistics_of(machine),
    }
