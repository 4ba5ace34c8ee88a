"""The modem alone."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts.errors import PartError
from emu.parts.modem import Modem

MS = 1_000_000


def type_line(bench: Bench, modem: Modem, text: str) -> bytes:
    for byte in text.encode():
        modem.receive(byte)
    bench.clock.advance(100 * MS)
    sent = bytes(bench.sent)
    bench.sent.clear()
    return sent


def test_it_answers_as_the_script_says() -> None:
    bench = Bench()
    modem = bench.attach(Modem(script="AT => OK\nAT\\+NAME=(\\w+) => +NAME: \\1|OK", echo=False))
    assert type_line(bench, modem, "AT\r\n") == b"\r\nOK\r\n"
    assert type_line(bench, modem, "AT+NAME=lena\r") == b"\r\n+NAME: lena\r\nOK\r\n"
    assert type_line(bench, modem, "ATX\r") == b"\r\nERROR\r\n"
    assert modem.lines == ["AT", "AT+NAME=lena", "ATX"]


def test_it_echoes_and_takes_its_time() -> None:
    bench = Bench()
    modem = bench.attach(Modem(delay_ms=20))
    for byte in b"AT\r":
        modem.receive(byte)
    bench.clock.advance(20 * MS - 1)
    before = bytes(bench.sent)
    bench.clock.advance(1)
    assert (before, bytes(bench.sent)) == (b"AT\r", b"AT\r\r\nOK\r\n")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("AT", "'AT' is no PATTERN => ANSWER"),
        ("( => OK", r"'\( => OK': missing"),
        (r"A(.) => \2", "invalid group reference 2"),
    ],
)
def test_a_script_that_cannot_be_is_refused(script: str, why: str) -> None:
    with pytest.raises(PartError, match=why):
        Bench().attach(Modem(script=script))
