"""A chip for boot code: a real model of the flash device, a console that remembers, and a clock."""

from __future__ import annotations

from dataclasses import replace

from emu.loader.firmware import Firmware, FirmwareKind, place_image
from emu.loader.flash_image import compose_flash
from emu.loader.headers import app_image
from emu.loader.image import Image
from emu.loader.partition_table import OTA_LAYOUT, PartitionTable
from emu.memory_map import SRAM_BASE, SRAM_SIZE_BYTES
from peripherals.flash_operation import FlashOperation, PowerCut
from peripherals.nor_flash import FlashTimings, NorFlash
from roms.boot_chip import BootChip
from roms.boot_nor import NorFlashPort

RESET_VECTOR = 0x0800_F500


def build_app(size_bytes: int = 1000, *, fill: bytes = b"code", table: PartitionTable = OTA_LAYOUT) -> Image:
    body = RESET_VECTOR.to_bytes(4, "little") + fill * (size_bytes // len(fill))
    return app_image("app.img", 0x0800_F400, body, table)


def with_flags(app: Image, flags: int) -> Image:
    return replace(app, header=replace(app.header, boot_flags=flags).sealed())


class FakeMemory:
    """RAM that keeps what was stored."""

    def __init__(self) -> None:
        self.stored = bytearray(SRAM_SIZE_BYTES)

    def read(self, address: int, size_bytes: int) -> bytes:
        return bytes(self.stored[address - SRAM_BASE :][:size_bytes])

    def write(self, address: int, data: bytes) -> None:
        self.stored[address - SRAM_BASE : address - SRAM_BASE + len(data)] = data


class FakeFlash:
    """A chip whose flash holds these bytes, and everything boot code does to it."""

    def __init__(self, contents: bytearray) -> None:
        self.device = NorFlash(len(contents), contents=contents, timings=FlashTimings())
        self.device.observers.append(self._observe)
        self.operations: list[FlashOperation] = []
        self.received: list[tuple[int, int]] = []
        """What comes in on UART0: (virtual time, byte)."""
        self.sent = b""
        self.now_ns = 0
        self.baud_rate = 115_200
        self.power_cut_after: int | None = None
        self.reboot_reason = 0
        self.notes: list[str] = []

    @property
    def chip(self) -> BootChip:
        port = NorFlashPort(self.device, lambda: self.now_ns, self.wait)
        now_ns, ram, reason = lambda: self.now_ns, FakeMemory(), self.reboot_reason
        return BootChip(port, self, self.wait, now_ns, ram, reason, self.notes.append)

    @property
    def lines(self) -> list[str]:
        return self.sent.decode().split("\r\n")[:-1]

    def contents(self, offset: int, size_bytes: int) -> bytes:
        return bytes(self.device.contents[offset : offset + size_bytes])

    def wait(self, duration_ns: int) -> None:
        self.now_ns += duration_ns

    def transmit(self, data: bytes) -> None:
        self.sent += data

    def set_baud_rate(self, baud_rate: int) -> None:
        self.baud_rate = baud_rate

    def receive_some(self, most: int, timeout_ns: int) -> bytes:
        byte = self.receive(timeout_ns)
        return b"" if byte is None else bytes((byte,))

    def receive(self, timeout_ns: int) -> int | None:
        if self.received and self.received[0][0] <= self.now_ns + timeout_ns:
            time_ns, byte = self.received.pop(0)
            self.now_ns = max(self.now_ns, time_ns)
            return byte
        self.now_ns += timeout_ns
        return None

    def power_up(self) -> None:
        self.device.power_cycle()
        self.operations.clear()
        self.sent = b""
        self.power_cut_after = None

    def _observe(self, operation: FlashOperation) -> None:
        if self.power_cut_after is not None and len(self.operations) == self.power_cut_after:
            raise PowerCut
        self.operations.append(operation)


class FakeBoot(FakeFlash):
    """A flash as the IoT SDK composes it, with an app in it."""

    def __init__(self, app: Image, ota: bytes = b"", *, table: PartitionTable = OTA_LAYOUT) -> None:
        firmware = Firmware(
            "app", FirmwareKind.IMAGE, place_image(app), 0, images=(app,), partition_table=table
        )
        super().__init__(compose_flash(firmware))
        self.device.load(OTA_LAYOUT.require("app_ota").offset, ota)
