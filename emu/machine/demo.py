"""The built-in firmware: an OTA update, and the AT firmware that it installs."""

from __future__ import annotations

from pathlib import Path

import roms
from emu.loader import load_firmware
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin
from emu.loader.files import read_file
from emu.memory_map import FLASH_BASE

_ROMS = Path(roms.__file__).parent
BUILT_IN_FIRMWARE = _ROMS / "ota_ops" / "ota_ops.fls"
BUILT_IN_PROGRAMS = (_ROMS / "ota_ops" / "ota_ops.elf", _ROMS / "atcmd" / "atcmd.elf")
_UPDATE = _ROMS / "atcmd" / "atcmd_ota.img"


def holds_demo(flash: bytes) -> bool:
    """Whether flash contents are those of the demo, at any point of its story."""
    for file in BUILT_IN_PROGRAMS:
        program = parse_elf(read_file(file), Origin(file.name))
        if flash.startswith(program.flash_contents, program.flash_address - FLASH_BASE):
            return True
    table = load_firmware(BUILT_IN_FIRMWARE).partition_table
    assert table is not None
    return flash.startswith(read_file(_UPDATE), table.require("app_ota").offset)
