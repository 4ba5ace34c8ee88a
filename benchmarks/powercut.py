"""How many power cuts a second a core makes: python -m benchmarks.powercut [--sdk DIR] [--every N].

All cuts of the built-in update; with an SDK also those of the update that its example carries, installed by
the modelled bootloader, and of those installed by the real bootloader, which is executed, every Nth 240
neighbouring ones. CPU time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from emu.machine import Machine
from emu.regress.powercut.device import Device
from emu.regress.powercut.options import CutOptions
from emu.regress.scenario import Scenario, load_scenario

APP_OTA = 0x13_1000
BOOTLOADER = "components/bootloader/w80x/bootloader.bin"
UPDATE = "examples/ota/ota_ops/main/src/atcmd_ota.img"
NEIGHBOURS = 240
INITIALISED = "atcmd init finished"


def real_update(sdk: Path, bootloader: str | Path) -> Scenario:
    """The SDK's own update lies in the flash, and is installed at the first start."""
    image = (sdk / UPDATE).read_bytes()

    def story(machine: Machine) -> None:
        machine.flash.load(APP_OTA, image)
        check(machine)

    def check(machine: Machine) -> None:
        machine.uart0.expect(INITIALISED, timeout_s=60)

    return Scenario("real update", None, {"bootloader": bootloader}, story, check)


def measure(name: str, scenario: Scenario, every: int) -> None:
    """Make every Nth of rows of neighbouring cuts, and print a line."""
    device = Device(scenario, CutOptions())
    lefts = device.lefts()
    step = every * NEIGHBOURS
    rows = range((step - NEIGHBOURS) // 2, len(lefts), step)
    lefts = [left for row in rows for left in lefts[row : row + NEIGHBOURS]]
    begin = time.process_time()
    outcomes = [(device.is_known(left), device.outcome_of(left)) for left in lefts]
    spent_s = time.process_time() - begin
    device.close()
    started = [outcome for was_known, outcome in outcomes if not was_known]
    merged = sum(outcome.merged for outcome in started)
    shortened = sum(outcome.shortened for outcome in started)
    bad = sum(outcome.verdict != "good" for _, outcome in outcomes)
    made = f"{len(device.operations):5} operations {len(lefts):6,} cuts {len(started):6,} started"
    speed = f"{len(lefts) / spent_s:7.1f} cuts/s {len(started) / spent_s:7.1f} starts/s"
    print(f"{name:<34} {made} {merged:6,} merged {shortened:6,} shortened {bad:4} bad {speed}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sdk", type=Path, help="the folder of a WM IoT SDK, for its own update")
    parser.add_argument(
        "--every", type=int, default=1, help="of cuts by the real bootloader make every Nth row of 240"
    )
    options = parser.parse_args()
    measure("built-in update", load_scenario(None), 1)
    if options.sdk is not None:
        measure("real update, modelled bootloader", real_update(options.sdk, "modeled"), 1)
        bootloader = options.sdk / BOOTLOADER
        measure("real update, real bootloader", real_update(options.sdk, bootloader), options.every)


if __name__ == "__main__":
    main()
