"""The machine as gdb sees it: registers by number, memory, breakpoints."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Literal

from emu.engine.registers import BY_NAME, RegisterFile
from emu.gdb.agent_expression import holds
from emu.gdb.description import BY_NUMBER, REGISTERS, TIME_NUMBER, TargetRegister
from emu.gdb.flash_loading import FlashLoading
from emu.gdb.flash_log import FlashLog
from emu.gdb.stop import Signal, Stopped, stopped_by
from emu.gdb.threads import Threads
from emu.history.snapshot import Snapshot
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
KEEP_EVERY_S: Final = 0.04
"""Of the host's time: a snapshot takes a hundredth of it, and a way back begins so close by."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A watchpoint as gdb names it."""

    reason: str
    address: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """What a stop there is called, and the agent expressions one of which has to hold."""

    reason: str
    conditions: tuple[bytes, ...] = ()


class Target:
    """What is the same whatever client is there."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.control = DebugControl(machine, OWNER)
        self.threads = Threads(machine)
        self.flash = FlashLoading(machine)
        self.flash_log = FlashLog(machine)
        self.snapshots: dict[str, Snapshot] = {}
        """By the names that users give."""
        self.has_side_effects = False
        """Whether a look at device registers has those of a read."""
        self.stopped = Stopped()
        """Why it has stopped the last time."""
        self.steps_into_interrupts = False
        """Whether a step may end in a handler, or goes back into one."""
        self._breakpoints: dict[int, Breakpoint] = {}
        self.control.is_wanted = self._is_wanted
        self._watchpoints: dict[Watch, Watchpoint] = {}
        self._kept_at_s = 0.0

    # ---- registers ---------------------------------------------------------------------------------

    def read_register(self, number: int, thread: int = 0) -> bytes | None:
        """The bytes of a register, little endian; None: that of this thread is not known.

        KeyError if there is no such register or thread; thread 0 is the one that runs.
        """
        return self._read(BY_NUMBER[number], self._saved(thread))

    def read_registers(self, thread: int = 0) -> list[bytes | None]:
        """Those of all registers."""
        saved = self._saved(thread)
        return [self._read(register, saved) for register in REGISTERS]

    def write_register(self, number: int, data: bytes, thread: int = 0) -> None:
        """Change a register; ValueError if the thread does not run.

        Time goes on by itself: what is written to it is ignored, as gdb does so behind each call of its user.
        """
        register = BY_NUMBER[number]
        if len(data) != register.size_bytes or self._saved(thread) is not None:
            raise ValueError(f"{register.name} cannot be {data.hex()}")
        if number != TIME_NUMBER:
            self.machine.registers[register.source] = int.from_bytes(data, "little")

    def write_registers(self, data: bytes, thread: int = 0) -> None:
        """Change those registers that differ: some cannot be written, and each change is an input."""
        if len(data) != sum(register.size_bytes for register in REGISTERS):
            raise ValueError("other registers are described")
        position = 0
        for register in REGISTERS:
            new = data[position : position + register.size_bytes]
            position += register.size_bytes
            if new != self.read_register(register.number, thread):
                self.write_register(register.number, new, thread)

    @property
    def thread(self) -> int:
        """The thread that runs."""
        return self.threads.number_of(self.control.context)

    def _saved(self, thread: int) -> dict[str, int] | None:
        """The registers of a thread that does not run; None: those of the CPU."""
        return None if thread in (0, self.thread) else self.threads.registers_of(thread)

    def _read(self, register: TargetRegister, saved: dict[str, int] | None) -> bytes | None:
        name = register.source
        if register.number == TIME_NUMBER:
            value: int | None = self.machine.now_ns
        elif saved is None or (BY_NAME[name].file is RegisterFile.CONTROL and name != "psr"):
            value = self.machine.registers[name]
        else:
            value = saved.get(name)
        return None if value is None else value.to_bytes(register.size_bytes, "little")

    # ---- memory ------------------------------------------------------------------------------------

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Bytes of memory or device registers; fewer where they end. BusError for none."""
        read = self.machine.read if self.has_side_effects else self.machine.peek
        while True:
            try:
                return read(address, size_bytes)
            except BusError as error:
                if not address < error.address < address + size_bytes:
                    raise
                size_bytes = error.address - address

    def write_memory(self, address: int, data: bytes) -> None:
        """Write memory or device registers, the flash as a programmer does; BusError where nothing is."""
        if not data:
            return
        region = self.machine.board.bus.region_at(address)
        self.machine.peek(address, len(data))  # raises an error where something is missing, before any change
        if region is not None and region.name == "flash":
            self.machine.flash.load(address - FLASH_BASE, data)
        else:
            self.machine.write(address, data)

    # ---- breakpoints and watchpoints ---------------------------------------------------------------

    def insert_breakpoint(self, address: int, reason: str, conditions: tuple[bytes, ...] = ()) -> None:
        """Stop there with that reason, if one of the conditions holds, or if there is none.

        MachineError where no instruction can be.
        """
        if address & 1 or self.machine.board.bus.region_at(address) is None:
            raise MachineError(f"{address:#010x} is no address of an instruction")
        self._breakpoints[address] = Breakpoint(reason, conditions)

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

    def restart(self) -> None:
        """Be at the first instruction after power-on, with the flash as it is."""
        self.machine.power_cycle()
        self.control.boot()
        self.stopped = Stopped()

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
        found = self._breakpoints.get(self.machine.registers["pc"])
        return Stopped(reason="" if found is None else found.reason)

    def _is_wanted(self) -> bool:
        """Whether the breakpoint at pc counts; a condition that cannot be evaluated does not hold it back."""
        found = self._breakpoints.get(self.machine.registers["pc"])
        if found is None or not found.conditions:
            return True
        return any(holds(condition, self) for condition in found.conditions)

    def at_access(self, access: WatchedAccess) -> Stopped:
        """A stop for an access: gdb wants an address of what it watches."""
        note = str(access) if access.is_dma else ""
        for watch, point in self._watchpoints.items():
            if point.watched.sees(access.address, access.size_bytes, is_write=access.is_write):
                return Stopped(reason=f"{watch.reason}:{max(access.address, watch.address):x}", note=note)
        return Stopped(note=str(access))
