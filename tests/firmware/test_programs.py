"""Firmware that tests the kernel, the drivers and the exceptions from the inside: see programs/."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.machine.machine import Machine

PROGRAMS = Path(__file__).parent / "programs"
LAST = r": done.*\r\n"


def output(program: str, **options: object) -> list[str]:
    """The lines of the program itself, without log level, time and tag."""
    machine = Machine.load(PROGRAMS / f"{program}.elf", cache=False, **options)
    machine.uart0.expect(LAST)
    lines = machine.uart0.text.splitlines()
    return [line.partition(f"{program}: ")[2] for line in lines if f"{program}: " in line]


def test_kernel_and_drivers_pass_their_own_tests() -> None:
    *checks, last = output("selftest")
    assert [check for check in checks if not check.endswith(": ok")] == []
    assert len(checks) == 39
    assert last == "done, 0 failed"


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_every_exception_has_its_vector_and_its_place(engine: str) -> None:
    assert output("exceptions", engine=engine, on_crash="continue") == [
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
