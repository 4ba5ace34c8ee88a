"""A port waits for texts to the byte and loses none."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from emu.machine import ExpectationError, MachineError
from emu.machine.uart_port import UartPort


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
        self.happened: object = "time is up"
        self.line = FakeLine()
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    def run(self, max_time_ns: int | None) -> object:
        self._stopped = False
        end_ns = None if max_time_ns is None else self.now_ns + max_time_ns
        while self.output and not self._stopped and (end_ns is None or self.now_ns < end_ns):
            byte, self.output = self.output[0], self.output[1:]
            self.now_ns += 1000
            self.line.transmit(byte)
        return self.happened


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def port(runner: FakeRunner) -> UartPort:
    return UartPort("uart0", runner.line, runner, runner.line.feed)


def test_expect_stops_at_the_byte_that_completes_the_match(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"boot\r\nversion 1.2 ready\r\n"
    match = port.expect(r"version (\d)\.(\d)")
    assert match.groups() == ("1", "2")
    assert (runner.now_ns, runner.output) == (17_000, b" ready\r\n")


def test_what_happened_is_put_into_words_for_failures_only(runner: FakeRunner, port: UartPort) -> None:
    class Happened:
        told = 0

        def __str__(self) -> str:
            self.told += 1
            return "time is up"

    runner.happened = happened = Happened()
    runner.output = b"ready"
    port.expect("ready")
    assert happened.told == 0
    with pytest.raises(ExpectationError, match="time is up"):
        port.expect("ready")


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


def test_text_is_found_however_long_ago_it_came(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"boot ok\r\nstart" + b"sensor\r\n" * 20_000 + b"end"
    port.expect("start")
    assert port.match is not None
    runner.run(None)
    assert port.expect(r"(?s)^sensor.*end")[0].count("sensor") == 20_000
    with pytest.raises(ExpectationError):
        port.expect("sensor")


@pytest.mark.parametrize("is_there_already", [True, False])
def test_of_several_patterns_the_first_to_appear_counts(
    runner: FakeRunner, port: UartPort, is_there_already: bool
) -> None:
    runner.output = b"one two three"
    if is_there_already:
        runner.run(None)
    patterns = ["thr.e", re.compile("t(w)o"), "never"]
    match = port.expect(patterns)
    assert (match[0], match[1], port.match_index, port.before) == ("two", "w", 1, "one ")
    assert (port.expect(patterns)[0], port.match_index, port.before) == ("three", 0, " ")


def test_bytes_are_waited_for_as_they_are(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"\xff\x00caf\xc3\xa9 \x80!"
    assert port.expect(rb"(\x00)caf.")[0] == b"\x00caf\xc3"
    assert port.before == b"\xff"
    assert port.expect_exact(b"\x80!")[0] == b"\x80!"


def test_text_and_bytes_may_be_waited_for_together(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"caf\xc3\xa9 \xfe."
    runner.run(None)
    assert port.expect([b"\xfe", "\u00e9"])[0] == "\u00e9"
    assert port.expect([b"\xfe", "!"])[0] == b"\xfe"


def test_exact_texts_are_no_expressions(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"x+ (1) [E] "
    assert port.expect_exact(["[E]", "(1)"])[0] == "(1)"
    assert port.match_index == 1
    with pytest.raises(ExpectationError, match=r"^'\[E\]' appeared on uart0.* before 'never'"):
        port.expect_exact("never", not_matching="[E]")


@pytest.mark.parametrize("is_there_already", [True, False])
@pytest.mark.parametrize("forbidden", ["Error", b"Err.r", re.compile("Error"), ["x", re.compile("Error")]])
def test_what_must_not_come_ends_the_wait_at_once(
    runner: FakeRunner, port: UartPort, is_there_already: bool, forbidden: Any
) -> None:
    runner.output = b"begin Error: 1 end ready"
    if is_there_already:
        runner.run(None)
    with pytest.raises(
        ExpectationError,
        match=r"^b?'Err.r' appeared on uart0, after 0.0000\d\d s, before '\(\?s\)beg\.\*end'\n",
    ):
        port.expect("(?s)beg.*end", not_matching=forbidden)
    assert is_there_already or runner.output == b": 1 end ready"
    assert port.match is None
    assert port.expect("ready", not_matching=forbidden)[0] == "ready"


@pytest.mark.parametrize("is_there_already", [True, False])
def test_what_must_not_come_may_come_afterwards(
    runner: FakeRunner, port: UartPort, is_there_already: bool
) -> None:
    runner.output = b"ready: Error"
    if is_there_already:
        runner.run(None)
    assert port.expect("ready.*", not_matching="Error").start() == 0


@pytest.mark.parametrize("is_there_already", [True, False])
def test_all_of_several_patterns_may_come_in_any_order(
    runner: FakeRunner, port: UartPort, is_there_already: bool
) -> None:
    runner.output = b"three one two"
    if is_there_already:
        runner.run(None)
    matches = port.expect(["one", "two", "thr(e)e"], expect_all=True)
    assert [match[0] for match in matches] == ["one", "two", "three"]


def test_one_of_all_patterns_that_is_missing_is_named(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"three one"
    with pytest.raises(ExpectationError, match="'two', 'four' did not appear on uart0"):
        port.expect(["one", "two", "three", "four"], expect_all=True)
    with pytest.raises(ExpectationError, match="none of 'two', 'four' appeared on uart0"):
        port.expect(["two", "four"])


def test_all_patterns_share_one_timeout(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"." * 40 + b"a" + b"." * 40 + b"b"
    with pytest.raises(ExpectationError, match="'b' did not"):
        port.expect(["a", "b"], 60e-6, expect_all=True)
    assert runner.now_ns == 60_000


def test_no_timeout_is_no_limit(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"." * 200 + b"done"
    assert port.expect("done", None)[0] == "done"


def test_after_a_failure_all_that_came_is_before(runner: FakeRunner, port: UartPort) -> None:
    runner.output = b"one two"
    port.expect("one")
    with pytest.raises(ExpectationError):
        port.expect("three")
    assert (port.match, port.match_index, port.before) == (None, None, " two")


def test_what_is_on_its_way_when_the_wait_begins_ends_it(
    monkeypatch: pytest.MonkeyPatch, runner: FakeRunner, port: UartPort
) -> None:
    monkeypatch.setattr(runner.line, "catch_up", lambda: [runner.line.transmit(byte) for byte in b"ready"])
    runner.output = b"later"
    port.expect("ready")
    assert runner.output == b"later"


def test_a_wait_within_a_wait_is_refused(runner: FakeRunner, port: UartPort) -> None:
    def expect(_time_ns: int, byte: int) -> None:
        if byte == ord("a"):
            port.expect("b")

    port.listeners.append(expect)
    runner.output = b"ab"
    with pytest.raises(
        MachineError, match=r"^expect: called by a listener or hook while uart0 is waited for"
    ):
        port.expect("c")
    port.listeners.clear()
    assert port.expect("b")[0] == "b"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda port: port.expect("("), r"^pattern: '\(' is no regular expression: missing \), "),
        (lambda port: port.expect(["a", b"["]), r"^pattern: b'\[' is no regular expression: "),
        (lambda port: port.expect(5), "^pattern: 5 is no text, no bytes, no compiled pattern and no list of these$"),
        (lambda port: port.expect(None), "^pattern: None is no text"),
        (lambda port: port.expect([5]), "^pattern: 5 is no text, no bytes and no compiled pattern$"),
        (lambda port: port.expect([]), "^expect: there is no pattern to wait for$"),
        (lambda port: port.expect("a", not_matching=7), "^not_matching: 7 is no text"),
        (lambda port: port.expect("a", not_matching="("), r"^not_matching: '\(' is no regular"),
        (lambda port: port.expect("a", -1), "^timeout: -1 is no number of seconds from 0 on$"),
        (lambda port: port.expect("a", "5"), "^timeout: '5' is no number"),
        (lambda port: port.expect("a", float("nan")), "^timeout: nan is no number"),
        (lambda port: port.expect_exact(re.compile("a")), "^text: 'a' is a compiled pattern, which expect takes$"),
        (lambda port: port.write(5), "^write: 5 is neither text nor bytes$"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(port: UartPort, call: Callable[[UartPort], object], message: str) -> None:
    with pytest.raises(MachineError, match=message):
        call(port)
