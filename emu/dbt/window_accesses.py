"""What Unicorn calls at an access to a device window: it makes it, and permits the rest if it could.

One that raises is refused, as if the instruction had not been executed; all misaligned ones do, which Unicorn
would make in parts.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Protocol

from emu.engine.contract import DeviceMemory, GuestBus

PermitRead = Callable[[int, int, int, int], bool]
PermitWrite = Callable[[int, int, int, int, int], bool]
ACCESSES_A_SAMPLE = 31
"""Odd, so that all places of a loop have their turn."""
LANES = {1: 0xFF, 2: 0xFFFF, 4: 0xFFFF_FFFF, 8: (1 << 64) - 1}
"""What Unicorn gives of a value that is stored, by the size in bytes: more than that may be set."""


class AccessedHost(Protocol):
    """What of a `Host` they change and call."""

    accesses: int
    answer: int
    foreseen: dict[int, int]
    forget: Callable[[], None]
    polled: Set[int]
    is_polled: Callable[[int], bool]
    polled_address: int | None

    def sample(self, memory: DeviceMemory) -> None:
        """Inside an access to device memory: count it, and stop for some of them."""

    def stop_with(self, error: BaseException) -> None:
        """Inside a window call: stop, and let `run` raise this."""


def reader(host: AccessedHost, window: GuestBus) -> PermitRead:
    """For reads that the bus answers."""
    read_window, readers, quiet = window.read, window.word_readers, window.quiet_reads

    def permit_read(uc: int, access: int, address: int, size: int) -> bool:
        if size > 4:  # of several words: the interpreter makes them
            return False
        count = host.accesses = host.accesses + 1
        if host.foreseen and address not in host.foreseen and (size != 4 or address not in quiet):
            host.forget()
        try:
            if (address in host.polled or not count % ACCESSES_A_SAMPLE) and host.is_polled(address):
                host.polled_address = address
                return False
            if size == 4 and (read_word := readers.get(address)) is not None:
                host.answer = read_word()
            else:
                host.answer = read_window(address, size)
        except BaseException as error:  # noqa: BLE001 - crosses C frames; raised again by `run`
            host.stop_with(error)
            return False
        return True

    return permit_read


def writer(host: AccessedHost, window: GuestBus) -> PermitWrite:
    """For writes that the bus takes."""
    write_window, writers = window.write, window.word_writers

    def write(uc: int, access: int, address: int, size: int, value: int) -> bool:
        if size > 4:
            return False
        host.accesses += 1
        if host.foreseen:
            host.forget()
        try:
            if size == 4 and (write_word := writers.get(address)) is not None:
                write_word(value & 0xFFFF_FFFF)
            else:
                write_window(address, value & LANES[size], size)
        except BaseException as error:  # noqa: BLE001
            host.stop_with(error)
            return False
        return True

    return write


def memory_reader(host: AccessedHost, memory: DeviceMemory) -> PermitRead:
    """For reads of memory of a device; of others, the hook of its window is asked next."""

    def permit_read(uc: int, access: int, address: int, size: int) -> bool:
        if address & size - 1:
            return False
        host.sample(memory)
        offset = address - memory.base
        host.answer = int.from_bytes(memory.buffer[offset : offset + size], "little")
        return True

    return permit_read


def memory_writer(host: AccessedHost, memory: DeviceMemory) -> PermitWrite:
    """For writes to it."""

    def write(uc: int, access: int, address: int, size: int, value: int) -> bool:
        if address & size - 1:
            return False
        host.sample(memory)
        offset = address - memory.base
        memory.buffer[offset : offset + size] = (value & LANES[size]).to_bytes(size, "little")
        return True

    return write
