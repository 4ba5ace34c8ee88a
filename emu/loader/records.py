"""Intel HEX and Motorola S-records: text that says which bytes lie where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from emu.loader.errors import Origin
from emu.loader.piece import MemoryPiece
from emu.loader.recognise import Format

_END: Final = {Format.INTEL_HEX: (":00000001FF",), Format.S_RECORDS: ("S5", "S6", "S7", "S8", "S9")}

_WITHOUT_DATA: Final = (1, 3, 5)
"""The end, and where the program starts."""
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

    try:
        found_runs = _intel_runs(text) if found is Format.INTEL_HEX else _motorola_runs(text)
        pieces = _joined(found_runs)
    except (bincopy.Error, ValueError, IndexError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise origin.error(found, f"damaged ({reason[:100]}): build it again") from None
    if not pieces:
        raise origin.error(found, "holds no bytes: build it again")
    return pieces


def _intel_runs(lines: list[str]) -> Iterator[tuple[int, bytes]]:
    import bincopy

    segment = upper = 0
    for line in lines:
        kind, address, _, data = bincopy.unpack_ihex(line)
        match kind:
            case bincopy.IHEX_DATA:
                yield upper + segment + address, bytes(data)
            case bincopy.IHEX_EXTENDED_SEGMENT_ADDRESS:
                segment = int.from_bytes(data, "big") << 4
            case bincopy.IHEX_EXTENDED_LINEAR_ADDRESS:
                upper = int.from_bytes(data, "big") << 16
            case _ if kind not in _WITHOUT_DATA:
                raise ValueError(f"a record of type {kind}")


def _motorola_runs(lines: list[str]) -> Iterator[tuple[int, bytes]]:
    import bincopy

    for line in lines:
        kind, address, _, data = bincopy.unpack_srec(line)
        if kind in "123":
            yield address, bytes(data)


def _joined(runs: Iterable[tuple[int, bytes]]) -> tuple[MemoryPiece, ...]:
    """Runs of bytes in the order of their addresses, joined where they touch."""
    joined: list[tuple[int, bytearray]] = []
    end = -1
    for address, data in sorted((run for run in runs if run[1]), key=lambda run: run[0]):
        if address < end:
            raise ValueError(f"two records hold {address:#010x}")
        if address > end:
            joined.append((address, bytearray()))
        joined[-1][1].extend(data)
        end = address + len(data)
    return tuple(MemoryPiece(address, bytes(data)) for address, data in joined)
