"""Carries out `w800emu run`: builds what the options ask for, runs it, and leaves everything flushed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from emu.cli.ending_signals import EndedBySignal
from emu.cli.flash_progress import FlashProgress, ProgressConsole
from emu.cli.input_end import InputEnd
from emu.cli.run_options import RunOptions
from emu.cli.run_report import (
    report_statistics,
    report_unmodelled,
    save_at_end,
    tell_crashes,
    tell_ramdump_wait,
    tell_resets,
    write_ramdump,
)
from emu.cli.scenario import WriteSerial
from emu.cli.script_runner import ScriptRunner
from emu.cli.session import Ending, Session
from emu.cli.text_pattern import TextPattern
from emu.cli.text_watch import TextWatch
from emu.host.board_pins import BoardPins
from emu.host.capture_file import CaptureFile
from emu.host.loop import Attendant
from emu.host.message import tell
from emu.host.output_file import OutputFile
from emu.host.pipe_input import PipeInput, is_piped
from emu.host.terminal import (
    QUIT_KEY,
    QUIT_KEY_NAME,
    Console,
    Keyboard,
    is_interactive,
    keyboard,
    moves_cursor,
)
from emu.host.uart_backend import Terminal
from emu.host.uart_bridge import UartBridge
from emu.host.wire import settings_of
from emu.loader import write_atomically
from emu.loader.files import read_file
from emu.machine import CrashReport, Machine
from emu.machine.demo import (
    OVER_THE_AIR_FIRMWARE,
    OVER_THE_AIR_PROGRAMS,
    holds_demo,
    over_the_air_network,
    serve_update,
)
from emu.options import MachineOptions, PathLike
from emu.signal_gate import SignalGate
from emu.trace import cover

if TYPE_CHECKING:
    from emu.host.network_sockets import NetworkSockets

END_OF_STORY = "atcmd init finished"
"""What the built-in demo prints last on its own."""


HANG_UP = 1
"""SIGHUP, which Windows has not."""
USUAL_FLASH = 2 << 20
"""Bytes of a new board's."""


class Runner:
    """One run. Whatever ends it, the back ends are flushed and the machine is closed."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        is_new = options.firmware is None and options.load_state is None
        self._is_empty_board = is_new and _is_empty_board(options)
        is_demo = is_new and not self._is_empty_board
        self._is_demo = is_demo and _starts_demo(options.machine.get("flash_file"))
        self._choices = options.backends(is_demo=self._is_demo)
        self._is_interactive = is_interactive() and any(
            choice.backend.is_terminal for _, choice in self._choices
        )
        names_stdio = any(choice.backend.is_terminal for chosen in options.uarts for choice in chosen)
        self._pipe = PipeInput() if names_stdio and not self._is_interactive and is_piped() else None
        takes_input = {number for number, choice in self._choices if choice.backend.takes_input}
        written = {step.uart for step in options.steps if isinstance(step, WriteSerial)}
        if 0 in takes_input | written:
            options.machine.setdefault("on_download", "wait")
        self._has_listeners = self._is_interactive or bool(takes_input or options.wifi_forward)
        self._follows_clock = self._has_listeners or self._pipe is not None or bool(options.realtime)
        self._is_live = self._follows_clock or bool(options.wifi_allow)
        self._sockets: NetworkSockets | None = None
        self._session: Session | None = None
        self._crashed_ns: int | None = None
        self._keyboard: Keyboard | None = None

    def run(self) -> Ending:
        """Run to the end and tell how it came."""
        options = self._options
        # Signals end what is in here, but nothing of what the stack leaves for the end.
        with SignalGate() as gate, ExitStack() as stack, gate.opened():
            machine, session = self._prepare(stack)
            dumps = [] if options.ramdump is None else _keep_ramdump(machine)
            started_s = time.perf_counter()
            ending = self._run(machine, session)
            wall_s = time.perf_counter() - started_s
        if options.ramdump is not None:
            write_ramdump(options.ramdump, dumps)
        elif ending.crash is not None:
            tell_ramdump_wait(machine)
        wanted: list[tuple[Callable[[Machine, Path], None], Path | None]] = [
            (Machine.save_state, options.save_state),
            (Machine.save_recording, options.record),
            (self._trace_last, options.trace if options.trace_last else None),
            *((partial(_screenshot, name), path) for name, path in options.screenshot),
        ]
        for save, path in wanted:
            if path is not None and not save_at_end(save, path, machine):
                ending = ending.failed()
        if options.json is not None:
            from emu.cli.json_result import write_result  # few need it

            write_result(options.json, machine, ending, wall_s)
        if options.report_unmodeled or options.stats:
            report_unmodelled(machine)
        if options.stats:
            report_statistics(machine, wall_s)
        return ending

    def _prepare(self, stack: ExitStack) -> tuple[Machine, Session]:
        options = self._options
        flash_file = options.machine.get("flash_file")
        if self._is_empty_board and flash_file is not None:
            write_atomically(
                Path(flash_file), b"\xff" * (options.machine.get("flash_size_bytes") or USUAL_FLASH)
            )
            tell(f"{flash_file} is new: an erased flash, which is saved at the end")
        machine = stack.enter_context(self._machine())
        if (options.save_flash or self._is_empty_board) and flash_file is not None:
            machine.save_flash(flash_file)  # now, to find out whether it can be written
            stack.callback(machine.save_flash, flash_file)
        if not self._is_demo:
            for line in machine.setup:
                tell(line)
        for name, _ in options.screenshot:
            _ = machine.parts[name]  # now, to tell a wrong one before the run
        session = self._session = self._connect(machine, stack)
        if options.trace_last is not None:
            machine.keep_history()
            machine.on_crash(self._crashed)
        elif options.trace is not None:
            self._trace(machine, options.trace, stack)
        if options.coverage is not None:
            stack.enter_context(cover(machine, options.coverage))
        if self._is_interactive:
            self._keyboard = stack.enter_context(keyboard())
            tell(f"{QUIT_KEY_NAME} quits")
        return machine, session

    def _trace(self, machine: Machine, path: Path, stack: ExitStack) -> None:
        if self._options.trace_format == "text":
            file = OutputFile(path)
            stack.callback(file.close)
            machine.trace(lambda line: file.write(line.encode()))
        else:
            from emu.trace.recorder import TraceRecorder  # few need it

            stack.enter_context(TraceRecorder(machine, path))

    def _crashed(self, report: CrashReport) -> None:
        self._crashed_ns = report.time_ns

    def _trace_last(self, machine: Machine, path: Path) -> None:
        from emu.trace.last import trace_last

        trace_last(machine, path, self._options.trace_last or 0, self._crashed_ns)

    def _machine(self) -> Machine:
        options = self._options
        if options.load_state is not None:
            machine = Machine.load_state(options.load_state, **options.machine)
        else:
            machine = Machine.load(self._firmware(), **self._machine_options())
        if options.record is not None:
            machine.record(None if options.hash_every is None else options.hash_every / 1e9)
        return machine

    def _firmware(self) -> Path | None:
        return OVER_THE_AIR_FIRMWARE if self._options.demo == "ota_http" else self._options.firmware

    def _machine_options(self) -> MachineOptions:
        """As given, and for the demo over the air with its network and names."""
        given = self._options.machine
        if self._options.demo != "ota_http":
            return given
        network = given.get("network")
        if network is None:
            network = over_the_air_network()
        else:
            serve_update(network)
        return {"elf": OVER_THE_AIR_PROGRAMS, **given, "network": network}

    def _run(self, machine: Machine, session: Session) -> Ending:
        """The demo hurries to its end also when somebody can type; everything else that is live is paced."""
        options = self._options
        if options.gdb is not None and not self._is_live:
            return session.run_live(options.max_time, lambda: False, slice_ns=None)
        if not self._is_live:
            return session.run(options.max_time)
        story = TextWatch([END_OF_STORY] if self._is_demo and not options.realtime else [], [])
        machine.uart0.listeners.append(lambda _, byte: story.feed(bytes((byte,))))

        def is_paced() -> bool:
            if self._sockets is not None and self._sockets.is_busy:
                return True
            if machine.refusal is not None and not options.realtime:
                return not machine.uart0.queued  # a transfer need not take the time of its line
            if self._pipe is not None and self._pipe.has_ended and not self._has_listeners:
                return bool(options.realtime)
            return self._follows_clock and options.realtime is not False and not story.missing

        return session.run_live(options.max_time, is_paced)

    def _connect(self, machine: Machine, stack: ExitStack) -> Session:
        options = self._options
        console = self._console(machine)
        stack.callback(console.close)
        bridges = self._bridges(machine, console, stack)
        if not self._is_demo:
            tell_resets(machine, options.machine.get("max_resets"), console.say)
        machine.on_note(console.say)
        if machine.flash_checker is not None:
            machine.flash_checker.observers.append(lambda violation: console.say(str(violation)))
        if options.machine.get("on_crash") == "continue":
            tell_crashes(machine, console.say)
        expected: tuple[TextPattern | str, ...] = options.expect
        has_end = self._is_interactive or options.steps or self._pipe is not None
        if self._is_demo and not expected and not has_end:
            expected = (END_OF_STORY,)
        watch = TextWatch(expected, options.fail_on)
        attendants = self._connect_wifi(machine, stack, console)
        input_end = None
        if self._pipe is not None:
            uart = max(number for number, choice in self._choices if choice.backend.is_terminal)
            input_end = InputEnd(machine, uart, self._pipe, options.quiet_end)
        ends = options.scenario is not None and not expected
        if options.gdb is None:
            script = ScriptRunner(machine, machine, options.steps, ends=ends)
            return Session(machine, bridges, watch, attendants, script, input_end)
        from emu.cli.gdb_server import gdb_server  # few need it

        serving = gdb_server(machine, options.gdb, console.say, waits=options.gdb_wait)
        server = stack.enter_context(serving)
        script = ScriptRunner(machine, server, options.steps, ends=ends)
        session = Session(machine, bridges, watch, attendants, script, input_end)
        server.on_kill = session.quit
        return session

    def _connect_wifi(self, machine: Machine, stack: ExitStack, console: Console) -> list[Attendant]:
        """Tell what happens in the air, capture it, and open the sockets that were asked for."""
        options = self._options
        if options.wifi_pcap is not None:
            stack.callback(CaptureFile(machine, options.wifi_pcap).close)
        if machine.has_wifi:
            machine.wifi.events.append(lambda _, text: console.say(f"wifi: {text}"))
        if not options.wifi_forward and not options.wifi_allow:
            return []
        from emu.host.network_sockets import NetworkSockets  # few runs need it

        self._sockets = NetworkSockets(machine, options.wifi_forward, options.wifi_allow)
        stack.callback(self._sockets.close)
        return [self._sockets]

    def _bridges(self, machine: Machine, console: Console, stack: ExitStack) -> list[UartBridge]:
        """Open all back ends; input of the terminal is for the last UART on it."""
        stdio = [number for number, choice in self._choices if choice.backend.is_terminal]
        bridges, board = [], BoardPins(machine)
        for number, choice in self._choices:
            typed = self._typed if number == max(stdio, default=None) else lambda: b""
            say = partial(_say_of_uart, console, number)
            backend = choice.open(Terminal(console, typed, say, board))
            stack.callback(backend.close)
            if backend.announcement:
                tell(f"uart{number} {backend.announcement}")
            settings = partial(settings_of, machine.board.soc.uarts[number])
            bridges.append(UartBridge(machine.uarts[number], backend, settings, say))
        return bridges

    def _console(self, machine: Machine) -> Console:
        if not (sys.stdout.isatty() and sys.stderr is not None and sys.stderr.isatty() and moves_cursor()):
            return Console()
        progress = FlashProgress()
        machine.flash.observers.append(progress.observe)
        return ProgressConsole(progress)

    def _typed(self) -> bytes:
        if self._pipe is not None:
            return self._pipe.read()
        if self._keyboard is None:
            return b""
        keys = self._keyboard.read()
        if self._keyboard.is_gone:
            raise EndedBySignal(HANG_UP)
        if QUIT_KEY in keys:
            assert self._session is not None
            self._session.quit()
        return keys.partition(QUIT_KEY)[0]


def _say_of_uart(console: Console, number: int, text: str) -> None:
    console.say(f"uart{number} {text}")


def _is_empty_board(options: RunOptions) -> bool:
    """Whether the flash file is to be made by somebody who flashes a new board by UART 0."""
    flash_file = options.machine.get("flash_file")
    can_flash = any(choice.backend.takes_input for choice in options.uarts[0])
    return flash_file is not None and can_flash and not Path(flash_file).exists()


def _starts_demo(flash_file: PathLike | None) -> bool:
    """Whether a run without a firmware is one of the demo: a flash saved earlier may hold anything."""
    return flash_file is None or not Path(flash_file).exists() or holds_demo(read_file(Path(flash_file)))


def _screenshot(name: str, machine: Machine, path: Path) -> None:
    from emu.machine.pictures import write_picture  # few need it

    write_picture(machine, name, path)


def _keep_ramdump(machine: Machine) -> list[bytes]:
    """A list that gets the dump of the first crash: the later ones may be the handler's own."""
    dumps: list[bytes] = []

    def keep(report: CrashReport) -> None:
        if not dumps:
            dumps.append(machine.ramdump(report))

    machine.on_crash(keep)
    return dumps
