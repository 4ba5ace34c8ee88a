"""How long the SDK's own binaries take: python benchmarks/sdk.py [SDK]; without SDK: WM_IOT_SDK_PATH.

Two runs, each cold (nothing translated on disk) and warm, from loading on: the real bootloader unpacks the
update that the SDK's example ota_ops carries, and starts it; that firmware, `atcmd`, comes up. The best of
some runs counts. Then one more run of each tells how its time divides.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emu.bus import Bus
from emu.dbt.translator import Translator
from emu.loader import Image, unpack_ota
from emu.loader.errors import Origin
from emu.machine import Machine

RUNS = 3
APP_OTA = 0x13_1000
BOOTLOADER = "components/bootloader/w80x/bootloader.bin"
UPDATE = "examples/ota/ota_ops/main/src/atcmd_ota.img"


Load = Callable[[bool], Machine]
"""Makes a machine; whether with translations of an earlier run."""


def seconds_of(load: Load, text: str, *, cache: bool) -> float:
    """Wall time from loading to `text`, of the best of `RUNS` runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        with load(cache) as machine:
            machine.uart0.expect(text, timeout_s=60)
        times.append(time.perf_counter() - start)
    return min(times)


class Stopwatch:
    """Measures the time spent in calls of a method, those it makes to itself counted once."""

    def __init__(self, owner: type, name: str) -> None:
        self.seconds = 0.0
        self._owner, self._name, self._method = owner, name, getattr(owner, name)
        self._is_running = False
        setattr(owner, name, self._timed())

    def _timed(self) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if self._is_running:
                return self._method(*arguments)
            self._is_running = True
            start = time.perf_counter()
            try:
                return self._method(*arguments)
            finally:
                self.seconds += time.perf_counter() - start
                self._is_running = False

        return call

    def remove(self) -> None:
        """Put the method back."""
        setattr(self._owner, self._name, self._method)


def division_of(machine: Machine, text: str) -> str:
    """Run until `text`, and tell the shares of translation, device models and execution."""
    translation = Stopwatch(Translator, "translate")
    models = [Stopwatch(Bus, "read"), Stopwatch(Bus, "write")]
    start = time.perf_counter()
    machine.uart0.expect(text, timeout_s=60)
    total = time.perf_counter() - start
    for watch in (translation, *models):
        watch.remove()
    parts = {"translation": translation.seconds, "models": sum(watch.seconds for watch in models)}
    parts["execution and the way in and out"] = total - sum(parts.values())
    shares = ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in parts.items())
    return f"{machine.executed:,} instructions; {shares}"


def main() -> None:
    """Measure and print."""
    sdk = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("WM_IOT_SDK_PATH", ""))
    bootloader, update = sdk / BOOTLOADER, sdk / UPDATE
    if not (bootloader.is_file() and update.is_file()):
        sys.exit(f"benchmarks/sdk.py: {sdk} is no WM IoT SDK: give its folder, or set WM_IOT_SDK_PATH")
    packed = update.read_bytes()

    def updated(cache: bool) -> Machine:
        machine = Machine.load(bootloader=bootloader, cache=cache)
        machine.flash.load(APP_OTA, packed)
        return machine

    with tempfile.TemporaryDirectory() as folder:
        atcmd = Path(folder, "atcmd.img")
        atcmd.write_bytes(unpack_ota(Image.parse(packed, Origin(update.name))).to_bytes())

        def started(cache: bool) -> Machine:
            return Machine.load(atcmd, cache=cache)

        runs: list[tuple[str, str, Load]] = [
            ("real bootloader unpacks and starts atcmd", "main: ver: ", updated),
            (
                "real atcmd, reset to prompt",
                "atcmd init finished",
                lambda cache: Machine.load(atcmd, cache=cache),
            ),
        ]
        for title, text, load in runs:
            cold = seconds_of(load, text, cache=False)
            seconds_of(load, text, cache=True)  # fills the cache
            warm = seconds_of(load, text, cache=True)
            print(f"{title}: cold {cold:.2f} s, warm {warm:.2f} s")
            for name, cache in (("cold", False), ("warm", True)):
                with load(cache) as machine:
                    print(f"    {name}: {division_of(machine, text)}")


if __name__ == "__main__":
    main()
