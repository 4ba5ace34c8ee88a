"""What a firmware's UART gets from a back end whose end of the line is set differently, or that sends a break."""

from __future__ import annotations

from collections import deque
from functools import partial
from pathlib import Path

import pytest
from cpu.program import code
from machine.device import PREPARE_UART0, SPIN, machine_of, send

from emu.host.terminal import Console
from emu.host.uart_backend import Terminal, UartBackend
from emu.host.uart_bridge import UartBridge
from emu.host.wire import LineSettings, settings_of
from emu.machine import Machine
from emu.machine.demo import BUILT_IN_PROGRAMS
from emu.machine.replay import Replay


class Peer(UartBackend):
    """Sends what it is given; None is a break."""

    form = "peer"

    def __init__(self, line: LineSettings | None, *events: bytes | None) -> None:
        super().__init__("", Terminal(Console(), lambda: b""))
        self.line = line
        self.sent = b""
        self._events = deque(events)

    def receive(self) -> bytes:
        return self._events.popleft() or b"" if self._events and self._events[0] is not None else b""

    def take_break(self) -> bool:
        is_break = bool(self._events) and self._events[0] is None
        if is_break:
            self._events.popleft()
        return is_break

    def send(self, data: bytes) -> None:
        self.sent += data


def bridge_of(machine: Machine, peer: Peer, said: list[str]) -> UartBridge:
    uart = machine.board.soc.uart0
    fail = partial(machine.faults.uart, 0, queued=True)
    return UartBridge(machine.uart0, peer, partial(settings_of, uart), said.append, fail)


def received(machine: Machine, peer: Peer) -> tuple[bytes, str]:
    """What the FIFO holds after a while, and the error flags."""
    said: list[str] = []
    machine.run(100_000)  # the UART is set up
    bridge_of(machine, peer, said).attend()
    machine.run(5_000_000)
    uart = machine.board.soc.uart0
    source = uart.interrupt_source
    flags = {"break": source.break_seen, "frame": source.frame_error, "parity": source.parity_error}
    return uart.take(100)[0], " ".join(name for name, is_set in flags.items() if is_set)


@pytest.mark.parametrize(
    ("line", "events", "data", "flags"),
    [
        (None, [b"AT"], b"AT", ""),
        (LineSettings(115_200), [b"AT"], b"AT", ""),
        (LineSettings(115_200), [b"AT", None, b"+"], b"AT\0+", "break frame"),
        (LineSettings(115_200, parity="E"), [b"TU"], b"TU", "frame"),  # only T has a parity bit of 1
        (LineSettings(9600), [b"@"], b"\0\0", "break frame"),
    ],
)
def test_the_firmware_gets_bytes_and_flags(
    line: LineSettings | None, events: list[bytes | None], data: bytes, flags: str
) -> None:
    with machine_of(code(PREPARE_UART0, SPIN)) as machine:
        assert received(machine, Peer(line, *events)) == (data, flags)


def test_a_parity_that_is_wrong_is_flagged() -> None:
    with machine_of(code(PREPARE_UART0, SPIN)) as machine:
        machine.run(100_000)
        machine.board.soc.uart0.line_control.parity = 1
        assert received(machine, Peer(LineSettings(115_200, parity="O"), b"U")) == (b"U", "parity")


def test_the_other_end_gets_what_the_wire_makes_of_it_and_the_user_is_told_once() -> None:
    with machine_of(code(PREPARE_UART0, send("UU"), SPIN)) as machine:
        peer, said = Peer(LineSettings(57_600)), list[str]()
        bridge_of(machine, peer, said)
        machine.run(5_000_000)
    assert peer.sent not in (b"", b"UU")
    assert said == ["115,274 8N1 is sent, and 57,600 8N1 expected: what arrives is garbage"]


def test_faults_on_their_way_are_in_snapshots() -> None:
    with machine_of(code(PREPARE_UART0, SPIN)) as machine:
        machine.run(100_000)
        bridge_of(machine, Peer(LineSettings(115_200), b"A", None), []).attend()
        middle = machine.snapshot()
        machine.run(5_000_000)
        end = machine.snapshot().state_hash()
        assert machine.board.soc.uart0.interrupt_source.break_seen
        machine.restore(middle)
        machine.run(5_000_000)
        assert machine.snapshot().state_hash() == end


def test_faults_are_replayed(tmp_path: Path) -> None:
    file = tmp_path / "break.rec"
    with Machine.load(BUILT_IN_PROGRAMS[1], cache=False) as machine:
        machine.uart0.expect("init finished")
        machine.record(hash_every_s=0.01)
        bridge_of(machine, Peer(LineSettings(115_200), b"A", None), []).attend()
        machine.run(50_000_000)
        machine.save_recording(file)
    replay = Replay.load(file)
    assert [one.arguments for one in replay.recording.inputs] == [(b"A",), (0, "break", 0, True)]
    assert replay.run().difference == ""
