"""Intel HEX and Motorola S-records: text that says which bytes lie where."""

from __future__ import annotations

from typing import Final

from emu.loader.errors import Origin
from emu.loader.piece import MemoryPiece
from emu.loader.recognise import Format

_END: Final = {Format.INTEL_HEX: (":00000001FF",), Format.S_RECORDS: ("S5", "S6", "S7", "S8", "S9")}


def parse_records(data: bytes, found: Format, origin: Origin) -> tuple[MemoryPiece, ...]:
    """Read the records of either format; bytes that follow each other come as one piece."""
    text = data.decode("ascii", "replace")
    last = text.rstrip().rpartition("\n")[2].strip().upper()
    if not last.startswith(_END[found]):
        at = origin.at(len(data.rstrip()) - len(last))
        raise at.error("last record", f"{last[:44]!r} does not end the file: it is truncated; copy it again")
    import bincopy  # most runs need none of it

    file = bincopy.BinFile()
    try:
        (file.add_ihex if found is Format.INTEL_HEX else file.add_srec)(text)
    except (bincopy.Error, ValueError, IndexError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise origin.error(found, f"damaged ({reason[:100]}): build it again") from None
    pieces = tuple(MemoryPiece(segment.address, bytes(segment.data)) for segment in file.segments)
    if not pieces:
        raise origin.error(found, "holds no bytes: build it again")
    return pieces
