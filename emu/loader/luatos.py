"""LuatOS' .soc packages: a 7-Zip archive with a firmware package, a script image and `info.json`.

Source: xmake.lua and soc_tools/*.json of openLuat/luatos-soc-air101.
"""

from __future__ import annotations

import io
import lzma
import zlib
from dataclasses import dataclass
from typing import Any, Final

from emu.loader.errors import LoadError, Origin
from emu.loader.fls import parse_fls
from emu.loader.image import Image
from emu.loader.piece import FlashPiece
from emu.memory_map import FLASH_BASE, FLASH_END

_MEMBER_LIMIT_BYTES: Final = 32 << 20
_INFO: Final = "info.json"


@dataclass(frozen=True, slots=True)
class LuatosPackage:
    """What is inside: the images of the core, the Lua scripts' place in flash, the chip's name."""

    images: tuple[Image, ...]
    script: FlashPiece | None
    chip: str


def parse_soc(data: bytes, origin: Origin) -> LuatosPackage:
    """Unpack a package; needs py7zr (the extra `soc`)."""
    info = _info(_members(data, (_INFO,), origin), origin)
    try:
        core, chip = str(info["rom"]["file"]), str(info["chip"]["type"])
        script = info.get("script", {}).get("file")
        # Addresses of the script: with or without 0x, always hexadecimal.
        script_address = int(str(info["rom"]["fs"]["script"]["offset"]), 16) if script else 0
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise origin.error(_INFO, f"rom or script not described ({error}): pack it again") from None
    members = _members(data, (core, script) if script else (core,), origin)
    if core not in members:
        raise origin.error(_INFO, f"names {core!r}, which the archive does not hold: pack it again")
    piece = None
    if script in members:
        piece = _script_piece(members[script], script_address, Origin(f"{origin.name}: {script}"))
    # The file's name is the module's; `type` may be that of a relative (AIR601.fls of V1025 says air103).
    name = core.rpartition(".")[0] or chip
    return LuatosPackage(parse_fls(members[core], Origin(f"{origin.name}: {core}")), piece, name)


def _script_piece(data: bytes, address: int, origin: Origin) -> FlashPiece:
    """The scripts lie where info.json says; the header is that of a template, and is not stored."""
    if not FLASH_BASE <= address < FLASH_END:
        raise origin.error("script address", f"{address:#010x} is outside flash: pack it again")
    body = Image.parse(data, origin).verify().body
    return FlashPiece(address - FLASH_BASE, body, "Lua scripts")


def _info(members: dict[str, bytes], origin: Origin) -> dict[str, Any]:
    if _INFO not in members:
        raise origin.error(
            "archive", f"holds no {_INFO}: this is no LuatOS package; give the firmware inside"
        )
    try:
        import json  # for these packages only

        info = json.loads(members[_INFO])
    except ValueError as error:
        raise origin.error(_INFO, f"damaged ({error}): pack it again") from None
    if not isinstance(info, dict):
        raise origin.error(_INFO, "is no JSON object: pack it again")
    return info


def _members(data: bytes, wanted: tuple[str, ...], origin: Origin) -> dict[str, bytes]:
    """The wanted files of the archive, as far as it has them; the others may be packed in any way."""
    try:
        import py7zr
        from py7zr.exceptions import ArchiveError
        from py7zr.io import BytesIOFactory
    except ImportError:
        raise LoadError(f"{origin.name}: a LuatOS package needs py7zr: pip install 'w800emu[soc]'") from None
    factory = BytesIOFactory(_MEMBER_LIMIT_BYTES)
    try:
        with py7zr.SevenZipFile(io.BytesIO(data)) as archive:
            paths = {name.rpartition("/")[2]: name for name in archive.getnames()}
            targets = [paths[name] for name in wanted if name in paths]
            if targets:
                archive.extract(targets=targets, factory=factory)
    except (ArchiveError, lzma.LZMAError, zlib.error, *_DAMAGED) as error:
        raise origin.error("7-Zip archive", f"damaged ({str(error)[:100]}): copy it again") from None
    products = {name: factory.products.get(paths.get(name, "")) for name in wanted}
    return {name: bytes(product.read()) for name, product in products.items() if product is not None}


_DAMAGED: Final = (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, AssertionError)
"""What py7zr lets through for damaged archives."""
