from __future__ import annotations

import gzip
import random
from itertools import islice

import pytest

from roms.secboot_unpack import INPUT_SIZE, WINDOW_SIZE, DamagedStreamError, inflate

NOISE = random.Random(1).randbytes(100_000)
PACKED = gzip.compress(NOISE, mtime=0)


def blocks(packed: bytes, most: int = 100) -> list[bytes]:
    stream = inflate(lambda offset, size: packed[offset : offset + size], len(packed))
    return list(islice(stream, most))


def test_blocks_are_whole_windows_and_a_rest() -> None:
    assert [len(block) for block in blocks(PACKED)] == [WINDOW_SIZE] * 3 + [100_000 - 3 * WINDOW_SIZE]
    assert b"".join(blocks(PACKED)) == NOISE


def test_input_is_read_8_kb_at_a_time_as_it_is_needed() -> None:
    reads: list[tuple[int, int]] = []

    def read(offset: int, size_bytes: int) -> bytes:
        reads.append((offset, size_bytes))
        return PACKED[offset : offset + size_bytes]

    next(inflate(read, len(PACKED)))
    assert reads == [(number * INPUT_SIZE, INPUT_SIZE) for number in range(5)]


def test_a_file_name_in_the_header_is_skipped() -> None:
    named = PACKED[:3] + b"\x08" + PACKED[4:10] + b"w800.bin\0" + PACKED[10:]
    assert b"".join(blocks(named)) == NOISE


def test_without_the_magic_number_two_bytes_are_skipped() -> None:
    assert b"".join(blocks(b"PK" + PACKED[10:])) == NOISE


def test_the_checksum_behind_the_data_is_not_looked_at() -> None:
    assert b"".join(blocks(PACKED[:-8] + bytes(8))) == NOISE


def test_of_damaged_data_only_whole_windows_come() -> None:
    stored = gzip.compress(NOISE[:50_000], compresslevel=0, mtime=0)
    damaged = stored[:10] + b"\0" + stored[11:-8] + b"\x07"  # a second block, of a type that does not exist
    stream = inflate(lambda offset, size: damaged[offset : offset + size], len(damaged))
    received: list[bytes] = []
    with pytest.raises(DamagedStreamError):
        received.extend(stream)
    assert received == [NOISE[:WINDOW_SIZE]]


def test_data_that_end_early_never_come_to_an_end() -> None:
    """Behind the end there are ones: here the same literal, again and again."""
    literals = PACKED[:10] + b"\xfa" + b"\xff" * 50_000
    assert set(blocks(literals, most=50)) == {b"\xff" * WINDOW_SIZE}


def test_the_last_8_kb_of_a_multiple_of_8_kb_are_never_read() -> None:
    data = NOISE[: 3 * INPUT_SIZE]
    packed = gzip.compress(data, compresslevel=0, mtime=0).ljust(4 * INPUT_SIZE, b"\0")
    assert b"".join(blocks(packed[:-1])) == data
    beyond = 10 + 5  # headers of gzip and of the one stored block
    assert b"".join(blocks(packed)) == data[:-beyond] + b"\xff" * beyond


def test_a_stream_that_fits_the_input_buffer_is_read_whole() -> None:
    data = NOISE[: INPUT_SIZE // 2]
    assert b"".join(blocks(gzip.compress(data, mtime=0).ljust(INPUT_SIZE, b"\0"))) == data
