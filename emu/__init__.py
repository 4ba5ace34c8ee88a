"""W800-family emulator: the public names. They are imported when they are used: all of it takes its time."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emu.cache.translations import Translations
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
    from emu.network import AccessPoint, HttpAnswer, Network
    from peripherals.framework.waveform import Waveform

__all__ = [
    "AccessPoint",
    "CrashReport",
    "ExpectationError",
    "HttpAnswer",
    "LoadError",
    "Machine",
    "MachineError",
    "MachineOptions",
    "Network",
    "ResetReport",
    "RunEnd",
    "RunResult",
    "Translations",
    "UartPort",
    "Waveform",
    "Whereabouts",
]

_ELSEWHERE = {
    "LoadError": "emu.loader",
    "Translations": "emu.cache.translations",
    "Waveform": "peripherals.framework.waveform",
    **dict.fromkeys(("AccessPoint", "HttpAnswer", "Network"), "emu.network"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'emu' has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, "emu.machine")), name)
