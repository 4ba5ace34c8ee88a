"""Boot code's view of a NOR flash device: the commands of the bootloader, each waiting for the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from peripherals.nor_flash import FlashCommand

_READ: Final = 0x03
_JEDEC_ID: Final = 0x9F
_PAGE_PROGRAM: Final = 0x02
_SECTOR_ERASE: Final = 0x20
_BLOCK_ERASE: Final = 0xD8
_WRITE_ENABLE: Final = 0x06


class FlashDevice(Protocol):
    """The device; `NorFlash` is one."""

    @property
    def size_bytes(self) -> int:
        """Its capacity."""
        ...

    @property
    def ready_at_ns(self) -> int:
        """When it has done what it was told."""
        ...

    def execute(self, command: FlashCommand) -> bytes:
        """Carry out one transaction."""
        ...


class NorFlashPort:
    """A FlashPort on a device; `wait` lets virtual nanoseconds pass, `now_ns` tells the virtual time."""

    def __init__(self, flash: FlashDevice, now_ns: Callable[[], int], wait: Callable[[int], None]) -> None:
        self._flash = flash
        self._now_ns = now_ns
        self._wait = wait

    @property
    def size_bytes(self) -> int:
        """The capacity of the device."""
        return self._flash.size_bytes

    @property
    def jedec_id(self) -> bytes:
        """The three bytes that it answers."""
        return self._execute(FlashCommand(_JEDEC_ID, reply_size_bytes=3))

    def read(self, offset: int, size_bytes: int) -> bytes:
        """Read the array."""
        return self._execute(FlashCommand(_READ, offset, reply_size_bytes=size_bytes))

    def erase_sector(self, offset: int) -> None:
        """Erase the sector around an offset."""
        self._change(FlashCommand(_SECTOR_ERASE, offset))

    def erase_block(self, offset: int) -> None:
        """Erase the block of 64 KB around an offset."""
        self._change(FlashCommand(_BLOCK_ERASE, offset))

    def program_page(self, offset: int, data: bytes) -> None:
        """Program one page."""
        self._change(FlashCommand(_PAGE_PROGRAM, offset, data))

    def _change(self, command: FlashCommand) -> None:
        self._execute(FlashCommand(_WRITE_ENABLE))
        self._execute(command)

    def _execute(self, command: FlashCommand) -> bytes:
        """Send a command when the device is ready, and wait until it is again."""
        self._wait_until_ready()
        reply = self._flash.execute(command._replace(time_ns=self._now_ns()))
        self._wait_until_ready()
        return reply

    def _wait_until_ready(self) -> None:
        self._wait(max(0, self._flash.ready_at_ns - self._now_ns()))
