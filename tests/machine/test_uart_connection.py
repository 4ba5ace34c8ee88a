"""What is wired to a UART answers in virtual time."""

from __future__ import annotations

import pytest
from machine.device import PREPARE_UART0, SPIN, machine_of, send
from machine.test_uart_port import FakeRunner

from emu.machine import MachineError
from emu.machine.uart_port import UartPort

UART0_RX = 0x4001_0630


def test_a_function_gets_each_byte_and_its_answer_is_sent_back() -> None:
    machine = machine_of(PREPARE_UART0 + send("ab") + SPIN)
    heard: list[bytes] = []

    def answer(data: bytes) -> bytes | None:
        heard.append(data)
        return data.upper() if data == b"b" else None

    machine.uart0.connect(answer)
    machine.run_for(0.01)
    assert heard == [b"a", b"b"]
    assert machine.read(UART0_RX, 1) == b"B"


def test_two_uarts_are_wired_crosswise_until_the_connection_is_closed() -> None:
    runner, other = FakeRunner(), FakeRunner()
    port, peer = (
        UartPort(name, each.line, each, each.line.feed)
        for name, each in (("uart0", runner), ("uart1", other))
    )
    connection = port.connect(peer)
    assert (runner.line.is_prompt, other.line.is_prompt) == (True, True)
    runner.line.transmit(0x61)
    other.line.transmit(0x62)
    assert (other.line.fed, runner.line.fed) == (b"a", b"b")
    connection.close()
    connection.close()
    runner.line.transmit(0x63)
    assert (other.line.fed, runner.line.is_prompt, other.line.is_prompt) == (b"a", False, False)


def test_what_cannot_be_wired_is_refused() -> None:
    with pytest.raises(MachineError, match="connect: 'tcp:1234' is neither a UART nor a function"):
        machine_of(SPIN).uart0.connect("tcp:1234")  # type: ignore[call-overload]


def test_what_the_peer_raises_ends_the_run_where_another_one_goes_on() -> None:
    machine = machine_of(PREPARE_UART0 + send("ab") + SPIN)

    def fail(data: bytes) -> bytes | None:
        raise OSError(f"no answer to {data!r}")

    connection = machine.uart0.connect(fail)
    with pytest.raises(OSError, match="no answer to b'a'"):
        machine.run_for(0.01)
    connection.close()
    machine.run_for(0.01)
    assert machine.uart0.data == b"ab"


def test_what_was_sent_before_is_not_for_who_is_connected_later() -> None:
    machine = machine_of(PREPARE_UART0 + send("abc") + SPIN)
    machine.run_for(0.0002)  # two are out, and nobody has waited for them
    heard: list[bytes] = []
    machine.uart0.connect(heard.append)
    assert heard == []
    machine.run_for(0.01)
    assert machine.uart0.data == b"abc"
    assert b"".join(heard) == b"abc"[-len(heard) :]


def test_what_utf8_has_not_is_refused() -> None:
    with pytest.raises(MachineError, match="has characters that UTF-8 has not"):
        machine_of(SPIN).uart0.write("\ud800")
