"""What a run is connected to: terminal and other back ends, the network of the host, gdb, a script."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Final

from emu.cli.ending_signals import EndedBySignal
from emu.cli.flash_progress import FlashProgress, ProgressConsole
from emu.cli.input_end import InputEnd
from emu.cli.run_kind import END_OF_STORY, RunKind
from emu.cli.run_options import RunOptions
from emu.cli.run_report import tell_crashes, tell_resets
from emu.cli.script_runner import ScriptRunner
from emu.cli.session import Ending, Session
from emu.cli.text_watch import TextWatch
from emu.host.board_pins import BoardPins
from emu.host.loop import Attendant, Runnable
from emu.host.message import tell
from emu.host.script_steps import Step
from emu.host.terminal import QUIT_KEY, QUIT_KEY_NAME, Console, Keyboard, keyboard, moves_cursor
from emu.host.text_pattern import TextPattern
from emu.host.uart_backend import Terminal
from emu.host.uart_bridge import UartBridge
from emu.host.wire import settings_of
from emu.machine import Machine

if TYPE_CHECKING:
    from emu.host.network_sockets import NetworkSockets

HANG_UP: Final = 1
"""SIGHUP, which Windows has not."""


class Connections:
    """Opens all that the options name; the stack closes it. `run` runs the machine to the end."""

    def __init__(self, machine: Machine, options: RunOptions, kind: RunKind, stack: ExitStack) -> None:
        self._machine = machine
        self._options = options
        self._kind = kind
        self._stack = stack
        self._keyboard: Keyboard | None = None
        self._sockets: NetworkSockets | None = None
        self._console = self._make_console()
        stack.callback(self._console.close)
        self._session = self._connect()

    def open_keyboard(self) -> None:
        """Read keys, if somebody can type."""
        if self._kind.is_interactive:
            self._keyboard = self._stack.enter_context(keyboard())
            tell(f"{QUIT_KEY_NAME} quits")

    def run(self) -> Ending:
        """The demo hurries to its end also when somebody can type; everything else that is live is paced."""
        options, kind, machine = self._options, self._kind, self._machine
        if options.gdb is not None and not kind.is_live:
            return self._session.run_live(options.max_time, lambda: False, slice_ns=None)
        if not kind.is_live:
            return self._session.run(options.max_time)
        story = TextWatch([END_OF_STORY] if kind.is_demo and not options.realtime else [], [])
        machine.uart0.listeners.append(lambda _, byte: story.feed(bytes((byte,))))

        def is_paced() -> bool:
            if self._sockets is not None and self._sockets.is_busy:
                return True
            if machine.refusal is not None and not options.realtime:
                return not machine.uart0.queued  # a transfer need not take the time of its line
            if kind.pipe is not None and kind.pipe.has_ended and not kind.has_listeners:
                return bool(options.realtime)
            return kind.follows_clock and options.realtime is not False and not story.missing

        return self._session.run_live(options.max_time, is_paced)

    # ---- what is connected -----------------------------------------------------------------------

    def _connect(self) -> Session:
        machine, options, kind = self._machine, self._options, self._kind
        scripts: list[Sequence[Step]] = [options.steps]
        bridges = self._bridges(scripts)
        scripts += [each.steps for each in options.screenshot if each.at is not None]
        self._tell_events()
        expected: tuple[TextPattern | str, ...] = options.expect
        watch = TextWatch(expected if kind.end_text is None else (kind.end_text,), options.fail_on)
        attendants = self._wifi()
        input_end = None
        if kind.pipe is not None:
            uart = max(number for number, choice in kind.choices if choice.backend.is_terminal)
            input_end = InputEnd(machine, uart, kind.pipe, options.quiet_end)
        ends = options.scenario is not None and not expected

        def session(runnable: Runnable) -> Session:
            script = ScriptRunner(machine, runnable, scripts, ends=ends)
            return Session(machine, bridges, watch, attendants, script, input_end)

        if options.gdb is None:
            return session(machine)
        from emu.cli.gdb_server import gdb_server  # few need it

        serving = gdb_server(machine, options.gdb, self._console.say, waits=options.gdb_wait)
        server = self._stack.enter_context(serving)
        under_gdb = session(server)
        server.on_kill = under_gdb.quit
        return under_gdb

    def _tell_events(self) -> None:
        """Tell on stderr what happens with the machine."""
        machine, options, say = self._machine, self._options.machine, self._console.say
        if not self._kind.is_demo:
            tell_resets(machine, options.get("max_resets"), say)
        machine.on_note(say)
        if machine.flash_checker is not None:
            machine.flash_checker.observers.append(lambda violation: say(str(violation)))
        if options.get("on_crash") == "continue":
            tell_crashes(machine, say)
        if machine.has_wifi:
            machine.wifi.events.append(lambda _, text: say(f"wifi: {text}"))

    def _wifi(self) -> list[Attendant]:
        """Capture what goes through the air, and open the sockets that were asked for."""
        options = self._options
        if options.wifi_pcap is not None:
            from emu.host.capture_file import CaptureFile  # few runs need it

            self._stack.callback(CaptureFile(self._machine, options.wifi_pcap).close)
        if not options.wifi_forward and not options.wifi_allow:
            return []
        from emu.host.network_sockets import NetworkSockets  # few runs need it

        self._sockets = NetworkSockets(self._machine, options.wifi_forward, options.wifi_allow)
        self._stack.callback(self._sockets.close)
        for announcement in self._sockets.announcements:
            tell(f"wifi: {announcement}")
        return [self._sockets]

    def _bridges(self, scripts: list[Sequence[Step]]) -> list[UartBridge]:
        """Open all back ends, adding their scripts; input of the terminal is for the last UART on it."""
        machine, choices = self._machine, self._kind.choices
        stdio = [number for number, choice in choices if choice.backend.is_terminal]
        bridges, board = [], BoardPins(machine)
        for number, choice in choices:
            typed = self._typed if number == max(stdio, default=None) else lambda: b""
            say = partial(self._say_of_uart, number)
            backend = choice.open(Terminal(self._console, typed, say, board))
            self._stack.callback(backend.close)
            scripts.append(backend.steps(number))
            if backend.announcement:
                tell(f"uart{number} {backend.announcement}")
            settings = partial(settings_of, machine.board.soc.uarts[number])
            fail = partial(machine.faults.uart, number, queued=True)
            bridges.append(UartBridge(machine.uarts[number], backend, settings, say, fail))
        return bridges

    def _make_console(self) -> Console:
        if not (sys.stdout.isatty() and sys.stderr is not None and sys.stderr.isatty() and moves_cursor()):
            return Console()
        progress = FlashProgress()
        self._machine.flash.observers.append(progress.observe)
        return ProgressConsole(progress)

    def _say_of_uart(self, number: int, text: str) -> None:
        self._console.say(f"uart{number} {text}")

    def _typed(self) -> bytes:
        if self._kind.pipe is not None:
            return self._kind.pipe.read()
        if self._keyboard is None:
            return b""
        keys = self._keyboard.read()
        if self._keyboard.is_gone:
            raise EndedBySignal(HANG_UP)
        if QUIT_KEY in keys:
            self._session.quit()
        return keys.partition(QUIT_KEY)[0]
