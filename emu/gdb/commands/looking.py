"""Registers, memory and flash."""

from __future__ import annotations

from emu.gdb.commands.table import (
    OK,
    bytes_of,
    digits_of,
    number_of,
    numbers_of,
    packet,
)
from emu.gdb.description import BY_NUMBER, REGISTERS
from emu.gdb.packets import PACKET_BYTES
from emu.gdb.session import Session


@packet("g")
def read_registers(session: Session, arguments: bytes) -> str:
    """All registers."""
    target = session.target
    values = zip(REGISTERS, target.read_registers(session.thread), strict=True)
    return "".join(digits_of(value, register.size_bytes) for register, value in values)


@packet("G")
def write_registers(session: Session, arguments: bytes) -> str:
    """Replace all registers."""
    session.target.write_registers(bytes_of(arguments), session.thread)
    return OK


@packet("p")
def read_register(session: Session, arguments: bytes) -> str:
    """One register."""
    number = number_of(arguments)
    return digits_of(session.target.read_register(number, session.thread), BY_NUMBER[number].size_bytes)


@packet("P")
def write_register(session: Session, arguments: bytes) -> str:
    """Replace one register."""
    number, data = arguments.split(b"=", 1)
    session.target.write_register(number_of(number), bytes_of(data), session.thread)
    return OK


@packet("m")
def read_memory(session: Session, arguments: bytes) -> str:
    """Bytes, without side effects on devices."""
    address, length = numbers_of(arguments, b",")
    return session.target.read_memory(address, min(length, PACKET_BYTES // 2)).hex()


@packet("M")
def write_memory(session: Session, arguments: bytes) -> str:
    """Bytes in hexadecimal digits."""
    window, data = arguments.split(b":", 1)
    return _write(session, window, bytes_of(data))


@packet("X")
def write_binary(session: Session, arguments: bytes) -> str:
    """Bytes as they are; with none of them gdb asks whether this is understood."""
    window, data = arguments.split(b":", 1)
    return _write(session, window, data)


def _write(session: Session, window: bytes, data: bytes) -> str:
    address, length = numbers_of(window, b",")
    if length != len(data):
        raise ValueError(length)
    session.target.write_memory(address, data)
    return OK


@packet("vFlashErase")
def erase_flash(session: Session, arguments: bytes) -> str:
    """Whole sectors."""
    session.target.flash.erase(*numbers_of(arguments[1:], b","))
    return OK


@packet("vFlashWrite")
def write_flash(session: Session, arguments: bytes) -> str:
    """Bytes as they are."""
    _, address, data = arguments.split(b":", 2)
    session.target.flash.write(number_of(address), data)
    return OK


@packet("vFlashDone")
def finish_flash(session: Session, arguments: bytes) -> str:
    """All of a program is there: the boot chain shall take it."""
    session.notes += session.target.flash.finish()
    return OK
