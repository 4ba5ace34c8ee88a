from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from peripherals.crypto import md5, sha1

INITIAL = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)


def padded(message: bytes, byte_order: str) -> bytes:
    zeros = bytes(-(len(message) + 9) % 64)
    return message + b"\x80" + zeros + struct.pack(byte_order + "Q", 8 * len(message))


def digest(
    compress: Callable[[Sequence[int], bytes], Sequence[int]], words: int, byte_order: str, message: bytes
) -> bytes:
    state: Sequence[int] = INITIAL[:words]
    blocks = padded(message, byte_order)
    for start in range(0, len(blocks), 64):
        state = compress(state, blocks[start : start + 64])
    return struct.pack(f"{byte_order}{words}I", *state)


@given(st.binary(max_size=300))
def test_chained_sha1_blocks_give_the_digest(message: bytes) -> None:
    assert digest(sha1.compress, 5, ">", message) == hashlib.sha1(message).digest()


@given(st.binary(max_size=300))
def test_chained_md5_blocks_give_the_digest(message: bytes) -> None:
    assert digest(md5.compress, 4, "<", message) == hashlib.md5(message).digest()
