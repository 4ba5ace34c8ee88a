from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from emu.host.backends import BackendChoice, parse_backend
from emu.host.file_backend import FileBackend
from emu.host.tcp_backend import BACKLOG_BYTES, TcpBackend
from emu.host.terminal import Console
from emu.host.uart_backend import Terminal, UartBackend
from emu.listening import PortError


def opened(text: str, typed: bytes = b"") -> UartBackend:
    return parse_backend(text).open(Terminal(Console(), lambda: typed))


def tcp_backend(port: int) -> TcpBackend:
    return TcpBackend(str(port), Terminal(Console(), lambda: b""))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def server() -> Iterator[tuple[TcpBackend, int]]:
    port = free_port()
    backend = tcp_backend(port)
    yield backend, port
    backend.close()


def received_by(backend: TcpBackend, size_bytes: int) -> bytes:
    data = b""
    while len(data) < size_bytes:
        backend.flush()
        data += backend.receive()
    return data


def test_a_file_keeps_the_bytes_as_sent(tmp_path: Path) -> None:
    log = tmp_path / "uart.log"
    backend = opened(f"file:{log}")
    backend.send(b"first\r\n")
    backend.flush()
    assert backend.receive() == b""
    assert log.read_bytes() == b"first\r\n"
    backend.send(b"rest")
    backend.close()
    assert log.read_bytes() == b"first\r\nrest"


def test_stdio_prints_and_takes_what_is_typed(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    backend = opened("stdio", typed=b"AT+\r")
    backend.send(b"hello\n")
    backend.flush()
    assert backend.receive() == b"AT+\r"
    assert capfdbinary.readouterr().out == b"hello\n"


def test_none_swallows_everything(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    backend = opened("none")
    backend.send(b"hello\n")
    backend.flush()
    assert backend.receive() == b""
    assert capfdbinary.readouterr().out == b""


def test_a_client_gets_what_was_sent_before_it_came_and_can_answer(server: tuple[TcpBackend, int]) -> None:
    backend, port = server
    backend.send(b"boot\n")
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"AT+\r")
        assert received_by(backend, 4) == b"AT+\r"
        assert client.recv(100) == b"boot\n"


def test_the_next_client_may_come_when_one_has_hung_up(server: tuple[TcpBackend, int]) -> None:
    backend, port = server
    for text in (b"one", b"two"):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(text)
            assert received_by(backend, 3) == text


def test_a_port_in_use_is_named(server: tuple[TcpBackend, int]) -> None:
    with pytest.raises(PortError, match=f"TCP port {server[1]} cannot be used"):
        tcp_backend(server[1])


@pytest.mark.parametrize("text", ["", "pipe", "file:", "stdio:1", "none:", "file"])
def test_an_unknown_back_end_is_refused_with_the_choices(text: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"use stdio, file:PATH, pty\[:LINK\], rfc2217:PORT, tcp:PORT, connect:HOST:PORT, script:FILE or none",
    ):
        parse_backend(text)


@pytest.mark.parametrize("port", ["65536", "-1", "http", "9" * 5000])
def test_a_port_must_be_a_number_in_range(port: str) -> None:
    with pytest.raises(ValueError, match="is not a port number from 1 to 65535"):
        parse_backend(f"tcp:{port}")


def test_a_path_may_contain_colons() -> None:
    assert parse_backend("file:C:\\log.txt") == BackendChoice(FileBackend, "C:\\log.txt")


def test_port_0_is_any_and_told() -> None:
    backend = tcp_backend(0)
    host, port = backend.address.split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"x")
        assert received_by(backend, 1) == b"x"
    backend.close()


def test_a_client_that_has_ended_its_sending_still_gets_answers(server: tuple[TcpBackend, int]) -> None:
    backend, port = server
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"AT\r\n")
        client.shutdown(socket.SHUT_WR)
        assert received_by(backend, 4) == b"AT\r\n"
        assert backend.receive() == b""
        backend.send(b"+OK\n")
        backend.flush()
        assert client.recv(100) == b"+OK\n"


def test_a_client_that_has_ended_its_sending_is_let_go_when_there_are_no_more_answers(
    server: tuple[TcpBackend, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, port = server
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"AT\r\n")
        client.shutdown(socket.SHUT_WR)
        assert received_by(backend, 4) == b"AT\r\n"
        assert backend.receive() == b""
        monkeypatch.setattr("emu.host.tcp_backend.LINGER_S", -1)
        backend.flush()
        assert client.recv(100) == b""


def test_the_next_client_gets_nothing_that_was_for_the_one_before(server: tuple[TcpBackend, int]) -> None:
    backend, port = server
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"x")
        assert received_by(backend, 1) == b"x"
    assert backend.receive() == b""
    backend.send(b"for the first")
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"y")
        assert received_by(backend, 1) == b"y"
        backend.send(b"for the second")
        backend.flush()
        assert client.recv(100) == b"for the second"


def test_a_client_that_reads_nothing_costs_a_bounded_queue(server: tuple[TcpBackend, int]) -> None:
    backend, port = server
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"x")
        assert received_by(backend, 1) == b"x"
        for _ in range(40):
            backend.send(bytes(BACKLOG_BYTES // 4))
            backend.flush()
        assert len(backend._waiting) <= BACKLOG_BYTES


def test_a_client_that_has_just_connected_gets_the_rest_at_the_end() -> None:
    backend = tcp_backend(0)
    host, port = backend.address.split(":")
    backend.send(b"the end")
    with socket.create_connection((host, int(port))) as client:
        backend.close()
        assert client.recv(100) == b"the end"
        assert client.recv(100) == b""
