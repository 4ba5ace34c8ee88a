"""Finds things in a machine without changing it: addresses by name, tasks, where the firmware is."""

from __future__ import annotations

from emu.inspect.free_rtos import find_tasks, task_context
from emu.inspect.saved_context import SavedContext
from emu.machine.arguments import check_address, check_count
from emu.machine.board import Board
from emu.machine.errors import MachineError
from emu.machine.power import Power
from emu.machine.program_views import ProgramViews
from emu.machine.whereabouts import look
from emu.options import suggestion
from emu.report.tasks import TaskList
from emu.report.whereabouts import Activity, Whereabouts


class Looking:
    """What can be told of a machine from outside."""

    def __init__(self, board: Board, views: ProgramViews, power: Power) -> None:
        self._board = board
        self._views = views
        self._power = power

    def address_of(self, where: str | int) -> int:
        """The address of a symbol, or of an address itself; LoadError for an unknown name."""
        if isinstance(where, str):
            return self._views.now().symbols[where].address
        return check_address("where", where)

    def code_address(self, where: str | int) -> int:
        """Where an instruction can be; MachineError elsewhere."""
        address = self.address_of(where)
        if address & 1 or self._board.bus.region_at(address) is None:
            raise MachineError(f"where: {address:#010x} is no address of an instruction")
        return address

    def data_at(self, where: str | int) -> tuple[int, int]:
        """Address and size of a symbol, of a device register by its name, or of a word at an address."""
        if not isinstance(where, str):
            return check_address("where", where), 4
        if (register := self._register(where)) is not None:
            return register, 4
        symbol = self._views.now().symbols[where]
        return symbol.address, symbol.size_bytes or 4

    def range_at(self, where: str | int, size_bytes: int | None) -> tuple[int, int]:
        """Address and size of what is named, with the size that is given."""
        address, own_bytes = self.data_at(where)
        return address, own_bytes if size_bytes is None else check_count("size_bytes", size_bytes)

    def watchable_at(self, where: str | int, size_bytes: int | None) -> tuple[int, int]:
        """The same of what can be watched; MachineError where nothing is."""
        address, size = self.range_at(where, size_bytes)
        if not size:
            raise MachineError("size_bytes: there is nothing to watch in 0 bytes")
        if address + size > 1 << 32:
            raise MachineError(
                f"size_bytes: {size:#x} bytes from {address:#010x} end behind the last address"
            )
        if self._board.bus.region_at(address) is None and self._board.soc.device_at(address) is None:
            raise MachineError(f"where: nothing is at {address:#010x}")
        return address, size

    def _register(self, name: str) -> int | None:
        """The address of `block.register`; None if it is no such name. MachineError for a wrong register."""
        soc = self._board.soc
        block, dot, register = name.partition(".")
        address = soc.register_at(name)
        if address is None and dot and block in soc.devices:
            names = [each.name for each in soc.devices[block].registers()]
            raise MachineError(f"{block} has no register {register}{suggestion(register, names)}")
        return address

    def tasks(self) -> TaskList:
        """The tasks of FreeRTOS with their stacks."""
        core = self._board.core
        return find_tasks(self._views.now(), core.state, is_interrupted=bool(core.active_handlers))

    def task_context(self, control_block: int) -> SavedContext | None:
        """The registers of a task that does not run."""
        return task_context(self._views.now(), control_block)

    @property
    def is_at_rest(self) -> bool:
        """Whether it is off, or has not been started."""
        return not self._power.is_on or self._power.is_starting

    def whereabouts(self) -> Whereabouts:
        """Where the firmware is, and what it waits for."""
        pc = self._board.core.engine.current_pc
        if not self._power.is_on:
            return Whereabouts(Activity.POWER_OFF, pc)
        if self._power.is_starting:
            return Whereabouts(Activity.NOT_STARTED, pc)
        if self._power.refusal is not None:
            return Whereabouts(Activity.MASK_ROM, pc)
        if self._power.is_booting:
            return Whereabouts(Activity.BOOTING, pc)
        return look(self._board, self._views.now)
