"""A session on a machine without a boot chain."""

from __future__ import annotations

import re
import signal
from functools import partial

from cpu.program import code, op
from machine.device import PREPARE_UART0, SPIN, machine_of, send

from emu.cli.exit_code import ExitCode
from emu.cli.session import Session
from emu.cli.text_watch import TextWatch
from emu.host.uart_backend import UartBackend
from emu.host.uart_bridge import QUEUED_BYTES, UartBridge
from emu.host.wire import settings_of
from emu.machine import Machine

HELLO = code(PREPARE_UART0, send("Hello, world\r\n"), SPIN)


class Recorder(UartBackend):
    """Keeps what is sent, and what was flushed of it; presses Ctrl-C at a byte."""

    def __init__(self, interrupt_at: bytes = b"") -> None:
        self.sent = b""
        self.flushed = b""
        self._interrupt_at = interrupt_at

    def send(self, data: bytes) -> None:
        self.sent += data
        if data == self._interrupt_at:
            signal.raise_signal(signal.SIGINT)

    def flush(self) -> None:
        self.flushed = self.sent


def bridges(machine: Machine, backend: UartBackend) -> list[UartBridge]:
    settings = partial(settings_of, machine.board.soc.uart0)
    fail = partial(machine.faults.uart, 0, queued=True)
    return [UartBridge(machine.uart0, backend, settings, lambda text: None, fail)]


def test_ctrl_c_stops_the_machine_and_flushes() -> None:
    machine = machine_of(HELLO)
    backend = Recorder(interrupt_at=b"w")
    before = signal.getsignal(signal.SIGINT)
    ending = Session(machine, bridges(machine, backend), TextWatch([], [])).run(1_000_000_000)
    assert ending.code == ExitCode.INTERRUPTED
    assert re.match(r"interrupted after 0\.00\d s; at pc 0x\w+ \(main", ending.message)
    assert b"Hello, w" in backend.flushed
    assert signal.getsignal(signal.SIGINT) is before


def test_a_live_session_passes_input_on() -> None:
    machine = machine_of(code(PREPARE_UART0, SPIN))
    typed = [b"", b"x", b""]

    class Keyboard(Recorder):
        def receive(self) -> bytes:
            if not typed:
                session.quit()
                return b""
            return typed.pop(0)

    backend = Keyboard()
    session = Session(machine, bridges(machine, backend), TextWatch([], []))
    assert session.run_live(None, lambda: False).code is ExitCode.SUCCESS
    uart = machine.board.soc.uart0
    assert uart.read(uart.rx_data.offset) == ord("x")


def test_ctrl_c_between_two_slices_is_not_lost() -> None:
    class Impatient(Recorder):
        def receive(self) -> bytes:
            signal.raise_signal(signal.SIGINT)
            return b""

    machine = machine_of(SPIN)
    session = Session(machine, bridges(machine, Impatient()), TextWatch([], []))
    assert session.run_live(None, lambda: False).code == ExitCode.INTERRUPTED


def test_a_live_session_ends_with_the_time() -> None:
    machine = machine_of(SPIN)
    ending = Session(machine, [], TextWatch(["never"], [])).run_live(25_000_000, lambda: False)
    assert ending.code is ExitCode.TIME_UP
    assert ending.message == (
        "error: the virtual time is up after 0.025 s; 'never' has not appeared; "
        "at pc 0x08000000 (main), in an endless loop, interrupts off"
    )


def test_a_crash_ends_a_live_session_after_the_firmware_has_had_its_say() -> None:
    machine = machine_of(op("bkpt"), grace_ns=30_000_000)
    ending = Session(machine, [], TextWatch([], [])).run_live(None, lambda: False)
    assert ending.code is ExitCode.FAILURE
    assert ending.message.startswith("error: breakpoint instruction at pc 0x08000000 (main)")
    assert machine.now_ns >= 30_000_000


def test_a_flood_of_input_waits_until_the_firmware_has_taken_some() -> None:
    class Flood(Recorder):
        taken = 0

        def receive(self) -> bytes:
            self.taken += 4096
            return bytes(4096)

    machine = machine_of(code(op("wait"), SPIN))  # nobody switches the receiver on
    flood = Flood()
    session = Session(machine, bridges(machine, flood), TextWatch([], []))
    session.run_live(250_000_000, lambda: False)
    assert flood.taken == QUEUED_BYTES
