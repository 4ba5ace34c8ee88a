"""Reads firmware in every form that the SDKs and their users have, and lays it into a flash."""

from emu.loader.build_choice import find_firmware
from emu.loader.call_frames import CallFrames
from emu.loader.errors import LoadError
from emu.loader.files import write_atomically
from emu.loader.firmware import Firmware, FirmwareKind, RamProgram
from emu.loader.flash_image import (
    DEFAULT_FLASH_SIZE,
    FLASH_SIZES,
    app_header_address,
    compose_flash,
    flash_into,
    holds_firmware,
    smallest_flash,
)
from emu.loader.frame_rules import FrameRules, RegisterRule, Where
from emu.loader.image import BootFlag, Compression, Image, ImageHeader, ImageType
from emu.loader.load import (
    load_bootloader,
    load_firmware,
    load_flash_file,
    load_partition_table,
    symbols_of,
)
from emu.loader.ota import pack_ota, unpack_ota
from emu.loader.partition_table import Partition, PartitionTable
from emu.loader.piece import FlashPiece, MemoryPiece
from emu.loader.source_lines import SourceLines
from emu.loader.structures import Structure, Structures
from emu.loader.symbols import Symbol, SymbolKind, Symbols

__all__ = [
    "DEFAULT_FLASH_SIZE",
    "FLASH_SIZES",
    "BootFlag",
    "CallFrames",
    "Compression",
    "Firmware",
    "FirmwareKind",
    "FlashPiece",
    "FrameRules",
    "Image",
    "ImageHeader",
    "ImageType",
    "LoadError",
    "MemoryPiece",
    "Partition",
    "PartitionTable",
    "RamProgram",
    "RegisterRule",
    "SourceLines",
    "Structure",
    "Structures",
    "Symbol",
    "SymbolKind",
    "Symbols",
    "Where",
    "app_header_address",
    "compose_flash",
    "find_firmware",
    "flash_into",
    "holds_firmware",
    "load_bootloader",
    "load_firmware",
    "load_flash_file",
    "load_partition_table",
    "pack_ota",
    "smallest_flash",
    "symbols_of",
    "unpack_ota",
    "write_atomically",
]
