"""Our own firmware in the layouts of the older SDKs: no partition table, gzip updates through the secboot."""

from __future__ import annotations

from pathlib import Path

import pytest

import roms
from emu.loader import pack_ota
from emu.machine import Machine, RunEnd

CLASSIC = Path(roms.__file__).parent / "classic"


@pytest.mark.parametrize("form", ["img", "elf"])
@pytest.mark.parametrize(("name", "address"), [("new_w800", "080d0400"), ("w806", "08010400")])
def test_a_program_runs_where_its_sdk_links_it(name: str, address: str, form: str) -> None:
    with Machine.load(CLASSIC / f"{name}.{form}", cache=False) as machine:
        machine.uart0.expect(f"classic: runs at {address}", timeout_s=1)
        machine.uart0.expect("classic: done", timeout_s=1)


def test_an_update_is_packed_with_gzip_and_installed_by_the_second_bootloader() -> None:
    with Machine.load(CLASSIC / "old_w800.img", cache=False) as machine:
        machine.uart0.expect(r"ver: 1\.0\.0", timeout_s=1)
        machine.uart0.expect(r"update: \d+ bytes at 08010000, reboot", timeout_s=2)
        machine.uart0.expect(r"ver: 1\.1\.0", timeout_s=5)
        machine.uart0.expect("classic: done", timeout_s=1)
        installed = bytes(machine.flash.contents[0xD_0000:0xD_0040])
        assert installed == (CLASSIC / "new_w800.img").read_bytes()[:0x40]
        assert machine.flash.contents[0x1F_F000:0x1F_F004] == b"\xff" * 4, "the flag is taken back"


def test_an_ota_image_without_the_flag_is_left_alone() -> None:
    other = pack_ota((CLASSIC / "old_w800.img").read_bytes(), None)
    with Machine.load(CLASSIC / "new_w800.img", cache=False) as machine:
        machine.flash.load(0x1_0000, other)
        machine.uart0.expect(r"ver: 1\.1\.0", timeout_s=2)
        machine.power_cycle()
        machine.uart0.expect(r"ver: 1\.1\.0", timeout_s=2)


def test_a_cut_anywhere_in_the_update_leaves_something_that_runs() -> None:
    for number in range(1, 60, 7):
        machine = Machine.load(CLASSIC / "old_w800.img", cache=False)
        machine.cut_power_at_flash_operation(number)
        assert machine.run(20_000_000_000).end is RunEnd.POWER_CUT
        machine.power_cycle()
        machine.uart0.expect("classic: done", timeout_s=10)
