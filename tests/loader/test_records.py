"""Intel HEX and S-records: the library reads a record, the loader joins them."""

from __future__ import annotations

import random

import bincopy
import pytest
from support.work import lines_executed

from emu.loader.errors import LoadError, Origin
from emu.loader.piece import MemoryPiece
from emu.loader.recognise import Format
from emu.loader.records import parse_records

ORIGIN = Origin("app.hex")
FORMS = {"ihex": Format.INTEL_HEX, "srec": Format.S_RECORDS}


def file_of(pieces: dict[int, bytes]) -> bincopy.BinFile:
    file = bincopy.BinFile()
    for address, data in pieces.items():
        file.add_binary(data, address=address)
    return file


def text_of(file: bincopy.BinFile, form: str) -> bytes:
    return str(file.as_ihex() if form == "ihex" else file.as_srec(address_length_bits=32)).encode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(5))
def test_records_in_any_order_come_joined_and_sorted(form: str, seed: int) -> None:
    generator = random.Random(seed)
    starts = sorted(generator.sample(range(0x0800_F400, 0x0806_0000, 16), 60))
    file = file_of({start: generator.randbytes(generator.choice([1, 15, 16])) for start in starts})
    lines = text_of(file, form).splitlines(keepends=True)
    if form == "srec":
        *lines, end = lines
        generator.shuffle(lines)
        lines.append(end)
    pieces = parse_records(b"".join(lines), FORMS[form], ORIGIN)
    assert pieces == tuple(MemoryPiece(segment.address, bytes(segment.data)) for segment in file.segments)


def test_addresses_above_64_kib_may_be_segments() -> None:
    line = ":020000021000EC\n:04000000DEADBEEFC4\n:00000001FF\n"
    assert parse_records(line.encode(), Format.INTEL_HEX, ORIGIN) == (
        MemoryPiece(0x1_0000, b"\xde\xad\xbe\xef"),
    )


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([":0100000001FE", ":0100000002FD"], "two records hold 0x00000000"),
        ([":0200000001020304F4"], "has wrong size"),
        ([":0100000001FF"], "expected crc 'FE'"),
        ([":00000006FA"], "a record of type 6"),
    ],
)
def test_damaged_records_are_refused(lines: list[str], reason: str) -> None:
    text = "\n".join([*lines, ":00000001FF"]).encode()
    with pytest.raises(LoadError, match=f"damaged .*{reason}.*: build it again"):
        parse_records(text, Format.INTEL_HEX, ORIGIN)


@pytest.mark.parametrize("form", FORMS)
def test_the_work_grows_as_the_gaps_between_the_records_do(form: str) -> None:
    def lines(count: int) -> int:
        text = text_of(file_of({0x0800_F400 + 32 * number: bytes(16) for number in range(count)}), form)
        return lines_executed(lambda: parse_records(text, FORMS[form], ORIGIN))

    assert lines(800) < 5 * lines(200)
