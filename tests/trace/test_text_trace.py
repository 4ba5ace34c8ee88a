"""The plain trace tells time, place, instruction and changes."""

from __future__ import annotations

from cpu.program import FLASH, Cpu, code, op

from emu.cpu.core import DELIVERY_DELAY
from emu.engine.interpreter_engine import InterpreterEngine
from emu.isa.ops import Vector
from emu.isa.state import Psr
from emu.report.trace_format import TraceSubject
from emu.report.trace_text import TextTrace


def described(address: int) -> str:
    return f"main+{address - FLASH:#x}" if address < FLASH + 0x100 else ""


def trace_of(cpu: Cpu, until_ns: int) -> list[list[str]]:
    lines: list[str] = []
    subject = TraceSubject(cpu.core.state, cpu.bus, cpu.clock, described)
    trace = TextTrace(lines.append, subject)
    assert isinstance(cpu.core.engine, InterpreterEngine)
    cpu.core.engine.observer = trace
    cpu.core.entry_observers.append(lambda event: trace.entered(event.vector, event.pc))
    cpu.core.run(until_ns)
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    return [line.split() for line in lines]


def test_a_line_has_time_address_symbol_instruction_and_changes() -> None:
    cpu = Cpu("interpreter", code(op("movi", rz=1, imm=5), op("cmpnei", rx=1, imm=4), op("br", offset=0)))
    assert trace_of(cpu, until_ns=30) == [
        ["10", "08000000", "main+0x0", "movi", "r1,", "5", "r1=00000005"],
        ["20", "08000002", "main+0x2", "cmpnei", "r1,", "4", "c=1"],
        ["30", "08000004", "main+0x4", "br", "0x8000004"],
    ]


def test_changes_of_the_status_register_show() -> None:
    cpu = Cpu("interpreter", code(op("psrset", bits=Psr.EE), op("br", offset=0)))
    assert trace_of(cpu, until_ns=20)[0][-1] == "psr=80000100"


def test_an_exception_has_a_line_of_its_own() -> None:
    cpu = Cpu("interpreter", op("bkpt"))
    cpu.enable(Psr.EE)
    lines = trace_of(cpu, until_ns=10)
    assert lines[0] == ["0", "08000000", "main+0x0", "--", "exception", str(int(Vector.BREAKPOINT))]


def test_an_interrupt_is_named_by_its_line() -> None:
    cpu = Cpu("interpreter", op("br", offset=0))
    cpu.enable(Psr.EE, Psr.IE)
    cpu.clock.alarm(lambda: cpu.interrupts.request(32 + 25)).schedule(20)
    lines = trace_of(cpu, until_ns=110)
    taken_ns = str(20 + 10 * DELIVERY_DELAY)
    assert [taken_ns, "08000000", "main+0x0", "--", "interrupt", "25", "(CORE_TIMER)"] in lines
