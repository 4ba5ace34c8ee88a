"""The built-in firmware: OTA updates, and the AT firmware that they install."""

from __future__ import annotations

from pathlib import Path

import roms
from emu.loader import load_firmware
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin
from emu.loader.files import read_file
from emu.memory_map import FLASH_BASE
from emu.network import AccessPoint, Network

_ROMS = Path(roms.__file__).parent
BUILT_IN_FIRMWARE = _ROMS / "ota_ops" / "ota_ops.fls"
OVER_THE_AIR_FIRMWARE = _ROMS / "ota_http" / "ota_http.fls"
"""Loads its update by HTTP, in the strongest open network."""
OVER_THE_AIR_PROGRAMS = (_ROMS / "ota_http" / "ota_http.elf", _ROMS / "atcmd" / "atcmd.elf")
BUILT_IN_PROGRAMS = (_ROMS / "ota_ops" / "ota_ops.elf", _ROMS / "atcmd" / "atcmd.elf")
_UPDATE = _ROMS / "atcmd" / "atcmd_ota.img"


def serve_update(network: Network) -> None:
    """Have the update there that the firmware `ota_http` looks for."""
    network.serve_http({"/atcmd_ota.img": read_file(_UPDATE)}, host="update.test")


def over_the_air_network() -> Network:
    """Two networks, one of them open, and the server with the update."""
    network = Network(
        AccessPoint("workshop", "correct horse", channel=1, signal_dbm=-40),
        AccessPoint("lobby", channel=6, signal_dbm=-52),
    )
    serve_update(network)
    return network


def holds_demo(flash: bytes) -> bool:
    """Whether flash contents are those of the demo, at any point of its story."""
    for file in BUILT_IN_PROGRAMS:
        program = parse_elf(read_file(file), Origin(file.name))
        if flash.startswith(program.flash_contents, program.flash_address - FLASH_BASE):
            return True
    table = load_firmware(BUILT_IN_FIRMWARE).partition_table
    assert table is not None
    return flash.startswith(read_file(_UPDATE), table.require("app_ota").offset)
