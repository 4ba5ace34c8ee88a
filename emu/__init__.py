"""W800-family emulator: the public names. They are imported when they are used: all of it takes its time."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emu.loader import LoadError
    from emu.machine import (
        CrashReport,
        ExpectationError,
        Machine,
        MachineError,
        MachineOptions,
        ResetReport,
        RunEnd,
        RunResult,
        UartPort,
        Whereabouts,
    )

__all__ = [
    "CrashReport",
    "ExpectationError",
    "LoadError",
    "Machine",
    "MachineError",
    "MachineOptions",
    "ResetReport",
    "RunEnd",
    "RunResult",
    "UartPort",
    "Whereabouts",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'emu' has no attribute {name!r}")
    return getattr(import_module("emu.loader" if name == "LoadError" else "emu.machine"), name)
