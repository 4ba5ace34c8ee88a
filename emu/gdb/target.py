"""The machine as gdb sees it: registers by number, memory, breakpoints."""

from __future__ import annotations

from typing import Final

from emu.gdb.description import BY_NUMBER, REGISTERS, TIME_NUMBER, TargetRegister
from emu.gdb.stop import Signal, Stopped, stopped_by
from emu.machine import Machine, MachineError, RunEnd, RunResult
from emu.machine.debug_control import DebugControl
from emu.memory_map import FLASH_BASE
from peripherals.framework.errors import BusError

OWNER: Final = "gdb"
"""Of the breakpoints and watchpoints."""


class Target:
    """What is the same whatever client is there."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.control = DebugControl(machine, OWNER)
        self.stopped = Stopped()
        """Why it has stopped the last time."""
        self._breakpoints: dict[int, str] = {}  # by address: the reason of a stop there

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

    # ---- breakpoints -------------------------------------------------------------------------------

    def insert_breakpoint(self, address: int, reason: str) -> None:
        """Stop there with that reason; MachineError where no instruction can be."""
        if address & 1 or self.machine.board.bus.region_at(address) is None:
            raise MachineError(f"{address:#010x} is no address of an instruction")
        self._breakpoints[address] = reason

    def remove_breakpoint(self, address: int) -> None:
        """Do not stop there any more; harmless when that is so already."""
        self._breakpoints.pop(address, None)

    def forget_client(self) -> None:
        """Nobody is there: nothing is left to stop for."""
        self._breakpoints.clear()

    def apply(self) -> None:
        """Let the machine have what gdb has set; it takes all away at each stop and sets it again."""
        self.control.set_breakpoints(frozenset(self._breakpoints))

    # ---- stops -------------------------------------------------------------------------------------

    def why(self, result: RunResult) -> Stopped:
        """What gdb is told of the end of a run."""
        if result.end is RunEnd.STEPPED:
            return Stopped()
        if result.end is RunEnd.ADDRESS:
            return Stopped(reason=self._breakpoints.get(self.machine.registers["pc"], ""))
        if result.end is RunEnd.STOPPED:
            return Stopped(Signal.INTERRUPT)
        return stopped_by(result)
