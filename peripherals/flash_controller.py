"""The flash controller: sends commands to the serial flash that the CPU also executes from.

Layout: wm_flash_reg_struct.h, wm_ll_flash.h. Behaviour: wm_hal_flash.c and the second-stage bootloader.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from peripherals.framework.environment import Environment
from peripherals.framework.fields import ro, rw, unmodelled
from peripherals.framework.outlook import STEADY, Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_peek, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause
from peripherals.nor_flash import FlashCommand, NorFlash
from peripherals.shared_buffer import SharedBuffer

_NS_PER_BIT: Final = 25  # 40 MHz; RCC can select 80 MHz
_DATA_LINES: Final = {0x3B: 2, 0xBB: 2, 0x32: 4, 0x6B: 4, 0xEB: 4}


class FlashController(Peripheral):
    """Carries out one command at a time; its data are in the buffer it shares with the RSA block.

    A command has its effect when it starts, and keeps the start bit set until the device is ready, erase and
    program times included: the hardware waits for the device by itself (no driver reads the device's status).
    A command started meanwhile begins after it: the hardware holds the bus, for the bootloader never polls.

    `stall` is called with a time on the virtual clock when software polls, or starts a command, before that
    time. The machine may let time pass at once, up to then or to the next alarm: interrupts are taken between
    polls, as boards count every tick of an update (docs/hardware.md). Without `stall`, software polls.
    """

    class CommandInfo(Register):
        """What to send. The kind flags tell the hardware what to wait for, which the device model knows."""

        opcode = rw(7, 0)
        is_chip_erase = rw(8)
        is_half_block_erase = rw(9)
        is_block_erase = rw(10)
        is_sector_erase = rw(11)
        is_page_program = rw(12)
        is_status_write = rw(13)
        is_read = rw(14)
        has_data = rw(15)
        last_byte = rw(25, 16, "data bytes less one")
        dummy_count = rw(28, 26, "dummy bytes or clocks: cost no time here")
        has_dummy = rw(29)
        has_mode = rw(30, doc="the mode byte follows the address")
        has_address = rw(31)

    class CommandStart(Register):
        """Starts the command."""

        mode = unmodelled(7, 0, "continuous read: every read sends its opcode, which costs time only")
        start = rw(8, doc="reads as 1 until the device is ready")

    class Control(Register):
        """The bus to the device."""

        multi_line = rw(0, doc="dual and quad commands allowed, QIOM")
        qpi = unmodelled(1, doc="opcodes go over one line, which costs time only")
        select_hold = rw(3, 2, "tSHS: costs no time here")
        bus_mode = unmodelled(5, 4, "how code is fetched, which costs no time")

    class Remap(Register):
        """What the CPU sees at address 0."""

        rom_at_zero = unmodelled(0, doc="the mask ROM is always at address 0")

    class Address(Register):
        """Where the command acts, from the start of the device."""

        location = rw(24, 0)

    class DecryptControl(Register):
        """Decryption of code and data."""

        code_on_ahb = unmodelled(1, doc="nothing is decrypted: images must be plain")
        data_by_command = unmodelled(2, doc="nothing is decrypted: images must be plain")
        data_on_ahb = unmodelled(3, doc="nothing is decrypted: images must be plain")
        key_select = unmodelled(6, 4, "nothing is decrypted: images must be plain")
        key_start = unmodelled(7, doc="nothing is decrypted: images must be plain")

    class DecryptStatus(Register):
        """Progress of the key's decryption."""

        busy = ro(0)
        key_ready = ro(1)
        key_error = ro(2)

    # fmt: off
    command_info    = at(0x00, CommandInfo)
    command_start   = at(0x04, CommandStart)
    control         = at(0x08, Control)
    remap           = at(0x0C, Remap)
    address         = at(0x10, Address)
    decrypt_control = at(0x14, DecryptControl)
    decrypt_status  = at(0x18, DecryptStatus)
    # fmt: on

    saved_state = ("flash", "_ready_at_ns")

    def __init__(
        self, name: str, environment: Environment, *, flash: NorFlash, shared_buffer: SharedBuffer
    ) -> None:
        super().__init__(name, environment)
        self.flash = flash
        self.stall: Callable[[int], None] | None = None
        self._buffer = shared_buffer.contents
        self._ready_at_ns = 0
        flash.report = environment.log.unmodelled

    def _on_reset(self, cause: ResetCause) -> None:
        self._ready_at_ns = 0
        if cause is ResetCause.POWER_ON:
            self.flash.power_cycle()

    @on_write(CommandStart)
    def _start(self, _data: int) -> None:
        if not self.command_start.start:
            return
        now_ns = self.environment.clock.now_ns
        while self.stall is not None and now_ns < self._ready_at_ns:
            now_ns = self._stalled_ns(now_ns)
        begin_ns = max(now_ns, self._ready_at_ns, self.flash.ready_at_ns)
        command = self._command(begin_ns)
        reply = self.flash.execute(command)
        self._buffer[: len(reply)] = reply
        self._ready_at_ns = max(begin_ns + _transfer_ns(command), self.flash.ready_at_ns)

    @on_read(CommandStart, consumes=True)
    def _poll(self) -> int:
        return self._shown(self._stalled_ns(self.environment.clock.now_ns))

    @on_peek(CommandStart)
    def _show(self) -> int:
        return self._shown(self.environment.clock.now_ns)

    def _shown(self, now_ns: int) -> int:
        self.command_start.start = int(now_ns < self._ready_at_ns)
        return self.command_start.value

    @on_outlook(CommandStart)
    def _foresee(self) -> Outlook | None:
        if self.environment.clock.now_ns >= self._ready_at_ns:
            return STEADY
        return Outlook(self._ready_at_ns) if self.stall is None else None

    def _stalled_ns(self, now_ns: int) -> int:
        """Let time pass if software has to wait, and somebody lets time pass; gives the time then."""
        if self.stall is None or now_ns >= self._ready_at_ns:
            return now_ns
        self.stall(self._ready_at_ns)
        return self.environment.clock.now_ns

    def _command(self, time_ns: int) -> FlashCommand:
        opcode, is_read, has_address, size_bytes = _shape_of(self.command_info.value)
        address = self.address.location if has_address else 0
        if is_read:
            return FlashCommand(opcode, address, b"", size_bytes, time_ns)
        return FlashCommand(opcode, address, bytes(self._buffer[:size_bytes]), 0, time_ns)


class _Shape(NamedTuple):
    """What a command is like, but for its address and data."""

    opcode: int
    is_read: bool
    has_address: bool
    size_bytes: int
    """Of its data."""


@lru_cache(maxsize=256)  # drivers use few, again and again
def _shape_of(command_info: int) -> _Shape:
    info = FlashController.CommandInfo()
    info.value = command_info
    size_bytes = info.last_byte + 1 if info.has_data else 0
    return _Shape(info.opcode, bool(info.is_read), bool(info.has_address), size_bytes)


def _transfer_ns(command: FlashCommand) -> int:
    """The time on the wires: opcode and address (counted for every command) on one line, then the data."""
    data_bits = 8 * max(len(command.data), command.reply_size_bytes)
    return (32 + data_bits // _DATA_LINES.get(command.opcode, 1)) * _NS_PER_BIT
