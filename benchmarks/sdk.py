"""How long the SDK's own binaries take: python benchmarks/sdk.py [SDK]; without SDK: WM_IOT_SDK_PATH.

Two runs, each cold (nothing translated on disk) and warm, as `w800emu run` with the start of Python: the real
bootloader unpacks the update that the SDK's example ota_ops carries, and starts it; that firmware, `atcmd`,
comes up. The best of some runs counts. Then one more run of each in this process tells how its time divides.
"""

from __future__ import annotations

import os
import subprocess
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


def seconds_of(arguments: list[str]) -> float:
    """Wall time of the best of `RUNS` runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        command = [sys.executable, "-m", "emu.cli", "run", *arguments, "--max-time", "60s"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
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
    with tempfile.TemporaryDirectory() as folder:
        flash_file, atcmd = Path(folder, "flash.bin"), Path(folder, "atcmd.img")
        with Machine.load(bootloader=bootloader, cache=False) as machine:
            machine.flash.load(APP_OTA, update.read_bytes())
            machine.save_flash(flash_file)
        atcmd.write_bytes(unpack_ota(Image.parse(update.read_bytes(), Origin(update.name))).to_bytes())
        runs: list[tuple[str, str, list[str], dict[str, Any]]] = [
            (
                "real bootloader unpacks and starts atcmd",
                "main: ver: ",
                ["--bootloader", str(bootloader), "--flash-file", str(flash_file)],
                {"bootloader": bootloader, "flash_file": flash_file},
            ),
            ("real atcmd, reset to prompt", "atcmd init finished", [str(atcmd)], {"firmware": atcmd}),
        ]
        for title, text, arguments, options in runs:
            cold = seconds_of([*arguments, "--expect", text, "--no-cache"])
            seconds_of([*arguments, "--expect", text])  # fills the cache
            warm = seconds_of([*arguments, "--expect", text])
            print(f"{title}: cold {cold:.2f} s (6 s wanted), warm {warm:.2f} s (3 s wanted)")
            for name, cache in (("cold", False), ("warm", True)):
                with Machine.load(**options, cache=cache) as machine:
                    print(f"    {name}: {division_of(machine, text)}")


if __name__ == "__main__":
    main()
