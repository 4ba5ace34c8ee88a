"""Power cuts while the SDK's own bootloader installs the SDK's update."""

from __future__ import annotations

from pathlib import Path

from support.atcmd import INITIALISED
from support.leaping import end_of, leaping

from emu.machine import Machine
from emu.regress.powercut.device import Device
from emu.regress.powercut.options import CutOptions
from emu.regress.scenario import Scenario

APP_OTA = 0x13_1000
RECORDED, SHORTENED = "1030-after", ("1026-amid-prefix", "1056-amid-unstable")


def test_starts_behind_cuts_are_shortened_and_end_the_same(real_bootloader: Path, atcmd_ota: bytes) -> None:
    def story(machine: Machine) -> None:
        machine.flash.load(APP_OTA, atcmd_ota)
        check(machine)

    def check(machine: Machine) -> None:
        machine.uart0.expect(INITIALISED, timeout_s=60)

    device = Device(
        Scenario("update", None, {"bootloader": real_bootloader}, story, check), CutOptions(merge=False)
    )
    ways = leaping(device)
    end_of(device, RECORDED, ways)
    for cut in SHORTENED:
        shortened = end_of(device, cut, ways)
        assert ways.has_leapt, cut
        assert shortened == end_of(device, cut)
    device.close()
