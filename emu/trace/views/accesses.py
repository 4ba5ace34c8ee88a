"""The lines of the text view, and behind them the accesses of each instruction, by the names of registers."""

from __future__ import annotations

from emu.engine.contract import Access
from emu.machine.machine import Machine
from emu.report.trace_text import TextTrace
from emu.trace.close_up import collect_accesses, look_closely
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.text import subject_of
from emu.trace.views.view import Write


class AccessTrace(TextTrace):
    """Writes the line of each instruction, and a line for each access that it has made."""

    def __init__(self, write: Write, machine: Machine, *, with_devices: bool = True) -> None:
        super().__init__(write, subject_of(machine))
        self._machine = machine
        self._with_devices = with_devices
        self._accesses = collect_accesses(machine)

    def retired(self, pc: int) -> None:
        """See `Teller`."""
        super().retired(pc)
        for access in self._accesses:
            if self._with_devices or self._machine.board.soc.device_at(access.address) is None:
                self._write(f"{'':>14} {self._line(access)}\n")
        self._accesses.clear()

    def skipped(self) -> None:
        """See `Teller`."""
        super().skipped()
        self._accesses.clear()

    def _line(self, access: Access) -> str:
        arrow = "<-" if access.is_write else "->"
        value = f"{access.value:0{2 * access.size_bytes}x}"
        return f"[{access.address:08x}] {arrow} {value:8} {self._name(access)}".rstrip()

    def _name(self, access: Access) -> str:
        found = self._machine.board.soc.device_at(access.address)
        if found is None:
            return self._machine.describe(access.address)
        device, offset = found
        return device.describe(offset, access.value << 8 * (offset & 3))


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    look_closely(trace, selection, lambda machine: AccessTrace(write, machine))
