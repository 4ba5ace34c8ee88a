"""`Machine`: a device to load, run, look at and talk to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Unpack

from emu.cpu.core import CoreStop
from emu.engine.interpreter_engine import InterpreterEngine
from emu.engine.registers import CpuRegisters
from emu.inspect.free_rtos import find_tasks
from emu.inspect.ramdump import ramdump
from emu.inspect.symbol_choice import SymbolChoice
from emu.loader import Symbols, write_atomically
from emu.machine.arguments import check_address, check_count, check_index, check_kind, check_seconds
from emu.machine.assembly import choose, gather
from emu.machine.baud_watch import watch_baud_rates
from emu.machine.board import Board
from emu.machine.boot_access import give_up
from emu.machine.boot_chain import BootChain
from emu.machine.breakpoints import Breakpoints
from emu.machine.crash_watch import CrashWatch
from emu.machine.errors import MachineError
from emu.machine.program_views import ProgramViews
from emu.machine.resets import ResetWatch
from emu.machine.uart_port import UartPort
from emu.machine.whereabouts import look
from emu.options import MachineOptions, PathLike
from emu.report.crash import CrashKind, CrashReport
from emu.report.reset import ResetReport
from emu.report.run_result import LastLook, RunEnd, RunResult
from emu.report.tasks import TaskList
from emu.report.whereabouts import Activity, Whereabouts
from emu.signal_gate import SignalGate
from emu.soc.w800 import SRAM_BASE, SRAM_SIZE_BYTES
from emu.trace.text import TextTrace
from peripherals.flash_operation import Phase, PowerCut, cut_power_at
from peripherals.framework.observers import Observers
from peripherals.framework.reset import ResetCause
from roms.mask_rom import COMMAND_MODE

Boot = Callable[[ResetCause], str | None]
"""What happens between a reset and the first instruction; not None: why there is nothing to execute."""

Hook = Callable[["Machine"], object]


class Machine:
    """A chip with its flash, powered on but not yet started: the first run boots it.

    Times are virtual. Whoever watches or stops a run does not change it: UART listeners, hooks and observers
    are called at the virtual time of what they are told, and stopping is going on later from there. What they
    raise, or a signal handler such as Ctrl-C's, is raised by `run` a moment later, and another run goes on.
    """

    def __init__(
        self,
        board: Board,
        boot: Boot,
        programs: SymbolChoice,
        crash_grace_ns: int | None = None,
        max_resets: int | None = None,
    ) -> None:
        self.board = board
        self.flash = board.flash
        self.uarts = tuple(
            UartPort(f"uart{number}", uart, self) for number, uart in enumerate(board.soc.uarts)
        )
        self.uart0, self.uart1, self.uart2, self.uart3, self.uart4, self.uart5 = self.uarts
        self.registers = CpuRegisters(board.core.state)
        self.gate = SignalGate(board.core.stop_soon)
        """Shut while the machine runs."""
        self._reset_observers = Observers[[ResetCause]](keep_error=self._keep_error)
        self.notes: list[str] = []
        """What is odd and the chip does not tell, each thing once: why an update is not carried out."""
        self._note_observers = Observers[[str]](keep_error=self._keep_error)
        self._close_actions: list[Callable[[], None]] = []
        self._boot = boot
        self._views = ProgramViews(board, programs)
        self._crashes = CrashWatch(board, self._views, crash_grace_ns)
        self.recent_branches = self._crashes.recent_branches
        self._breakpoints = Breakpoints[Machine](board.core, self._keep_error)
        self._resets = ResetWatch(board, self.whereabouts, max_resets)
        self._reset_request: ResetCause | None = None
        self._starting: ResetCause | None = ResetCause.POWER_ON
        self.refusal: str | None = None
        """Why the mask ROM waits for a download."""
        self.setup: tuple[str, ...] = ()
        """What the machine is made of: notes on the firmware, the chip, who boots it."""
        self._stop_requested = False
        self._is_running = False
        self._powered = True
        self._last_look = LastLook(self.whereabouts)
        self._error: BaseException | None = None
        told: list[Observers[Any]] = [self.flash.observers, self._crashes.observers]
        for observers in (*told, *(port.listeners for port in self.uarts)):
            observers.keep_error = self._keep_error
        watch_baud_rates(board.soc.uarts, self._note)
        board.soc.on_reset_request = self._request_reset
        board.log.locate = lambda: (pc := board.core.engine.current_pc, self.describe(pc))

    @classmethod
    def load(cls, firmware: PathLike | None = None, **options: Unpack[MachineOptions]) -> Machine:
        """Build a machine around a firmware file; None: the built-in demo. Options: `emu.MachineOptions`.

        LoadError or MachineError tells in one line what is wrong with a file or an option.
        """
        chosen = choose(options)
        parts = gather(firmware, chosen)
        board = parts.make_board(chosen)
        chain = BootChain(board, parts.boot)
        grace_ns = chosen["crash_grace_ns"] if chosen["on_crash"] == "stop" else None
        machine = cls(board, chain.start, parts.symbols, grace_ns, chosen["max_resets"])
        machine.setup = (*parts.notes, f"{parts.chip}; {chain.describe()}")
        chain.note = machine._note
        if chain.may_execute_bootloader:
            machine.hook(COMMAND_MODE, _wait_for_download)
        if parts.translations is not None:
            machine.on_close(parts.translations.save)
        return machine

    # ---- running -----------------------------------------------------------------------------------

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        return self.board.clock.now_ns

    @property
    def executed(self) -> int:
        """Instructions executed so far."""
        return self.board.core.engine.executed

    def run(self, max_time_ns: int | None = None) -> RunResult:
        """Run until something of RunEnd happens, at most for that time.

        A chip that is reset boots and goes on. One that sleeps with nothing ahead that could wake it lets
        the time pass; without a time limit that is a crash.
        """
        if not self._powered:
            raise MachineError("the power is off: call power_cycle() to start again")
        if self._is_running:
            raise MachineError("it runs already: hooks and listeners may call stop(), and let others go on")
        end_ns = None if max_time_ns is None else self.now_ns + check_count("max_time_ns", max_time_ns)
        self._last_look.miss()
        self._stop_requested = False
        with self.gate:
            end = self._run_until(end_ns)
        if end is RunEnd.CRASH:
            return RunResult(end, self.now_ns, crash=self._crashes.take_report())
        if end is RunEnd.RESET:
            return RunResult(end, self.now_ns, reset=self._resets.latest)
        self._last_look = LastLook(self.whereabouts)
        return RunResult(end, self.now_ns, reason=self.refusal or "", last_look=self._last_look)

    def _run_until(self, end_ns: int | None) -> RunEnd:
        self._is_running = True
        try:
            end = None
            while end is None:
                self.gate.let_through()
                try:
                    end = self._advance(end_ns)
                    self._raise_kept_error()
                except PowerCut:
                    self._powered = False
                    end = RunEnd.POWER_CUT
            return end
        finally:
            self._is_running = False

    def _keep_error(self, error: BaseException) -> None:
        """Let the run end with what a call-back has raised, but not in the middle of something."""
        if not self._is_running:
            raise error
        self._error = self._error or error
        self.board.core.stop()

    def _raise_kept_error(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

    def run_for(self, duration_s: float) -> RunResult:
        """Run for so many virtual seconds."""
        return self.run(check_seconds("duration_s", duration_s))

    def run_until_text(self, pattern: str, uart: int = 0, timeout_s: float = 10.0) -> re.Match[str]:
        """Run until a regular expression matches what a UART sends: see `UartPort.expect`."""
        return self.uarts[check_index("uart", uart, len(self.uarts))].expect(pattern, timeout_s)

    def run_until_address(self, where: str | int, timeout_s: float | None = None) -> RunResult:
        """Run until the instruction at a symbol or address is the next one."""
        timeout_ns = None if timeout_s is None else check_seconds("timeout_s", timeout_s)
        with self._breakpoints.until(self._code_address(where)):
            return self.run(timeout_ns)

    def stop(self) -> None:
        """Let the run under way come back as soon as possible; from listeners, hooks and signal handlers."""
        self._stop_requested = True
        self.board.core.stop()

    def _advance(self, end_ns: int | None) -> RunEnd | None:
        """Boot if need be, run the CPU once, and see what came of it; None: go on."""
        if self._reset_request is not None and (end := self._reset_itself(self._reset_request)):
            return end
        if self._starting is not None:
            cause, self._starting = self._starting, None
            self.refusal = self._boot(cause)
        if self.refusal is not None:
            return RunEnd.DOWNLOAD
        look_ns = self._crashes.next_look_ns
        limit_ns = min((limit for limit in (end_ns, look_ns) if limit is not None), default=None)
        match self.board.core.run(limit_ns):
            case CoreStop.LIMIT:
                if limit_ns != look_ns:
                    return RunEnd.TIME_UP
                return RunEnd.CRASH if self._crashes.is_over() else None
            case CoreStop.STOPPED:
                return self._stopped()
            case CoreStop.BREAKPOINT:
                return self._reached(self.board.core.state.pc)
            case CoreStop.SLEEPING if limit_ns is not None:
                self.board.clock.idle_until(limit_ns)
                return None
            case CoreStop.SLEEPING:
                return self._crash(CrashKind.SLEEPS_FOREVER)
        return self._crash(CrashKind.LOCKED_UP)

    def _reset_itself(self, cause: ResetCause) -> RunEnd | None:
        is_too_much = self._resets.note(cause)
        self.reset(cause)
        if is_too_much:
            return RunEnd.RESET
        return RunEnd.STOPPED if self._stop_requested else None

    def _stopped(self) -> RunEnd | None:
        if self._crashes.report is not None and self._reset_request is not None:
            return RunEnd.CRASH  # the firmware's own handler has had its say and resets the chip
        return RunEnd.STOPPED if self._stop_requested else None

    def _reached(self, pc: int) -> RunEnd | None:
        self._breakpoints.reached(pc, self)
        if self.refusal is not None:
            return RunEnd.DOWNLOAD
        if pc == self._breakpoints.wanted:
            return RunEnd.ADDRESS
        return RunEnd.STOPPED if self._stop_requested else None

    def _crash(self, kind: CrashKind) -> RunEnd:
        self._crashes.report = self._crashes.crash(kind)
        return RunEnd.CRASH

    # ---- power and reset ---------------------------------------------------------------------------

    def reset(self, cause: ResetCause = ResetCause.WATCHDOG) -> None:
        """Reset the chip; the next run boots it. Flash, RAM and always-on domain stay as the cause says."""
        check_kind("cause", cause, ResetCause)
        self._reset_request = None
        self._last_look.miss()
        self.board.reset(cause)
        self._starting = cause
        self._reset_observers(cause)

    def power_cycle(self) -> None:
        """Take the power away and give it back: only the flash stays. Time goes on."""
        self._powered = True
        self.reset(ResetCause.POWER_ON)

    def cut_power_at_flash_operation(self, number: int, phase: Phase = Phase.BEFORE) -> None:
        """Cut the power at the flash program or erase of that number, counted from 1 and from now on.

        The run ends there with RunEnd.POWER_CUT; `phase` says whether the operation is complete.
        """
        check_kind("phase", phase, Phase)
        cut_power_at(self.flash.observers, check_count("number", number, at_least=1), phase)

    def _request_reset(self, cause: ResetCause) -> None:
        self._reset_request = cause
        self.board.core.stop()

    # ---- looking and changing ----------------------------------------------------------------------

    def address_of(self, where: str | int) -> int:
        """The address of a symbol, or of an address itself; LoadError for an unknown name."""
        return self.symbols[where].address if isinstance(where, str) else check_address("where", where)

    def _code_address(self, where: str | int) -> int:
        """Where an instruction can be."""
        address = self.address_of(where)
        if address & 1 or self.board.bus.region_at(address) is None:
            raise MachineError(f"where: {address:#010x} is no address of an instruction")
        return address

    @property
    def symbols(self) -> Symbols:
        """The names of the programs in the flash."""
        return self._views.now().symbols

    def describe(self, address: int) -> str:
        """Symbol and offset of an address; empty where there is none."""
        return self.symbols.describe(address)

    def read(self, address: int, size_bytes: int) -> bytes:
        """Read memory, or a device register with its side effects; BusError where nothing answers."""
        check_address("address", address)
        return self.board.memory.read(address, check_count("size_bytes", size_bytes))

    def write(self, address: int, data: bytes) -> None:
        """Write RAM or device registers; flash is written by `flash.load`."""
        check_kind("data", data, bytes | bytearray | memoryview)
        self.board.memory.write(check_address("address", address), data)

    def hook(self, where: str | int, callback: Hook) -> None:
        """Call back each time the instruction at a symbol or address is about to be executed."""
        self._breakpoints.hook(self._code_address(where), callback)

    def unhook(self, where: str | int) -> None:
        """Remove the hooks at a symbol or address."""
        self._breakpoints.unhook(self.address_of(where))

    def on_crash(self, observer: Callable[[CrashReport], None]) -> None:
        """Have every crash reported, when it happens."""
        self._crashes.observers.append(observer)

    def tasks(self) -> TaskList:
        """The tasks of FreeRTOS with their stacks; empty if the firmware has none, or no names."""
        core = self.board.core
        return find_tasks(self._views.now(), core.state, is_interrupted=bool(core.active_handlers))

    def whereabouts(self) -> Whereabouts:
        """Where the firmware is, and what it waits for; in the middle of a run the registers may be older."""
        pc = self.board.core.engine.current_pc
        if not self._powered:
            return Whereabouts(Activity.POWER_OFF, pc)
        if self._starting is not None:
            return Whereabouts(Activity.NOT_STARTED, pc)
        if self.refusal is not None:
            return Whereabouts(Activity.MASK_ROM, pc)
        return look(self.board, self._views.now)

    def ramdump(self, report: CrashReport) -> bytes:
        """Registers and RAM as `wm.py debug` takes them; for observers: the handler will change the RAM."""
        return ramdump(report.registers, self.read(SRAM_BASE, SRAM_SIZE_BYTES))

    def on_reset(self, observer: Callable[[ResetCause], None]) -> None:
        """Be told of every reset, before the chip boots again; `last_reset` tells more."""
        self._reset_observers.append(observer)

    @property
    def last_reset(self) -> ResetReport | None:
        """The latest reset that the chip has made by itself, also for observers of resets; None: none yet."""
        return self._resets.latest

    def on_note(self, observer: Callable[[str], None]) -> None:
        """Be told of what goes into `notes`, when it does."""
        self._note_observers.append(observer)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            self._note_observers(text)

    def on_close(self, action: Callable[[], None]) -> None:
        """Have something done when the machine is closed."""
        self._close_actions.append(action)

    def trace(self, write: Callable[[str], object]) -> None:
        """Write a line for every instruction from now on; takes a machine with `engine="interpreter"`."""
        core = self.board.core
        if not isinstance(core.engine, InterpreterEngine):
            raise MachineError('only the interpreter traces: load the machine with engine="interpreter"')
        writers = Observers[[str]](keep_error=self._keep_error)
        writers.append(write)
        trace = TextTrace(writers, core.state, self.board.bus, self.board.clock)
        trace.describe = self.describe
        core.engine.observer = trace
        core.entry_observers.append(lambda event: trace.entered(event.vector, event.pc))

    # ---- the end -----------------------------------------------------------------------------------

    def save_flash(self, path: str | Path) -> None:
        """Write the flash contents to a file, at once or not at all; LoadError if it cannot be written."""
        write_atomically(Path(path), bytes(self.flash.contents))

    def close(self) -> None:
        """Do what is left for the end, such as keeping translations; `save_flash` saves the flash."""
        for action in self._close_actions:
            action()

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _wait_for_download(machine: Machine) -> None:
    """The real bootloader has given up."""
    machine.refusal = give_up(machine.board)
