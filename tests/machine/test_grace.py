"""How long a run goes on after a crash: as long as the firmware's handler may have something to say."""

from __future__ import annotations

import pytest
from cpu.program import code, op
from machine.device import PREPARE_UART0, UART0, machine_of, send, set_register, store_word

from emu.isa.state import SP, Psr
from emu.machine.grace import LOOK_EACH_NS, MOST_FAILURES
from emu.report.crash import CrashReport
from emu.report.run_result import RunEnd

GRACE_NS = 200_000_000
FIFO_STATUS = UART0 + 0x1C
SAVE_ON_STACK = code(op("subi", imm=8), op("st.w", rz=0, rx=SP, offset=0), op("br", offset=0))
RETURN = op("rte")
TRY_AGAIN = code(op("psrset", bits=Psr.EE), op("bkpt"))
LOSE_STACK_AND_FAIL = code(set_register(SP, 0x3000_0000), op("bkpt"))


def wait_for_key(mask: int = 0xFFF) -> bytes:
    """Poll UART 0 until those bits of its FIFO status are not all 0: bits 5..0 count what is sent."""
    return code(
        set_register(6, FIFO_STATUS),
        set_register(7, mask),
        op("ld.w", rz=3, rx=6, offset=0),
        op("and", rz=3, rx=3, ry=7),
        op("bez", rx=3, offset=-6),
    )


WAIT_UNTIL_SENT = code(
    set_register(6, FIFO_STATUS), op("ld.w", rz=3, rx=6, offset=0), op("bnez", rx=3, offset=-2)
)


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
@pytest.mark.parametrize("handler", [SAVE_ON_STACK, RETURN, TRY_AGAIN])
def test_a_handler_that_always_fails_ends_the_run_after_some_times(engine: str, handler: bytes) -> None:
    machine = machine_of(LOSE_STACK_AND_FAIL, engine=engine, handler=handler, grace_ns=GRACE_NS)
    reports: list[CrashReport] = []
    machine.on_crash(reports.append)
    result = machine.run()
    assert result.crash is not None
    assert reports == [result.crash]
    assert (result.crash.kind.value, result.crash.pc) == ("breakpoint instruction", 0x0800_0008)
    assert MOST_FAILURES < machine.executed < 5 * MOST_FAILURES


def test_a_handler_that_fails_a_few_times_may_finish() -> None:
    again = code(
        op("addi", rz=9, rx=9, oimm=1),
        op("cmphsi", rx=9, oimm=MOST_FAILURES - 1),
        op("bt", offset=4),
        op("bkpt"),
    )
    handler = code(op("psrset", bits=Psr.EE), again, PREPARE_UART0, send("end"), op("br", offset=0))
    machine = machine_of(op("bkpt"), handler=handler, grace_ns=1_000_000)
    assert machine.run().end is RunEnd.CRASH
    assert machine.uart0.text == "end"


def test_a_crash_that_is_reported_only_is_not_reported_without_end() -> None:
    machine = machine_of(LOSE_STACK_AND_FAIL, handler=SAVE_ON_STACK, grace_ns=None)
    reports: list[CrashReport] = []
    machine.on_crash(reports.append)
    assert machine.run(100_000).end is RunEnd.TIME_UP
    assert machine.executed > 10 * MOST_FAILURES
    assert 2 <= len(reports) <= MOST_FAILURES + 1
    assert len(machine.board.core.active_handlers) < 100


def test_a_handler_that_waits_for_a_key_has_had_its_say() -> None:
    handler = code(PREPARE_UART0, send("oops"), WAIT_UNTIL_SENT, wait_for_key(0xFC0))
    machine = machine_of(op("bkpt"), engine="translator", handler=handler, grace_ns=GRACE_NS)
    assert machine.run().end is RunEnd.CRASH
    assert machine.uart0.text == "oops"
    assert LOOK_EACH_NS < machine.now_ns < 3 * LOOK_EACH_NS


def test_a_handler_that_waits_for_what_it_prints_goes_on() -> None:
    text = "it takes more than three looks until such a text is out at this speed, by far"
    line = b"".join(code(send(letter), WAIT_UNTIL_SENT) for letter in text)
    handler = code(PREPARE_UART0, store_word(UART0 + 0x10, 200), line, wait_for_key(0xFC0))
    machine = machine_of(op("bkpt"), engine="translator", handler=handler, grace_ns=GRACE_NS)
    assert machine.run().end is RunEnd.CRASH
    assert machine.uart0.text == text
    assert 3 * LOOK_EACH_NS < machine.now_ns < GRACE_NS


def test_a_key_that_comes_in_time_lets_the_handler_go_on() -> None:
    handler = code(PREPARE_UART0, wait_for_key(0xFC0), send("more"), op("br", offset=0))
    machine = machine_of(op("bkpt"), engine="translator", handler=handler, grace_ns=GRACE_NS)
    machine.run(1_000_000)
    machine.uart0.write("?")
    assert machine.run().end is RunEnd.CRASH
    assert machine.uart0.text == "more"
    assert machine.now_ns >= GRACE_NS


def test_a_grace_shorter_than_a_look_is_kept() -> None:
    machine = machine_of(op("bkpt"), grace_ns=70_000)
    assert machine.run().end is RunEnd.CRASH
    assert machine.now_ns == 70_000
