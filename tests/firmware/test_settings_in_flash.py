"""The settings' format in flash is the SDK's; no damage and no loss of power ruins them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

import roms
from emu.loader.checksum import crc32
from emu.machine.machine import Machine
from emu.report.run_result import RunEnd
from peripherals.flash_operation import Phase

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
READY = r"atcmd init finished\.\r\n"
PARTITION, SECTOR, SLICE = 0x1F_0000, 0x1000, 32
SECTOR_COUNT = 8
UNUSED, USED, DROPPED = 0xFF, 0xFE, 0xFC


@dataclass(frozen=True)
class Item:
    """One item as wm_nvs_item.h lays it out."""

    offset: int
    state: int
    name: str
    group: int
    value: bytes


def started() -> Machine:
    machine = Machine.load(ATCMD, cache=False)
    machine.uart0.expect(READY)
    return machine


def sector_in_use(flash: memoryview) -> tuple[int, int]:
    """Index and serial number; checks the header's checksum (wm_nvs_sector.c)."""
    found = []
    for index in range(SECTOR_COUNT):
        header = bytes(flash[PARTITION + index * SECTOR :][:SLICE])
        magic, state, crc, serial, version = struct.unpack_from("<HBxIIB", header)
        if magic == 0x4D57:
            assert (state, version, crc) == (0xFE, 1, crc32(header[8:]))
            found.append((serial, index))
    serial, index = max(found)
    return index, serial


def items(flash: memoryview) -> list[Item]:
    """All items of the sector in use; checks their checksums."""
    base = PARTITION + sector_in_use(flash)[0] * SECTOR
    result, at = [], base + SLICE
    while at < base + SECTOR and flash[at] != UNUSED:
        raw = bytes(flash[at : at + SLICE])
        group, _segment, kind, crc = struct.unpack_from("<BBHI", raw, 16)
        assert crc == crc32(raw[1:20] + raw[24:])
        size, value = kind >> 4, raw[24 : 24 + (kind >> 4)]
        if size > 8:
            value = bytes(flash[at + SLICE : at + SLICE + size])
            assert raw[24:28] == crc32(value).to_bytes(4, "little")
        result.append(Item(at, raw[0], raw[1:16].split(b"\0")[0].decode(), group, value))
        at += SLICE + (-(-size // SLICE) * SLICE if size > 8 else 0)
    return result


def used(machine: Machine) -> dict[str, Item]:
    return {item.name: item for item in items(machine.flash.contents) if item.state == USED}


def store(machine: Machine, name: str) -> None:
    machine.uart0.write(f"AT+SSID={name}\r\n")
    machine.uart0.expect(r"\+OK\r\n")


def restart(machine: Machine) -> str:
    machine.power_cycle()
    return machine.uart0.expect(rf"(?s).*{READY}")[0]


def ssid(machine: Machine) -> str:
    machine.uart0.write("AT+SSID\r\n")
    return machine.uart0.expect(r'\+OK="(.*)"\r\n')[1]


def test_the_first_start_stores_the_defaults() -> None:
    stored = used(started())
    assert set(stored) == {"wifi", "network", "wm_sta_mac", "wm_cfg_at_wifi", "wm_cfg_at_tcpip"}
    assert stored["wm_sta_mac"].group == stored["wifi"].value[0]
    assert stored["wm_cfg_at_tcpip"].group == stored["network"].value[0]
    assert stored["wm_sta_mac"].value == bytes.fromhex("028000000001")


def test_a_new_value_drops_the_old_one() -> None:
    machine = started()
    store(machine, "second")
    states = [item.state for item in items(machine.flash.contents) if item.name == "wm_cfg_at_wifi"]
    assert states == [DROPPED, USED]


def test_a_full_sector_hands_over_to_the_next_ones_in_turn() -> None:
    machine = started()
    machine.uart0.write("AT+E=0\r\n")
    index, serial = sector_in_use(machine.flash.contents)
    assert (index, serial) == (0, 0)
    for number in range(130):
        store(machine, f"name {number}")
    assert sector_in_use(machine.flash.contents) == (serial + 3, serial + 3)
    restart(machine)
    assert ssid(machine) == "name 129"


def test_a_damaged_item_is_reported_and_removed() -> None:
    machine = started()
    store(machine, "kept")
    mac = used(machine)["wm_sta_mac"]
    machine.flash.load(mac.offset, bytes([DROPPED]))
    machine.flash.load(mac.offset + 24, b"\0")
    log = restart(machine)
    assert "nvs: scan item crc err in 0,status=fc,key=wm_sta_mac,do GC\r\n" in log
    assert log.index("do GC") < log.index("ver:")
    assert sector_in_use(machine.flash.contents) == (1, 1)
    assert ssid(machine) == "kept"
    assert used(machine)["wm_sta_mac"].value == mac.value
    assert "crc err" not in restart(machine)


def test_damage_of_the_header_costs_the_settings_not_the_device() -> None:
    machine = started()
    store(machine, "lost")
    machine.flash.load(PARTITION, b"\0\0")
    assert "set default wifi config" in restart(machine)
    assert ssid(machine) == ""


@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
@pytest.mark.parametrize("operation", range(1, 5))
def test_a_power_cut_leaves_the_old_or_the_new_value(operation: int, phase: Phase) -> None:
    machine = started()
    store(machine, "old")
    machine.cut_power_at_flash_operation(operation, phase)
    machine.uart0.write("AT+SSID=new\r\n")
    cut = machine.run_for(1.0).end is RunEnd.POWER_CUT
    assert "set default" not in restart(machine)
    assert ssid(machine) in (("old", "new") if cut else ("new",))


def test_a_power_cut_while_a_sector_is_handed_over_loses_nothing() -> None:
    for operation in range(1, 6):
        machine = started()
        while sector_in_use(machine.flash.contents)[0] == 0:
            before = bytes(machine.flash.contents)
            store(machine, "old")
        machine = started()
        machine.flash.load(0, before)
        machine.power_cycle()
        machine.uart0.expect(READY)
        machine.cut_power_at_flash_operation(operation, Phase.AFTER)
        machine.uart0.write("AT+SSID=new\r\n")
        assert machine.run_for(1.0).end is RunEnd.POWER_CUT
        assert "set default" not in restart(machine)
        assert ssid(machine) in ("old", "new")
