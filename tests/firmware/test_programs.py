"""Firmware that tests kernel, drivers and instructions from the inside: see programs/."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from emu.cycles import CyclesPerInstruction
from emu.isa.state import CpuState
from emu.machine.machine import Machine
from emu.options import EngineName

PROGRAMS = Path(__file__).parent / "programs"
TYPED = bytes(range(256))
LAST = r": done.*\r\n"
FLOAT = ["vectors", "dot product", "square root", "exponential", "escape times", "double precision"]
INTERRUPT_CHECKS = [
    "served at once",
    "not while disabled",
    "each served once",
    "by priority",
    "without delay",
    "on the right stack",
    "registers of handlers",
    "registers of tasks",
    "tasks take turns",
    "timers",
]
CHECKS = {
    "dsp": ["saturating, 30 cases", "packed, 37 cases", "multiply, 28 cases", "memory, 7 cases"],
    "soft_float": FLOAT,
    "hard_float": [*FLOAT, "FPU instructions, 30 cases"],
    "interrupts": [
        f"{stack}: {check}" for stack in ("own stack", "common stack") for check in INTERRUPT_CHECKS
    ],
    "privilege": ["faults, 10 cases", "trace mode, 6 cases", "modes, 8 cases"],
}


@dataclass(frozen=True)
class Outcome:
    """All there is to see of a program that has run to its last line."""

    sent: list[tuple[int, int]]  # virtual time and byte
    echoed: list[tuple[int, int]]  # on UART1
    executed: int
    state: CpuState
    ram: bytes

    def lines(self, program: str) -> list[str]:
        """The lines of the program itself, without log level, time and tag."""
        lines = bytes(byte for _, byte in self.sent).decode().splitlines()
        return [line.partition(f"{program}: ")[2] for line in lines if f"{program}: " in line]


@cache
def outcome(program: str, engine: EngineName = "translator") -> Outcome:
    machine = Machine.load(PROGRAMS / f"{program}.elf", cache=False, engine=engine, on_crash="continue")
    sent: list[tuple[int, int]] = []
    echoed: list[tuple[int, int]] = []
    machine.uart0.listeners.append(lambda time_ns, byte: sent.append((time_ns, byte)))
    machine.uart1.listeners.append(lambda time_ns, byte: echoed.append((time_ns, byte)))
    machine.uart1.write(TYPED)  # only the program about interrupts listens
    machine.uart0.expect(LAST)
    return Outcome(
        sent, echoed, machine.executed, machine.board.core.state, machine.read(0x2000_0000, 0x4_8000)
    )


@pytest.mark.parametrize("program", CHECKS)
def test_a_program_passes_its_own_tests(program: str) -> None:
    assert outcome(program).lines(program) == [f"{check}: PASS" for check in CHECKS[program]] + [
        "done, 0 failed"
    ]


def test_kernel_and_drivers_pass_their_own_tests() -> None:
    *checks, last = outcome("selftest").lines("selftest")
    assert [check for check in checks if not check.endswith(": PASS")] == []
    assert len(checks) == 39
    assert last == "done, 0 failed"


@pytest.mark.parametrize("program", ["exceptions", *CHECKS])
def test_both_engines_run_a_program_alike(program: str) -> None:
    interpreted, translated = outcome(program, "interpreter"), outcome(program)
    assert interpreted.sent == translated.sent
    assert interpreted.echoed == translated.echoed
    assert interpreted.executed == translated.executed
    assert interpreted.state == translated.state
    assert interpreted.ram == translated.ram


def test_a_uart_loses_nothing_among_other_interrupts() -> None:
    assert bytes(byte for _, byte in outcome("interrupts").echoed) == TYPED


@pytest.mark.parametrize("cycles_per_instruction", [1, Fraction(7, 3), {"flash": 2, "ram": 1}], ids=str)
def test_interrupts_lose_nothing_in_the_long_run(cycles_per_instruction: CyclesPerInstruction) -> None:
    machine = Machine.load(
        PROGRAMS / "interrupts.elf", cache=False, cycles_per_instruction=cycles_per_instruction
    )
    machine.hook("app_main", lambda machine: machine.write(machine.address_of("rounds_of_a_part"), b"\x64"))
    machine.uart1.write(TYPED * 5)
    machine.uart0.expect(": done, 0 failed")
    assert machine.uart1.data == TYPED * 5


def test_every_exception_has_its_vector_and_its_place() -> None:
    assert outcome("exceptions").lines("exceptions") == [
        "misaligned access: vector 1, exact",
        "access error: vector 2, exact",
        "division by zero: vector 3, exact",
        "illegal instruction: vector 4, exact",
        "privilege violation: vector 5, exact",
        "breakpoint: vector 7, exact",
        "trap 0: vector 16, exact",
        "trap 1: vector 17, exact",
        "trap 2: vector 18, exact",
        "trap 3: vector 19, exact",
        "done",
    ]
