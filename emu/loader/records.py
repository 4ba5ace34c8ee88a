"""Intel HEX and Motorola S-records: text that says which bytes lie where."""

from __future__ import annotations

from typing import Final

from emu.loader.errors import Origin
from emu.loader.piece import MemoryPiece
from emu.loader.recognise import Format

_END: Final = {Format.INTEL_HEX: (":00000001FF",), Format.S_RECORDS: ("S5", "S6", "S7", "S8", "S9")}

_START: Final = {Format.INTEL_HEX: ":", Format.S_RECORDS: "S"}


def parse_records(data: bytes, found: Format, origin: Origin) -> tuple[MemoryPiece, ...]:
    """Read the records of either format without comments; bytes that follow each other come as one piece."""
    lines = [line.strip("\0\x1a\ufeff ") for line in data.decode("utf-8-sig", "replace").splitlines()]
    start = _START[found]
    text = [line.upper() for line in lines if line[:1].upper() == start]
    if not text or not text[-1].startswith(_END[found]):
        last = text[-1][:44] if text else ""
        raise origin.error("last record", f"{last!r} does not end the file: it is truncated; copy it again")
    import bincopy  # most runs need none of it

    file = bincopy.BinFile()
    try:
        (file.add_ihex if found is Format.INTEL_HEX else file.add_srec)("\n".join(text))
    except (bincopy.Error, ValueError, IndexError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise origin.error(found, f"damaged ({reason[:100]}): build it again") from None
    pieces = tuple(MemoryPiece(segment.address, bytes(segment.data)) for segment in file.segments)
    if not pieces:
        raise origin.error(found, "holds no bytes: build it again")
    return pieces
