"""What a second bootloader did: the modelled one, or a real one that the CPU executes on the same flash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emu.dbt.engine import TranslatorEngine
from emu.inspect.symbol_choice import SymbolChoice
from emu.machine.board import Board, BoardOptions
from emu.machine.boot_access import REBOOT_REASON_ADDRESS
from emu.machine.boot_chain import BootChain, BootOptions, SecondStage
from emu.machine.machine import Machine
from peripherals.flash_operation import FlashOperation, Phase, PowerCut
from roms.boot_chip import BootChip, BootResult, DownloadMode
from roms.mask_rom import COMMAND_MODE, START_IMAGE
from support.boot import FakeFlash

TIME_LIMIT_NS = 60_000_000_000
LAST_BYTE_NS = 1_000_000


@dataclass
class Story:
    """What a bootloader did."""

    sent: bytes
    operations: list[tuple[str, int]]
    flash: bytes
    end: str
    """The run address of the image that was started, the letter for the mask ROM, or nothing."""


def execute(fake: FakeFlash, typed: bytes = b"", *, time_limit_ns: int = TIME_LIMIT_NS) -> Story:
    """Run the binary in the flash from the mask ROM's hand-over until it calls the mask ROM again."""
    board = Board(bytearray(fake.device.contents), BoardOptions(TranslatorEngine))
    chain = BootChain(board, BootOptions(SecondStage.EXECUTED))
    operations: list[FlashOperation] = []

    def observe(operation: FlashOperation) -> None:
        if fake.power_cut_after == len(operations):
            raise PowerCut
        operations.append(operation)

    with Machine(board, chain, SymbolChoice()) as machine:
        machine.flash.observers.append(observe)
        machine.write(REBOOT_REASON_ADDRESS, fake.reboot_reason.to_bytes(4, "little"))
        for address in (START_IMAGE, COMMAND_MODE):
            machine.hook(address, Machine.stop)
        machine.uart0.write(typed)
        machine.run(time_limit_ns)
        end = _end_of(machine)
        board.clock.idle_until(machine.now_ns + LAST_BYTE_NS)
        return Story(machine.uart0.data, _complete(operations), bytes(machine.flash.contents), end)


def run_model(fake: FakeFlash, boot: Callable[[BootChip], BootResult], typed: bytes = b"") -> Story:
    """Run a modelled bootloader."""
    fake.received = [(0, byte) for byte in typed]
    end = ""
    try:
        result = boot(fake.chip)
        end = result.code if isinstance(result, DownloadMode) else f"{result.header.run_address:#x}"
    except PowerCut:
        pass
    return Story(fake.sent, _complete(fake.operations), bytes(fake.device.contents), end)


def _end_of(machine: Machine) -> str:
    state = machine.board.core.state
    if state.pc == COMMAND_MODE:
        return chr(state.r[0] & 0xFF)
    if state.pc == START_IMAGE:
        return f"{int.from_bytes(machine.read(state.r[0] + 8, 4), 'little'):#x}"
    return ""


def _complete(operations: list[FlashOperation]) -> list[tuple[str, int]]:
    return [
        (operation.kind.value, operation.offset) for operation in operations if operation.phase is Phase.AFTER
    ]
