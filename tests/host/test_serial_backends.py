"""Back ends that are serial ports for programs of the host, each with a real client."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from emu.host.backends import parse_backend
from emu.host.terminal import Console
from emu.host.uart_backend import Terminal
from emu.host.wire import LineSettings
from emu.listening import PortError

PATIENCE_S = 10
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # of pyserial


class Pins:
    """A board that notes what is done to it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def reset(self) -> None:
        self.done.append("reset")

    def drive_boot_pin(self, *, low: bool) -> None:
        self.done.append("boot low" if low else "boot high")


class Host:
    """Attends to a back end like the loop around a run."""

    def __init__(self, text: str) -> None:
        self.said: list[str] = []
        self.pins = Pins()
        self.received = b""
        terminal = Terminal(Console(), lambda: b"", self.said.append, self.pins)
        self.backend: Any = parse_backend(text).open(terminal)

    def attend(self) -> None:
        self.backend.flush()
        while (data := self.backend.receive()) or self.backend.take_break():
            self.received += data or b"<break>"

    def has_received(self, text: bytes) -> bool:
        return self.received.endswith(text)

    def until(self, condition: Callable[[], object]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end_s, (self.received, self.said)
            self.attend()

    def during(self, action: Callable[[], Any]) -> Any:
        """Attend while somebody does something that waits for answers."""
        results: list[Any] = []
        thread = threading.Thread(target=lambda: results.append(action()))
        thread.start()
        self.until(lambda: not thread.is_alive())
        return results[0]


def host_of(text: str) -> Iterator[Host]:
    host = Host(text)
    yield host
    host.backend.close()


@pytest.fixture
def rfc2217() -> Iterator[Host]:
    yield from host_of("rfc2217:0")


def client_of(host: Host, **settings: Any) -> Any:
    import serial.rfc2217

    client = serial.rfc2217.Serial()
    client.port = f"rfc2217://{host.backend.address}"
    client.timeout = PATIENCE_S
    for name, value in settings.items():
        setattr(client, name, value)
    host.during(client.open)
    return client


def test_a_serial_port_has_its_bytes_unchanged_in_both_directions(rfc2217: Host) -> None:
    everything = bytes(range(256)) * 40
    client = client_of(rfc2217, dtr=0, rts=0)  # it drops what has come before
    rfc2217.backend.send(b"boot\n")
    assert rfc2217.during(lambda: client.read(5)) == b"boot\n"
    rfc2217.during(lambda: client.write(everything))
    rfc2217.until(lambda: len(rfc2217.received) == len(everything))
    assert rfc2217.received == everything
    rfc2217.backend.send(everything)
    assert rfc2217.during(lambda: client.read(len(everything))) == everything
    rfc2217.during(client.close)
    rfc2217.until(lambda: rfc2217.said == ["is connected", "has been left"])


def test_settings_come_with_the_bytes_that_are_sent_with_them(rfc2217: Host) -> None:
    client = client_of(rfc2217, dtr=0, rts=0, baudrate=9600)
    rfc2217.attend()
    assert rfc2217.backend.line == LineSettings(9600)

    def send() -> None:
        client.write(b"slow")
        client.baudrate = 2_000_000
        client.parity = "E"
        client.write(b"fast")

    seen: list[tuple[bytes, LineSettings]] = []
    thread = threading.Thread(target=send)
    thread.start()
    while not seen or seen[-1][0] != b"fast":
        rfc2217.backend.flush()
        if data := rfc2217.backend.receive():
            seen.append((data, rfc2217.backend.line))
    thread.join()
    assert seen == [(b"slow", LineSettings(9600)), (b"fast", LineSettings(2_000_000, parity="E"))]
    rfc2217.during(client.close)
    rfc2217.until(lambda: rfc2217.backend.line is None)


def test_rts_going_off_is_a_reset_and_dtr_the_boot_pin(rfc2217: Host) -> None:
    client = client_of(rfc2217, dtr=0, rts=0)
    for name, value in (("rts", 1), ("rts", 0), ("rts", 1), ("dtr", 1), ("rts", 0), ("dtr", 0)):
        rfc2217.during(partial(setattr, client, name, value))
    rfc2217.during(client.close)
    assert [done for done in rfc2217.pins.done if done != "boot high"] == ["reset", "boot low", "reset"]
    assert rfc2217.pins.done[-1] == "boot high"


def test_a_break_comes_in_order_with_the_bytes(rfc2217: Host) -> None:
    client = client_of(rfc2217, dtr=0, rts=0)
    rfc2217.during(lambda: client.write(b"before"))
    rfc2217.during(lambda: client.send_break(0.01))
    rfc2217.during(lambda: client.write(b"behind"))
    rfc2217.until(lambda: rfc2217.received == b"before<break>behind")
    rfc2217.during(client.close)


def test_a_client_that_is_lost_makes_room_for_the_next(rfc2217: Host) -> None:
    first = client_of(rfc2217, dtr=0, rts=0)
    lost = first._socket
    lost.shutdown(socket.SHUT_RDWR)
    second = client_of(rfc2217, dtr=0, rts=0)
    rfc2217.during(lambda: second.write(b"here"))
    rfc2217.until(lambda: rfc2217.received == b"here")
    rfc2217.during(second.close)
    lost.close()


def test_a_slow_reader_loses_nothing_that_fits_and_holds_up_nobody(rfc2217: Host) -> None:
    client = client_of(rfc2217, dtr=0, rts=0)
    flood = bytes(range(250)) * 800
    started_s = time.monotonic()
    for position in range(0, len(flood), 1000):
        rfc2217.backend.send(flood[position : position + 1000])
        rfc2217.backend.flush()
    assert time.monotonic() - started_s < 5
    assert rfc2217.during(lambda: client.read(len(flood))) == flood
    rfc2217.during(client.close)


def test_a_server_is_found_and_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emu.host.connect_backend.AGAIN_S", 0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = Host(f"connect:127.0.0.1:{server.getsockname()[1]}")
        for text in (b"one", b"two"):
            peer, _ = server.accept()
            host.until(lambda: host.backend.descriptors)
            host.backend.send(text)
            host.attend()
            assert peer.recv(3) == text
            peer.sendall(text)
            host.until(partial(host.has_received, text))
            peer.close()
            host.until(lambda: not host.backend.descriptors)
            host.attend()
        host.backend.close()
    assert host.said[:4] == ["is connected", "has been left"] * 2


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PortError, match=f"nothing answers at localhost:{port}: .*: start the server first"):
        Host(f"connect:localhost:{port}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("connect:example.org:80", "'example.org' is not this machine"),
        ("connect:80", "'' is not this machine"),
        ("connect:localhost:x", "'x' is not a port number"),
        ("connect:localhost:0", "port 0 is nobody's"),
        ("rfc2217:x", "'x' is not a port number"),
    ],
)
def test_what_cannot_be_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_backend(text)


if sys.platform != "win32":
    import termios

    @pytest.fixture
    def pty(tmp_path: Path) -> Iterator[Host]:
        yield from host_of(f"pty:{tmp_path / 'tty'}")

    def open_end(path: str | Path) -> int:
        return os.open(path, os.O_RDWR | os.O_NOCTTY)

    def test_a_pseudo_terminal_is_a_serial_port(pty: Host, tmp_path: Path) -> None:
        import serial

        pty.backend.send(b"boot\r\n\x03\x04")
        with serial.Serial(str(tmp_path / "tty"), 115_200, timeout=PATIENCE_S) as client:
            assert pty.during(lambda: client.read(8)) == b"boot\r\n\x03\x04"
            assert pty.backend.line == LineSettings(115_200)
            client.write(b"AT\r\n\x03\x13")
            pty.until(lambda: pty.received == b"AT\r\n\x03\x13")
            client.baudrate = 9600
            assert pty.backend.line == LineSettings(9600)
        pty.until(lambda: pty.said == ["is connected", "has been left"])
        assert pty.backend.descriptors == ()

    def test_who_sets_no_rate_has_the_chips(pty: Host) -> None:
        end = open_end(pty.backend.name)
        assert pty.backend.line is None
        os.close(end)

    def test_what_nobody_reads_is_kept_and_whoever_comes_again_goes_on(pty: Host) -> None:
        for text in (b"first\n", b"second\n"):
            pty.attend()
            pty.backend.send(text)
            end = open_end(pty.backend.name)
            assert pty.during(partial(os.read, end, 100)) == text
            os.close(end)
            pty.until(lambda: not pty.backend.descriptors)

    def test_a_slow_reader_of_a_pseudo_terminal_loses_nothing(pty: Host) -> None:
        end = open_end(pty.backend.name)
        flood = bytes(range(32, 127)) * 1000
        pty.backend.send(flood)
        for _ in range(100):
            pty.attend()
        got = b""
        while len(got) < len(flood):
            got += pty.during(lambda: os.read(end, 1000))
        assert got == flood
        os.close(end)

    def test_a_link_is_made_anew_and_taken_away_but_no_file_is(tmp_path: Path) -> None:
        (tmp_path / "stale").symlink_to("/nowhere")
        host = Host(f"pty:{tmp_path / 'stale'}")
        assert host.backend.announcement == f"is on {tmp_path / 'stale'} ({host.backend.name})"
        host.backend.close()
        assert not (tmp_path / "stale").is_symlink()
        (tmp_path / "file").write_text("precious")
        with pytest.raises(PortError, match="is a file: give the link another name"):
            Host(f"pty:{tmp_path / 'file'}")
        with pytest.raises(PortError, match="the link cannot be made"):
            Host(f"pty:{tmp_path / 'no folder' / 'tty'}")

    @pytest.mark.skipif(shutil.which("picocom") is None, reason="picocom is not installed")
    def test_picocom_sees_what_is_sent(pty: Host) -> None:
        command = ["picocom", "-q", "-b", "115200", "-x", "1500", pty.backend.name]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        pty.until(lambda: pty.backend.descriptors)
        pty.backend.send(b"hello\r\n")
        output, _ = pty.during(process.communicate)
        assert b"hello" in output

    def test_the_terminals_attributes_are_raw(pty: Host) -> None:
        end = open_end(pty.backend.name)
        assert not termios.tcgetattr(end)[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
        os.close(end)
