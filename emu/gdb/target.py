"""The machine as gdb sees it: registers by number, memory, breakpoints."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Literal

from emu.gdb.description import BY_NUMBER, REGISTERS, TIME_NUMBER, TargetRegister
from emu.gdb.stop import Signal, Stopped, stopped_by
from emu.machine import Machine, MachineError, RunEnd, RunResult
from emu.machine.debug_control import DebugControl
from emu.machine.watchpoints import Watchpoint
from emu.memory_map import FLASH_BASE
from emu.report.access import WatchedAccess
from peripherals.framework.errors import BusError

OWNER: Final = "gdb"
"""Of the breakpoints and watchpoints."""


WATCH_KINDS: Final[dict[str, Literal["write", "read", "access"]]] = {
    "watch": "write",
    "rwatch": "read",
    "awatch": "access",
}
"""By gdb's name of a stop."""
KEEP_EVERY_S: Final = 0.02
"""Of the host's time: a snapshot takes a fiftieth of it, and a way back begins so close by."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A watchpoint as gdb names it."""

    reason: str
    address: int
    size_bytes: int


class Target:
    """What is the same whatever client is there."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.control = DebugControl(machine, OWNER)
        self.stopped = Stopped()
        """Why it has stopped the last time."""
        self.steps_into_interrupts = False
        """Whether a step may end in a handler, or goes back into one."""
        self._breakpoints: dict[int, str] = {}  # by address: the reason of a stop there
        self._watchpoints: dict[Watch, Watchpoint] = {}
        self._kept_at_s = 0.0

    # ---- registers ---------------------------------------------------------------------------------

    def read_register(self, number: int) -> bytes:
        """The bytes of a register, little endian; KeyError if there is no such."""
        return self._read(BY_NUMBER[number])

    def read_registers(self) -> bytes:
        """Those of all registers."""
        return b"".join(map(self._read, REGISTERS))

    def write_register(self, number: int, data: bytes) -> None:
        """Change a register; KeyError if there is no such, ValueError for time, which cannot be changed."""
        register = BY_NUMBER[number]
        if len(data) != register.size_bytes or number == TIME_NUMBER:
            raise ValueError(f"{register.name} cannot be {data.hex()}")
        self.machine.registers[register.source] = int.from_bytes(data, "little")

    def write_registers(self, data: bytes) -> None:
        """Change those registers that differ: some cannot be written, and each change is an input."""
        if len(data) != sum(register.size_bytes for register in REGISTERS):
            raise ValueError("other registers are described")
        position = 0
        for register in REGISTERS:
            new = data[position : position + register.size_bytes]
            position += register.size_bytes
            if new != self._read(register) and register.number != TIME_NUMBER:
                self.write_register(register.number, new)

    def _read(self, register: TargetRegister) -> bytes:
        is_time = register.number == TIME_NUMBER
        value = self.machine.now_ns if is_time else self.machine.registers[register.source]
        return value.to_bytes(register.size_bytes, "little")

    # ---- memory ------------------------------------------------------------------------------------

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Bytes of memory or registers, without side effects; fewer where they end. BusError for none."""
        while True:
            try:
                return self.machine.peek(address, size_bytes)
            except BusError as error:
                if not address < error.address < address + size_bytes:
                    raise
                size_bytes = error.address - address

    def write_memory(self, address: int, data: bytes) -> None:
        """Write memory or device registers, the flash as a programmer does; BusError where nothing is."""
        if not data:
            return
        region = self.machine.board.bus.region_at(address)
        if region is not None and region.name == "flash":
            self.machine.flash.load(address - FLASH_BASE, data)
        else:
            self.machine.write(address, data)

    # ---- breakpoints and watchpoints ---------------------------------------------------------------

    def insert_breakpoint(self, address: int, reason: str) -> None:
        """Stop there with that reason; MachineError where no instruction can be."""
        if address & 1 or self.machine.board.bus.region_at(address) is None:
            raise MachineError(f"{address:#010x} is no address of an instruction")
        self._breakpoints[address] = reason

    def remove_breakpoint(self, address: int) -> None:
        """Do not stop there any more; harmless when that is so already."""
        self._breakpoints.pop(address, None)

    def insert_watchpoint(self, watch: Watch) -> None:
        """Stop behind accesses; MachineError where nothing can be watched."""
        if watch not in self._watchpoints:
            kind = WATCH_KINDS[watch.reason]
            self._watchpoints[watch] = self.machine.watch(
                watch.address, watch.size_bytes, kind=kind, owner=OWNER
            )

    def remove_watchpoint(self, watch: Watch) -> None:
        """Watch no more; harmless when that is so already."""
        watchpoint = self._watchpoints.pop(watch, None)
        if watchpoint is not None:
            watchpoint.remove()

    def forget_client(self) -> None:
        """Nobody is there: nothing is left to stop for."""
        self._breakpoints.clear()
        for watch in tuple(self._watchpoints):
            self.remove_watchpoint(watch)

    def apply(self) -> None:
        """Let the machine have what gdb has set; it takes all away at each stop and sets it again."""
        self.control.set_breakpoints(frozenset(self._breakpoints))

    # ---- going on ----------------------------------------------------------------------------------

    def keep_place(self) -> None:
        """Take a snapshot from time to time, so that ways back are short."""
        now_s = time.monotonic()
        if now_s - self._kept_at_s > KEEP_EVERY_S:
            self._kept_at_s = now_s
            self.control.keep_here()

    def why(self, result: RunResult) -> Stopped:
        """What gdb is told of the end of a run."""
        if result.end is RunEnd.STEPPED:
            return Stopped()
        if result.end is RunEnd.ADDRESS:
            return self.at_breakpoint()
        if result.end is RunEnd.WATCHPOINT:
            return self.at_access(result.accesses[0])
        if result.end is RunEnd.STOPPED:
            return Stopped(Signal.INTERRUPT)
        return stopped_by(result)

    def at_breakpoint(self) -> Stopped:
        """A stop at that of pc."""
        return Stopped(reason=self._breakpoints.get(self.machine.registers["pc"], ""))

    def at_access(self, access: WatchedAccess) -> Stopped:
        """A stop for an access: gdb wants an address of what it watches."""
        note = str(access) if access.is_dma else ""
        for watch, point in self._watchpoints.items():
            if point.watched.sees(access.address, access.size_bytes, is_write=access.is_write):
                return Stopped(reason=f"{watch.reason}:{max(access.address, watch.address):x}", note=note)
        return Stopped(note=str(access))
