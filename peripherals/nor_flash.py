"""A serial NOR flash device: the memory the chip boots and executes from.

Commands and status registers: Puya P25Q series, the first part listed in wm_hal_iflash_chips.h.
Times: fitted to published logs of boards, or typical values of Puya's P25Q32H behavioural model, v0.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from mmap import mmap
from typing import Any, Final, NamedTuple

from peripherals.flash_operation import FlashOperation, OperationKind, Phase, PowerCut
from peripherals.framework.observers import Observers
from peripherals.framework.page_copies import PageCopies
from peripherals.security_registers import REGISTER_SIZE, SecurityRegisters

PAGE_SIZE: Final = 256
SECTOR_SIZE: Final = 4096
ERASED: Final = 0xFF

_MIB: Final = 1 << 20
_ERASE_SIZES: Final = {0x81: PAGE_SIZE, 0x20: SECTOR_SIZE, 0x52: 0x8000, 0xD8: 0x1_0000}
_CHIP_ERASES: Final = (0x60, 0xC7)
_READS: Final = (0x03, 0x0B, 0x3B, 0xBB, 0x6B, 0xEB)
_PAGE_PROGRAMS: Final = (0x02, 0x32)
_STATUS_READS: Final = {0x05: 0, 0x35: 1, 0x15: 2}
_STATUS_WRITES: Final = {0x01: 0, 0x31: 1, 0x11: 2}
_QUAD_COMMANDS: Final = frozenset({0x32, 0x6B, 0xEB})
_RELEASE_POWER_DOWN: Final = 0xAB

# Status register 1: [0] write in progress, [1] write enable latch, [6:2] block protect, [7] SRP0.
# Status register 2: [0] SRP1, [1] quad enable, [5:3] security register locks (set once, for good), [6] CMP.
# Register 3 is the configuration register.
_WRITABLE_STATUS_BITS: Final = (0xFC, 0x7B, 0xE6)
_BUSY_AND_WRITE_ENABLED: Final = 0b11
_WRITE_ENABLED: Final = 0b10
_BLOCK_PROTECT: Final = 0x7C
_QUAD_ENABLE: Final = 0b10
_SECURITY_LOCKS: Final = 0x38


def touched_sectors(offset: int, size_bytes: int) -> range:
    """Where the sectors begin that a range of the array lies in."""
    return range(offset & -SECTOR_SIZE, offset + size_bytes, SECTOR_SIZE)


class Manufacturer(IntEnum):
    """JEDEC manufacturer numbers the SDK knows (wm_hal_iflash_chips.h)."""

    PUYA = 0x85
    TH25Q = 0xEB
    BY25Q = 0x68
    XT25F = 0x0B


class FlashSizeError(ValueError):
    """A flash size, or a range of a flash, that does not exist."""


class FlashCommand(NamedTuple):
    """One SPI transaction: what goes out, how many bytes are clocked in, and when it begins."""

    opcode: int
    address: int = 0
    data: bytes = b""
    reply_size_bytes: int = 0
    time_ns: int = 0


@dataclass(frozen=True, slots=True)
class FlashTimings:
    """How long the device is busy; in this family an erase of any size takes the same time."""

    page_program_ns: int = 1_000_000  # GUESS: this and the next fit the logs in docs/hardware.md
    erase_ns: int = 4_000_000
    write_status_ns: int = 12_000_000


FLASH_TIMINGS: Final = {"boards": FlashTimings(), "maker": FlashTimings(2_000_000, 6_000_000)}
"""By name: what boards seem to take, and what the maker calls typical."""


class NorFlash:
    """The device, addressed by offsets from its start; `contents` is never moved or resized.

    `observers` are called before and after each program and erase, those of `observe` after every change of
    the array, whoever makes it, `report` with (name, detail) when a command is unknown or refused.
    """

    def __init__(
        self,
        size_bytes: int = 2 * _MIB,
        *,
        manufacturer: Manufacturer = Manufacturer.PUYA,
        unique_id: bytes = bytes(range(16)),
        contents: bytearray | mmap | memoryview | None = None,
        quad_enabled: bool = True,
        timings: FlashTimings | None = None,
    ) -> None:
        if size_bytes not in (_MIB << shift for shift in range(5)):
            raise FlashSizeError(f"flash of {size_bytes:#x} bytes: choose 1, 2, 4, 8 or 16 MiB")
        if contents is None:
            contents = bytearray([ERASED]) * size_bytes
        # A view, so that nobody can resize the array: the CPU executes from these very bytes.
        self.contents = memoryview(contents).cast("B")
        if len(self.contents) != size_bytes:
            raise FlashSizeError(f"contents of {len(self.contents):#x} bytes for a flash of {size_bytes:#x}")
        self.size_bytes = size_bytes
        self.observers = Observers[[FlashOperation]](PowerCut)
        self.report: Callable[[str, str], None] = lambda name, detail: None
        self.put: Callable[[int, bytes], None] = self._put
        """What `load` comes down to; who records what comes from outside stands in between."""
        self.on_read: Callable[[int, int, int], None] = lambda offset, size_bytes, time_ns: None
        """Told offset and size of what a command is about to read, and the time."""
        self.ready_at_ns = 0
        self.worn: dict[int, int] = {}
        """Bits, by the offsets of their bytes, that stay 0 when they are erased."""
        self.changed = Observers[[int, int]]()
        """Told the offset and size of every change of the array, after it."""
        self._copies = PageCopies(self.contents)
        self.changed.internal.append(self._copies.changed)
        capacity_code = size_bytes.bit_length() - 1
        # GUESS: 0x60 is Puya's memory type; the SDK looks at manufacturer and capacity only.
        self._jedec_id = bytes((manufacturer, 0x60, capacity_code))
        self._device_id = bytes((manufacturer, capacity_code - 1))
        self._unique_id = unique_id
        self._timings = timings or FlashTimings()
        self._status = bytearray((0, _QUAD_ENABLE if quad_enabled else 0, 0))
        self._security = SecurityRegisters()
        self._write_enabled = False
        self._powered_down = False
        self._handlers = self._command_table()

    def _command_table(self) -> dict[int, Callable[[FlashCommand], bytes]]:
        return (
            dict.fromkeys(_READS, self._read)
            | dict.fromkeys(_PAGE_PROGRAMS, self._program_page)
            | dict.fromkeys((*_ERASE_SIZES, *_CHIP_ERASES), self._erase)
            | dict.fromkeys(_STATUS_READS, self._read_status)
            | dict.fromkeys(_STATUS_WRITES, self._write_status)
            | {
                0x06: self._enable_writing,
                0x04: self._disable_writing,
                0x9F: lambda command: self._jedec_id,
                0x90: lambda command: self._device_id[:: -1 if command.address & 1 else 1],
                0x4B: lambda command: self._unique_id,
                0xB9: self._power_down,
                _RELEASE_POWER_DOWN: self._release_power_down,
                0x48: lambda command: self._security.read(command.address),
                0x42: self._program_security,
                0x44: self._erase_security,
            }
        )

    def load(self, offset: int, data: bytes) -> None:
        """Put bytes into the array as a production programmer does: at once, without the rules of NOR."""
        if not 0 <= offset <= self.size_bytes - len(data):
            raise FlashSizeError(
                f"{len(data):#x} bytes at offset {offset:#x} do not fit a flash of {self.size_bytes:#x}"
            )
        self.put(offset, bytes(data))

    def _put(self, offset: int, data: bytes) -> None:
        self.contents[offset : offset + len(data)] = data
        self.changed(offset, len(data))

    def observe(self, callback: Callable[[int, int], object]) -> None:
        """Have every change of the array told, after it: its offset and size in bytes."""
        self.changed.append(callback)

    def power_cycle(self) -> None:
        """Forget what needs the supply: the write enable latch, deep power-down, the rest of a busy time."""
        self._write_enabled = self._powered_down = False
        self.ready_at_ns = 0

    def is_busy(self, time_ns: int) -> bool:
        """Tell whether a program, erase or status write is still going on at that time."""
        return time_ns < self.ready_at_ns

    def execute(self, command: FlashCommand) -> bytes:
        """Carry out one transaction; return the `reply_size_bytes` bytes the device shifts out."""
        if refusal := self._refusal(command):
            self._refuse(command, refusal)
            reply = b""
        else:
            reply = self._handlers[command.opcode](command)
        if len(reply) < command.reply_size_bytes:  # a device repeats a short reply as long as it is clocked
            reply = (reply or bytes([ERASED])) * command.reply_size_bytes
        return reply[: command.reply_size_bytes]

    def save(self) -> dict[str, Any]:
        """Take a snapshot of the array and of all else that changes."""
        return {
            "contents": self._copies.take(),
            "status": bytes(self._status),
            "security": self._security.save(),
            "write_enabled": self._write_enabled,
            "powered_down": self._powered_down,
            "ready_at_ns": self.ready_at_ns,
            "worn": dict(self.worn),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; what differs in the array is told as a change."""
        for offset, page in self._copies.differences(snapshot["contents"]):
            self._put(offset, page)
        self._status[:] = snapshot["status"]
        self._security.restore(snapshot["security"])
        self._write_enabled = snapshot["write_enabled"]
        self._powered_down = snapshot["powered_down"]
        self.ready_at_ns = snapshot["ready_at_ns"]
        self.worn = dict(snapshot["worn"])

    def _refusal(self, command: FlashCommand) -> str:
        if command.opcode not in self._handlers:
            return "unknown command"
        if self._powered_down and command.opcode != _RELEASE_POWER_DOWN:
            return "ignored in deep power-down"
        if self.is_busy(command.time_ns) and command.opcode not in _STATUS_READS:
            return "ignored while busy"
        if command.opcode in _QUAD_COMMANDS and not self._status[1] & _QUAD_ENABLE:
            return "ignored, the quad enable bit is clear"
        return ""

    def _refuse(self, command: FlashCommand, reason: str) -> None:
        self.report(f"nor_flash.command_{command.opcode:02x}", reason)

    def _read(self, command: FlashCommand) -> bytes:
        offset = command.address % self.size_bytes
        self.on_read(offset, command.reply_size_bytes, command.time_ns)
        data = bytes(self.contents[offset : offset + command.reply_size_bytes])
        if missing := command.reply_size_bytes - len(data):  # past the end: the start
            self.on_read(0, missing, command.time_ns)
            data += bytes(self.contents[:missing])
        return data

    def _program_page(self, command: FlashCommand) -> bytes:
        offset = command.address % self.size_bytes & -PAGE_SIZE
        wanted = _wanted(command)
        operation = FlashOperation(
            OperationKind.PROGRAM, Phase.BEFORE, offset, PAGE_SIZE, command.time_ns, wanted
        )
        page = _programmed(self.contents[offset : offset + PAGE_SIZE], wanted)
        self._change(operation, page, command)
        return b""

    def _erase(self, command: FlashCommand) -> bytes:
        size_bytes = _ERASE_SIZES.get(command.opcode, self.size_bytes)
        offset = command.address % self.size_bytes & -size_bytes
        operation = FlashOperation(OperationKind.ERASE, Phase.BEFORE, offset, size_bytes, command.time_ns)
        self._change(operation, bytes([ERASED]) * size_bytes, command)
        return b""

    def _change(self, operation: FlashOperation, data: bytes, command: FlashCommand) -> None:
        if not self._may_write(command):
            return
        if self._status[0] & _BLOCK_PROTECT:
            self.report("nor_flash.status.block_protect", "set, but protection is not modelled")
        self.observers(operation)
        self.contents[operation.offset : operation.offset + len(data)] = data
        for offset, bits in self.worn.items():
            if 0 <= offset - operation.offset < len(data):
                self.contents[offset] &= ~bits
        is_erase = operation.kind is OperationKind.ERASE
        self._begin_busy(command, self._timings.erase_ns if is_erase else self._timings.page_program_ns)
        self.changed(operation.offset, len(data))
        self.observers(operation._replace(phase=Phase.AFTER, time_ns=self.ready_at_ns))

    def _may_write(self, command: FlashCommand) -> bool:
        if not self._write_enabled:
            self._refuse(command, "ignored, there was no write enable command")
        return self._write_enabled

    def _begin_busy(self, command: FlashCommand, busy_ns: int) -> None:
        self._write_enabled = False
        self.ready_at_ns = command.time_ns + busy_ns

    def _enable_writing(self, _command: FlashCommand) -> bytes:
        self._write_enabled = True
        return b""

    def _disable_writing(self, _command: FlashCommand) -> bytes:
        self._write_enabled = False
        return b""

    def _read_status(self, command: FlashCommand) -> bytes:
        register = _STATUS_READS[command.opcode]
        value = self._status[register]
        if register == 0 and self.is_busy(command.time_ns):
            value |= _BUSY_AND_WRITE_ENABLED
        elif register == 0 and self._write_enabled:
            value |= _WRITE_ENABLED
        return bytes((value,))

    def _write_status(self, command: FlashCommand) -> bytes:
        """Write one register; command 0x01 with two bytes writes the first two."""
        if self._may_write(command):
            locks = self._status[1] & _SECURITY_LOCKS
            first = _STATUS_WRITES[command.opcode]
            for register, value in enumerate(command.data[: 2 if first == 0 else 1], first):
                self._status[register] = value & _WRITABLE_STATUS_BITS[register]
            self._status[1] |= locks
            self._begin_busy(command, self._timings.write_status_ns)
        return b""

    def _power_down(self, _command: FlashCommand) -> bytes:
        self._powered_down = True
        return b""

    def _release_power_down(self, _command: FlashCommand) -> bytes:
        self._powered_down = False
        return self._device_id[1:]

    def _program_security(self, command: FlashCommand) -> bytes:
        index = self._security.index(command.address)
        if index is not None and self._may_write_security(command, index):
            page = self._security.page(index, command.address % REGISTER_SIZE & -PAGE_SIZE, PAGE_SIZE)
            page[:] = _programmed(page, _wanted(command))
            self._begin_busy(command, self._timings.page_program_ns)
        return b""

    def _erase_security(self, command: FlashCommand) -> bytes:
        index = self._security.index(command.address)
        if index is not None and self._may_write_security(command, index):
            self._security.erase(index)
            self._begin_busy(command, self._timings.erase_ns)
        return b""

    def _may_write_security(self, command: FlashCommand, index: int) -> bool:
        is_locked = bool(self._status[1] & 0x08 << index)
        return not is_locked and self._may_write(command)


def _wanted(command: FlashCommand) -> bytes:
    """The page as a program command wants it: data wraps in it, the last 256 bytes count."""
    excess = max(0, len(command.data) - PAGE_SIZE)
    data = command.data[excess:]
    start = (command.address + excess) % PAGE_SIZE
    wrapped = data[PAGE_SIZE - start :].ljust(start, b"\xff")
    return (wrapped + data[: PAGE_SIZE - start]).ljust(PAGE_SIZE, b"\xff")


def _programmed(page: memoryview, wanted: bytes) -> bytes:
    """The page after programming: bits only go from 1 to 0."""
    return (int.from_bytes(page, "little") & int.from_bytes(wanted, "little")).to_bytes(PAGE_SIZE, "little")
