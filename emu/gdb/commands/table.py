"""The table of packets: their names, their handlers, and how arguments are read.

Source: Debugging with GDB, appendix "GDB Remote Serial Protocol", sections Packets, General Query Packets
and Stop Reply Packets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from emu.gdb.session import Session
from emu.loader import LoadError
from emu.machine import MachineError
from peripherals.framework.errors import BusError

Handler = Callable[[Session, bytes], "bytes | str | None"]
"""Gets what follows the packet's name. Gives the answer; None: it comes later, or never."""

PACKETS: Final[dict[bytes, Handler]] = {}
_NAME: Final = re.compile(rb"[qQ][^:;,]*|v[^:;,]*|b[sc]|H.|.", re.DOTALL)
OK: Final = "OK"
BAD_ARGUMENTS, _NO_SUCH_ADDRESS = "E16", "E0e"  # EINVAL, EFAULT
_ERRORS = (ValueError, LookupError, MachineError, LoadError)


def packet(*names: str) -> Callable[[Handler], Handler]:
    """Declare the handler of a packet."""

    def declare(handler: Handler) -> Handler:
        for name in names:
            PACKETS[name.encode()] = handler
        return handler

    return declare


def answer(session: Session, contents: bytes) -> bytes | None:
    """Carry out a packet: its answer, empty for one that is not known; None: none, for now."""
    match = _NAME.match(contents)
    handler = PACKETS.get(match[0]) if match else None
    if match is None or handler is None:
        return b""
    try:
        said = handler(session, contents[match.end() :])
    except BusError:
        said = _NO_SUCH_ADDRESS
    except _ERRORS:
        said = BAD_ARGUMENTS
    return said.encode() if isinstance(said, str) else said


def number_of(text: bytes) -> int:
    """A number in hexadecimal digits; ValueError for something else, as below."""
    if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", text):
        raise ValueError(text)
    return int(text, 16)


def numbers_of(text: bytes, separator: bytes) -> tuple[int, int]:
    """Two of them."""
    first, second = text.split(separator)
    return number_of(first), number_of(second)


def thread_number(text: bytes) -> int:
    """Its number; 0 for any, -1 for all."""
    return -1 if text == b"-1" else number_of(text) if text else 0


def digits_of(value: bytes | None, size_bytes: int) -> str:
    """The bytes of a register in hexadecimal digits; None: it is not known."""
    return "xx" * size_bytes if value is None else value.hex()


def bytes_of(digits: bytes) -> bytes:
    """The bytes of hexadecimal digits."""
    return bytes.fromhex(digits.decode("ascii"))
