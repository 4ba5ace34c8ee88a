from __future__ import annotations

import gzip
import lzma
import random
from collections.abc import Callable, Iterator

import pytest

from roms.boot_unpack import Code, Round, gunzip, unxz

NOISE = random.Random(1).randbytes(100_000)
Unpack = Callable[[Callable[[int, int], bytes], int], Iterator[Round]]


def xz(data: bytes, *, dictionary: int = 0x8000, check: int = lzma.CHECK_CRC32) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": dictionary}]
    return lzma.compress(data, check=check, filters=filters)


def rounds(unpack: Unpack, stream: bytes) -> list[Round]:
    return list(unpack(lambda offset, size: stream[offset : offset + size], len(stream)))


def codes(unpack: Unpack, stream: bytes) -> list[Code]:
    return [step.code for step in rounds(unpack, stream)]


@pytest.mark.parametrize(("unpack", "stream"), [(unxz, xz(NOISE)), (gunzip, gzip.compress(NOISE))])
def test_blocks_make_up_the_data(unpack: Unpack, stream: bytes) -> None:
    steps = rounds(unpack, stream)
    assert b"".join(step.block for step in steps) == NOISE
    assert {len(step.block) for step in steps[:-1]} == {0, 0x8000}
    assert [step.code for step in steps] == [Code.OK] * (len(steps) - 1) + [Code.END]


def test_a_round_ends_when_the_output_buffer_is_full() -> None:
    assert [len(step.block) for step in rounds(unxz, xz(bytes(0x10100)))] == [0x8000, 0x8000, 0x100]


def test_a_round_ends_when_the_input_buffer_is_empty_too() -> None:
    stream = xz(NOISE)
    buffers_in, buffers_out = -(-len(stream) // 0x8000), -(-len(NOISE) // 0x8000)
    assert len(rounds(unxz, stream)) == buffers_in + buffers_out - 1


def test_padding_behind_the_stream_is_not_looked_at() -> None:
    assert codes(unxz, xz(b"data") + b"\xff\xff\xff") == [Code.END]


@pytest.mark.parametrize(("unpack", "stream"), [(unxz, xz(NOISE)), (gunzip, gzip.compress(NOISE))])
def test_a_truncated_stream_ends_with_a_buffer_error_after_an_idle_round(
    unpack: Unpack, stream: bytes
) -> None:
    assert codes(unpack, stream[:1000]) == [Code.OK, Code.OK, Code.BUFFER]


def test_damage_is_reported_after_the_blocks_before_it() -> None:
    stream = xz(NOISE)
    steps = rounds(unxz, stream[:70_000] + bytes(16) + stream[70_016:])
    assert steps[-1] == Round(Code.DATA)
    assert [step.block for step in steps if step.block][:2] == [NOISE[:0x8000], NOISE[0x8000:0x10000]]


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (b"no xz stream at all", Code.FORMAT),
        (xz(b"data", dictionary=0x10000), Code.MEMORY_LIMIT),
        (xz(b"data", check=lzma.CHECK_CRC64), Code.OPTIONS),
        (xz(b"data")[:8] + b"\0" * 4 + xz(b"data")[12:], Code.DATA),
        (xz(b"data")[:20] + b"\0" * 4 + xz(b"data")[24:], Code.DATA),
        (lzma.compress(b"data", filters=[{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2}]), Code.OPTIONS),
    ],
    ids=["format", "dictionary", "check", "stream header", "block header", "filter"],
)
def test_what_the_decoder_does_not_do_is_refused_at_once(stream: bytes, code: Code) -> None:
    assert codes(unxz, stream) == [code]


def test_another_filter_is_refused() -> None:
    stream = lzma.compress(
        b"data", check=lzma.CHECK_CRC32, filters=[{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2}]
    )
    assert codes(unxz, stream) == [Code.OPTIONS]


def test_a_stream_of_nothing_ends_without_a_block() -> None:
    assert rounds(unxz, xz(b"")) == [Round(Code.END)]


def test_a_few_bytes_are_a_truncated_stream() -> None:
    assert codes(unxz, xz(b"data")[:8])[-1] is Code.BUFFER
    assert codes(unxz, xz(b"data")[:14])[-1] is Code.BUFFER
