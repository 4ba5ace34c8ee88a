"""`Machine`: a device to load, run, look at and talk to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Unpack

from emu.engine.contract import WatchedRange
from emu.history.snapshot import Snapshot
from emu.inspect.symbol_choice import SymbolChoice
from emu.loader import write_atomically
from emu.machine.arguments import check_callable, check_count, check_index, check_kind, check_seconds
from emu.machine.assembly import Parts, choose, fit_board, gather
from emu.machine.baud_watch import watch_baud_rates
from emu.machine.board import Board
from emu.machine.boot_chain import BootChain
from emu.machine.breakpoints import Breakpoints
from emu.machine.errors import MachineError
from emu.machine.history import LIMIT_BYTES as HISTORY_LIMIT_BYTES
from emu.machine.history import History
from emu.machine.inputs import Inputs
from emu.machine.kept_error import KeptError
from emu.machine.machine_view import MachineView
from emu.machine.notes import Notes
from emu.machine.power import Boot, Power
from emu.machine.recorder import Recorder
from emu.machine.resets import ResetWatch
from emu.machine.run_control import EndCauses, RunControl, RunLimits
from emu.machine.setup import setup_of
from emu.machine.state_tree import Part, StateTree
from emu.machine.tracing import start_trace
from emu.machine.uart_port import UartPort
from emu.machine.watchpoints import Watchpoint, Watchpoints
from emu.options import MachineOptions, PathLike
from emu.report.access import WatchedAccess
from emu.report.crash import CrashReport
from emu.report.reset import ResetReport
from emu.report.run_result import RunResult
from peripherals.flash_operation import Phase
from peripherals.framework.observers import Observers
from peripherals.framework.reset import ResetCause
from roms.mask_rom import COMMAND_MODE

Hook = Callable[["Machine"], object]


class Machine(MachineView):
    """A chip with its flash, powered on but not yet started: the first run boots it. Times are virtual.

    Whoever watches or stops a run does not change it: UART listeners, hooks and observers are called at the
    virtual time of what they are told, and stopping is going on later from there. What they raise, or a
    signal handler such as Ctrl-C's, is raised by `run` a moment later, and another run goes on.
    """

    def __init__(
        self,
        board: Board,
        boot: Boot,
        programs: SymbolChoice,
        crash_grace_ns: int | None = None,
        max_resets: int | None = None,
    ) -> None:
        errors = KeptError(board.core)
        self._power = Power(board, boot, errors.keep)
        inputs = self._inputs = Inputs(board, self._power)
        super().__init__(board, self._power, programs, crash_grace_ns, inputs)
        self._notes = Notes(errors.keep)
        self.notes = self._notes.texts
        """What is odd and the chip does not tell, each thing once: why an update is not carried out."""
        self.setup: tuple[str, ...] = ()
        """What the machine is made of: notes on the firmware, the chip, who boots it."""
        self._made_from: dict[str, Any] | None = None
        self._close_actions: list[Callable[[], None]] = []
        self._keep_error = errors.keep
        self._breakpoints = Breakpoints(board.core, self, errors.keep)
        resets = self._resets = ResetWatch(board, self.whereabouts, max_resets)
        self._watchpoints = Watchpoints(board, self.describe, errors)
        watched = self._breakpoints, self._watchpoints
        causes = EndCauses(self._power, self._crashes, resets, *watched, errors, inputs)
        self.uarts = tuple(
            UartPort(f"uart{number}", uart, self, inputs.door(f"uart{number}", uart.feed))
            for number, uart in enumerate(board.soc.uarts)
        )
        self.uart0, self.uart1, self.uart2, self.uart3, self.uart4, self.uart5 = self.uarts
        self._reset = inputs.door("reset", self._power.reset)
        self._cycle_power = inputs.door("power_cycle", self._power.cycle)
        self._cut_power_at = inputs.door("power_cut", self._power.cut_at_flash_operation)
        parts: dict[str, Part] = {"power": self._power, "crashes": self._crashes, "resets": resets}
        parts.update(self._around.connect(self.uarts, self._notes.add))
        self._state = StateTree(board, parts, self._around.before)
        self._recorder = Recorder(board, self._state, inputs)
        told: list[Any] = [self.flash.observers, self.flash.changed, self._crashes.observers]
        told += [*(port.observers for port in self.pins.ports), *(port.listeners for port in self.uarts)]
        for observers in (*told, *self._view_observers):
            observers.keep_error = errors.keep
        told += [*self._view_observers, self._power.observers, self._notes.observers, *watched]
        self._history = History(board, self._state, self._recorder, told)
        self._control = RunControl(board, causes, self.whereabouts, (self._recorder, self._history))
        self.gate = self._control.gate
        """Shut while the machine runs."""
        watch_baud_rates(board.soc.uarts, self._notes.add)
        board.log.locate = lambda: (pc := board.core.engine.current_pc, self.describe(pc))

    @classmethod
    def load(cls, firmware: PathLike | None = None, **options: Unpack[MachineOptions]) -> Machine:
        """Build a machine around a firmware file; None: the built-in demo. Options: `emu.MachineOptions`.

        LoadError or MachineError tells in one line what is wrong with a file or an option.
        """
        chosen = choose(options)
        return fit_board(cls._made_of(gather(firmware, chosen), chosen), chosen["board"])

    @classmethod
    def load_state(cls, path: PathLike, **options: Unpack[MachineOptions]) -> Machine:
        """Build the machine that `save_state` has saved, and go on from there; its files are not needed.

        Options are those that its chip does not depend on: `on_crash`, `crash_grace_ns`, `max_resets`,
        `recent_branches`, `engine`, `cache`, `skip_polls`, `flash_rules`, `on_download`. LoadError if not.
        """
        from emu.machine.saved_machine import choose_for_saved, saved_machine  # few need it

        return saved_machine(Path(path), choose_for_saved(options), cls._made_of)

    @classmethod
    def _made_of(cls, parts: Parts, chosen: MachineOptions) -> Machine:
        board = parts.make_board(chosen)
        chain = BootChain(board, parts.boot)
        grace_ns = chosen["crash_grace_ns"] if chosen["on_crash"] == "stop" else None
        machine = cls(board, chain, parts.symbols, grace_ns, chosen["max_resets"])
        machine._power.waits_for_download = chosen["on_download"] == "wait"
        machine.setup = (*parts.notes, f"{parts.chip}; {chain.describe()}")
        machine._made_from = setup_of(parts, chosen)
        machine._check_flash(chosen["flash_rules"], machine._control, machine._watchpoints)
        chain.note = machine._notes.add
        if chain.may_execute_bootloader:
            machine._breakpoints.hook_internally(COMMAND_MODE, _wait_for_download)
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
        return self._control.executed

    def run(self, max_time_ns: int | None = None) -> RunResult:
        """Run until something of RunEnd happens, at most for that time.

        A chip that is reset boots and goes on. One that sleeps with nothing ahead that could wake it lets
        the time pass; without a time limit that is a crash.
        """
        if max_time_ns is None:
            return self._control.run(RunLimits())
        return self._control.run(RunLimits(self.now_ns + check_count("max_time_ns", max_time_ns)))

    def run_for(self, duration_s: float) -> RunResult:
        """Run for so many virtual seconds."""
        return self.run(check_seconds("duration_s", duration_s))

    def run_until_text(self, pattern: str, uart: int = 0, timeout_s: float = 10.0) -> re.Match[str]:
        """Run until a regular expression matches what a UART sends: see `UartPort.expect`."""
        return self.uarts[check_index("uart", uart, len(self.uarts))].expect(pattern, timeout_s)

    def run_until_address(self, where: str | int, timeout_s: float | None = None) -> RunResult:
        """Run until the instruction at a symbol or address is the next one."""
        timeout_ns = None if timeout_s is None else check_seconds("timeout_s", timeout_s)
        with self._breakpoints.until(self._looking.code_address(where), "run_until_address"):
            return self.run(timeout_ns)

    def run_until_executed(self, count: int, timeout_s: float | None = None) -> RunResult:
        """Run until exactly so many instructions have been executed since power-on; RunEnd.STEPPED then."""
        if check_count("count", count) < self.executed:
            raise MachineError(
                f"count: {count} instructions were over long ago: {self.executed} are executed"
            )
        end_ns = None if timeout_s is None else self.now_ns + check_seconds("timeout_s", timeout_s)
        return self._control.run(RunLimits(end_ns, count))

    def step(self, count: int = 1) -> RunResult:
        """Execute so many instructions; whatever comes between, such as an interrupt, comes as in any run.

        One at a time, at a hundredth of the speed of a run: see `run_until_executed`.
        """
        executed = self.executed + check_count("count", count, at_least=1)
        return self._control.run(RunLimits(executed=executed, is_stepped=True))

    def stop(self) -> None:
        """Let the run under way come back as soon as possible; from listeners, hooks and signal handlers."""
        self._control.stop()

    def hook(self, where: str | int, callback: Hook) -> None:
        """Call back each time the instruction at a symbol or address is about to be executed."""
        check_callable("callback", callback)
        self._breakpoints.hook(self._looking.code_address(where), callback, where)

    def unhook(self, where: str | int) -> None:
        """Remove the hooks at a symbol or address; MachineError if there are none.

        A name means where it was when the hook was set, whatever an update has made of it.
        """
        self._breakpoints.unhook(where)

    def add_breakpoint(self, where: str | int, owner: str = "user") -> None:
        """Let runs end with RunEnd.ADDRESS before the instruction at a symbol or address."""
        check_kind("owner", owner, str)
        self._breakpoints.add(self._looking.code_address(where), owner, where)

    def remove_breakpoint(self, where: str | int, owner: str = "user") -> None:
        """Take a breakpoint of this owner away, named as when it was set; MachineError if there is none."""
        self._breakpoints.remove(where, owner)

    def watch(
        self,
        where: str | int,
        size_bytes: int | None = None,
        *,
        kind: Literal["write", "read", "access"] = "write",
        callback: Callable[[WatchedAccess], object] | None = None,
        owner: str = "user",
    ) -> Watchpoint:
        """Watch memory or a device register until `remove()` of the result is called.

        `where` is an address, a symbol, or a register such as `uart0.line_control`; the size is theirs, or 4.
        Every access of that kind, writes of DMA too, is told to `callback` with who made it; without one the
        run ends with RunEnd.WATCHPOINT behind it. Reads, and writes not of RAM, slow their 16 KiB down.
        """
        if kind not in ("write", "read", "access"):
            raise MachineError(f"kind: {kind!r} is none of write, read, access")
        check_kind("owner", owner, str)
        if callback is not None:
            check_callable("callback", callback)
        address, size = self._looking.watchable_at(where, size_bytes)
        watched = WatchedRange(address, size, reads=kind != "write", writes=kind != "read")
        return self._watchpoints.add(watched, owner, callback)

    # ---- power and reset ---------------------------------------------------------------------------

    @property
    def refusal(self) -> str | None:
        """Why the mask ROM waits for a download; None: it does not."""
        return self._power.refusal

    def reset(self, cause: ResetCause = ResetCause.WATCHDOG) -> None:
        """Reset the chip; the next run boots it. Flash, RAM and always-on domain stay as the cause says."""
        check_kind("cause", cause, ResetCause)
        self._control.moved()
        self._reset(cause)

    def power_cycle(self) -> None:
        """Take the power away and give it back: only the flash stays. Time goes on."""
        self._control.moved()
        self._cycle_power()

    def cut_power_at_flash_operation(self, number: int, phase: Phase = Phase.BEFORE) -> None:
        """Cut the power at the flash program or erase of that number, counted from 1 and from now on.

        The run ends there with RunEnd.POWER_CUT; `phase` says whether the operation is complete.
        """
        check_kind("phase", phase, Phase)
        self._cut_power_at(check_count("number", number, at_least=1), phase)

    def on_reset(self, observer: Callable[[ResetCause], None]) -> None:
        """Be told of every reset, before the chip boots again; `last_reset` tells more."""
        self._power.observers.append(check_callable("observer", observer))

    @property
    def last_reset(self) -> ResetReport | None:
        """The latest reset that the chip has made by itself, also for observers of resets; None: none yet."""
        return self._resets.latest

    # ---- snapshots ----------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Keep the whole machine as it is, between runs: chip, memories, flash, and what the UARTs have sent.

        Hooks, breakpoints, watchpoints and listeners are no part of it.
        """
        self._control.check_between_runs("snapshot")
        return self._state.save()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this machine or another of the same chip, between runs; nobody is told.

        A run from here is the one that went on from there. MachineError if the chips differ.
        """
        check_kind("snapshot", snapshot, Snapshot)
        self._control.check_between_runs("restore")
        self._control.check_may_go_back("restore")
        self._control.moved()
        self._state.restore(snapshot)
        if self._recorder.beginning is not None:
            self._recorder.start(self._recorder.hash_every_ns)  # what came before is another story
            self._history.forget()

    def save_state(self, path: PathLike) -> None:
        """Write all that `load_state` needs to a file, at once or not at all, between runs.

        LoadError if it cannot be written, MachineError for a machine that was not loaded.
        """
        from emu.machine.saved_machine import save_machine

        save_machine(Path(path), self._made_from, self.snapshot())

    def record(self, hash_every_s: float | None = None) -> None:
        """Keep all that comes from outside from now on, for `save_recording`; what was recorded is forgotten.

        With `hash_every_s`, virtual seconds, a replay that differs can say from when on.
        """
        self._control.check_between_runs("record")
        every_ns = None if hash_every_s is None else check_seconds("hash_every_s", hash_every_s)
        self._recorder.start(every_ns or None)
        self._history.forget()

    def keep_history(self, every_s: float = 0.2, limit_bytes: int = HISTORY_LIMIT_BYTES) -> None:
        """Record from now on, unless that is done already, with a snapshot so often, for `go_to`.

        When they take more than `limit_bytes`, the older ones get further apart.
        """
        if self._recorder.beginning is None:
            self.record()
        every_ns = check_seconds("every_s", every_s)
        self._history.keep(max(every_ns, 1), check_count("limit_bytes", limit_bytes))

    def go_to(self, time_s: float | None = None, *, executed: int | None = None) -> None:
        """Go back, or on, in what is recorded: to a virtual time, or to exactly so many instructions.

        What comes in then begins another future; else the known one comes again. Observers hear nothing of
        what they have heard before. MachineError for a place before the recording.
        """
        self._control.check_between_runs("go_to")
        if (time_s is None) == (executed is None):
            raise MachineError("go_to: give a time or a number of instructions")
        time_ns = None if time_s is None else check_seconds("time_s", time_s)
        count = None if executed is None else check_count("executed", executed)
        if (time_ns or 0) < self.now_ns and (count or 0) < self.executed:
            self._control.check_may_go_back("go_to")
        self._control.moved()
        self._history.go_to(RunLimits(time_ns, count), self._control)

    def save_recording(self, path: PathLike) -> None:
        """Write what has been recorded until now to a file that `Replay.load` and `w800emu replay` take."""
        from emu.machine.recording import save_recording

        self._control.check_between_runs("save_recording")
        save_recording(Path(path), self._made_from, self._recorder)

    # ---- being told ----------------------------------------------------------------------------------

    def on_crash(self, observer: Callable[[CrashReport], None]) -> None:
        """Have every crash reported, when it happens."""
        self._crashes.observers.append(check_callable("observer", observer))

    def on_note(self, observer: Callable[[str], None]) -> None:
        """Be told of what goes into `notes`, when it does."""
        self._notes.observers.append(check_callable("observer", observer))

    def trace(self, write: Callable[[str], object], form: str = "text") -> None:
        """Write every instruction from now on, in a form of `emu.report.trace_formats`.

        MachineError unless the machine has `engine="interpreter"`.
        """
        writers = Observers[[str]](keep_error=self._keep_error)
        writers.append(write)
        start_trace(self.board, self.describe, writers, form)

    # ---- the end -----------------------------------------------------------------------------------

    def save_flash(self, path: str | Path) -> None:
        """Write the flash contents to a file, at once or not at all; LoadError if it cannot be written."""
        write_atomically(Path(path), bytes(self.flash.contents))

    def on_close(self, action: Callable[[], None]) -> None:
        """Have something done when the machine is closed."""
        self._close_actions.append(action)

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
    machine._power.give_up(chr(machine.registers["r0"] & 0xFF))
