"""A port waits for texts to the byte and loses none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import pytest

from emu.machine.uart_port import SEARCHED_BYTES, ExpectationError, UartPort


class FakeLine:
    def __init__(self) -> None:
        self.transmit: Callable[[int], None] = lambda byte: None
        self.fed = b""
        self.is_prompt = False
        self.caught_up = 0
        self.queued = 0

    def catch_up(self) -> None:
        self.caught_up += self.is_prompt

    def feed(self, data: bytes) -> None:
        self.fed += data


class FakeRunner:
    """Delivers the firmware's output, one byte a microsecond, until it is stopped."""

    def __init__(self) -> None:
        self.gate = nullcontext()
        self.now_ns = 0
        self.output = b""
        self.line = FakeLine()
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    def run(self, max_time_ns: int) -> str:
        self._stopped = False
        end_ns = self.now_ns + max_time_ns
        while self.output and not self._stopped and self.now_ns < end_ns:
            byte, self.output = self.output[0], self.output[1:]
            self.now_ns += 1000
            self.line.transmit(byte)
        return "time is up"


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def port(runner: FakeRunner) -> UartPort:
    return UartPort("uart0", runner.line, runner)


def test_expect_stops_at_the_byte_that_completes_the_match(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"boot\r\nversion 1.2 ready\r\n"
    match = port.expect(r"version (\d)\.(\d)")
    assert match.groups() == ("1", "2")
    assert (runner.now_ns, runner.output) == (17_000, b" ready\r\n")


def test_the_next_expect_looks_behind_the_previous_match(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"tick 1\ntick 2\ntick 3\n"
    assert [port.expect(r"tick (\d)")[1] for _ in range(3)] == ["1", "2", "3"]
    with pytest.raises(ExpectationError, match="'tick' did not appear on uart0: time is up"):
        port.expect("tick")


def test_what_came_before_expect_counts_if_nothing_matched_it_yet(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"alpha beta gamma"
    port.expect("gamma")
    runner.line.transmit(ord("!"))
    runner.line.transmit(ord("?"))
    port.expect("!")
    port.expect(r"\?")
    assert runner.now_ns == 16_000


def test_the_timeout_counts_virtual_time(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"." * 100 + b"done"
    with pytest.raises(ExpectationError, match=r"last lines:\n    \.{50}$"):
        port.expect("done", timeout_s=50e-6)
    assert runner.now_ns == 50_000


def test_bytes_come_at_their_own_times_only_while_somebody_waits(runner: FakeRunner, port: UartPort) -> None:
    prompt: list[bool] = []
    port.listeners.append(lambda time_ns, byte: prompt.append(runner.line.is_prompt))
    runner.output = b"ab"
    port.expect("b")
    runner.line.transmit(ord("c"))
    assert prompt == [True, True, False]
    assert runner.line.caught_up == 1


def test_a_silent_port_says_so(port: UartPort) -> None:
    with pytest.raises(ExpectationError, match="nothing was printed"):
        port.expect("hello")


def test_bytes_that_are_no_text_do_no_harm(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"\xff\xfe caf\xc3\xa9 \xc3ok!"
    assert port.expect("caf\u00e9")[0] == "caf\u00e9"
    port.expect("ok")
    assert (port.data[-2:], runner.output) == (b"ok", b"!")
    assert port.text == "\ufffd\ufffd caf\u00e9 \ufffdok"


def test_a_match_must_not_begin_too_long_ago(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"start" + b"." * SEARCHED_BYTES + b"end"
    with pytest.raises(ExpectationError):
        port.expect(r"start\.+end")


def test_listeners_get_time_and_byte(runner: FakeRunner, port: UartPort) -> None:
    heard: list[tuple[int, int]] = []
    port.listeners.append(lambda time_ns, byte: heard.append((time_ns, byte)))
    runner.output = b"ok"
    port.expect("ok")
    assert heard == [(1000, ord("o")), (2000, ord("k"))]


def test_lines_have_no_ends(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"one\r\ntwo\nthr"
    port.expect("thr")
    assert port.lines == ["one", "two", "thr"]


def test_write_takes_text_and_bytes(runner: FakeRunner, port: UartPort) -> None:
    port.write("AT+\u00e9\r\n")
    port.write(b"\x1b")
    assert runner.line.fed == b"AT+\xc3\xa9\r\n\x1b"
