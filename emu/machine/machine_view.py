"""What there is to see of a machine, and to change by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emu.cpu.core import Core
from emu.engine.registers import CpuRegisters
from emu.inspect.ramdump import ramdump
from emu.inspect.saved_context import SavedContext
from emu.inspect.symbol_choice import SymbolChoice
from emu.loader import Symbols
from emu.machine.arguments import check_kind
from emu.machine.board import Board
from emu.machine.crash_watch import CrashWatch
from emu.machine.debugging import Debuggable
from emu.machine.errors import MachineError
from emu.machine.faults import Faults
from emu.machine.inputs import Inputs
from emu.machine.looking import Looking
from emu.machine.power import Power
from emu.machine.program_views import ProgramViews
from emu.machine.surroundings import Surroundings
from emu.memory_map import SRAM_BASE, SRAM_SIZE_BYTES
from emu.report.calls import TakenBranch
from emu.report.crash import CrashReport
from emu.report.flash_violation import FlashViolation
from emu.report.tasks import TaskList
from emu.report.whereabouts import Whereabouts

if TYPE_CHECKING:
    from emu.machine.flash_checker import FlashChecker
    from emu.machine.run_control import RunControl
    from emu.machine.watchpoints import Watchpoints
    from emu.machine.wifi import Wifi


class _Registers(CpuRegisters):
    """Those of the CPU; what is written from outside comes in like everything else."""

    def __init__(self, core: Core, inputs: Inputs) -> None:
        super().__init__(core.state, core.engine.settle)
        self._set = inputs.door("register", super().__setitem__, is_prompt=True)

    def __setitem__(self, name: str, value: int) -> None:
        self._set(name, value)


class MachineView(Debuggable):
    """The part of `Machine` that lets nothing run."""

    def __init__(
        self,
        board: Board,
        power: Power,
        programs: SymbolChoice,
        crash_grace_ns: int | None,
        inputs: Inputs,
    ) -> None:
        self.board = board
        self.flash = board.flash
        self.flash.put = inputs.door("flash", self.flash.put, is_prompt=True)
        self.registers = _Registers(board.core, inputs)
        around = self._around = Surroundings(board, power, inputs)
        self.pins = around.pins
        """`PA0` to `PB31` as the board around the chip sees them."""
        self.parts = around.parts
        """The parts around the chip by their names; `attach` puts more there."""
        self.i2c, self.spi = around.i2c, around.spi
        """The buses of the chip; `attach` puts parts on them."""
        self.adc, self.pwm = around.adc, around.pwm
        """The analog inputs, and what the channels of the modulator put out, by their numbers."""
        world = board.world
        self._wifi: Wifi | None = None
        if world is not None:
            from emu.machine.wifi import Wifi  # most machines are in a shielded box

            self._wifi = Wifi(world, board.clock, inputs.door("network", world.act))
        self._view_observers = (self.pwm.observers, *(() if self._wifi is None else self._wifi.observers))
        self.faults = Faults(board, power, inputs)
        """What can be made to go wrong."""
        self._write = inputs.door("memory", board.outside.write, is_prompt=True)
        self._views = ProgramViews(board, programs)
        self._looking = Looking(board, self._views, power)
        self._crashes = CrashWatch(board, self._views, crash_grace_ns)
        self.flash_checker: FlashChecker | None = None
        """Only with the option `flash_rules`."""

    def _check_flash(self, rules: str, control: RunControl, watchpoints: Watchpoints) -> None:
        """Have the rules of that name checked from now on; `off`: none."""
        if rules != "off":
            from emu.machine.flash_checker import RULES, FlashChecker  # few need it

            checker = FlashChecker(self.board, RULES[rules], self._views, watchpoints)
            self.flash_checker = checker
            control.lookers.append(checker)

    @property
    def flash_violations(self) -> Sequence[FlashViolation]:
        """The broken rules so far, with the option `flash_rules`; without it none."""
        return () if self.flash_checker is None else self.flash_checker.violations

    @property
    def has_wifi(self) -> bool:
        """Whether there are networks around the chip."""
        return self._wifi is not None

    @property
    def wifi(self) -> Wifi:
        """The networks around the chip; MachineError for a machine made without `network`."""
        if self._wifi is None:
            raise MachineError("wifi: nothing is in the air: load the machine with network=Network(...)")
        return self._wifi

    @property
    def symbols(self) -> Symbols:
        """The names of the programs in the flash."""
        return self._views.now().symbols

    def address_of(self, where: str | int) -> int:
        """The address of a symbol, or of an address itself; LoadError for an unknown name."""
        return self._looking.address_of(where)

    def describe(self, address: int) -> str:
        """Symbol and offset of an address; empty where there is none."""
        return self.symbols.describe(address)

    def peek(self, where: str | int, size_bytes: int | None = None) -> bytes:
        """Look at memory or device registers without changing anything; BusError where nothing answers.

        `where` is as for `watch`; so it is for `read` and `write`.
        """
        return self.board.outside.peek(*self._looking.range_at(where, size_bytes))

    def read(self, where: str | int, size_bytes: int | None = None) -> bytes:
        """Read memory, or a device register with its side effects; BusError where nothing answers."""
        return self.board.outside.read(*self._looking.range_at(where, size_bytes))

    def write(self, where: str | int, data: bytes) -> None:
        """Write RAM or device registers; flash is written by `flash.load`."""
        check_kind("data", data, bytes | bytearray | memoryview)
        address, _ = self._looking.range_at(where, len(data))
        self._write(address, bytes(data))

    def tasks(self) -> TaskList:
        """The tasks of FreeRTOS with their stacks; empty if the firmware has none, or no names."""
        return self._looking.tasks()

    def task_context(self, control_block: int) -> SavedContext | None:
        """The registers of a task that does not run, by the address of its control block; None: unknown."""
        return self._looking.task_context(control_block)

    def recent_branches(self) -> tuple[TakenBranch, ...]:
        """The branches taken last, the latest last; none without the option of this name."""
        return self._crashes.recent_branches()

    @property
    def is_at_rest(self) -> bool:
        """Whether it is off, or has not been started."""
        return self._looking.is_at_rest

    def whereabouts(self) -> Whereabouts:
        """Where the firmware is, and what it waits for; in the middle of a run the registers may be older."""
        return self._looking.whereabouts()

    def ramdump(self, report: CrashReport) -> bytes:
        """Registers and RAM as `wm.py debug` takes them; for observers: the handler will change the RAM."""
        return ramdump(report.registers, self.read(SRAM_BASE, SRAM_SIZE_BYTES))
