"""Firmware of a board such as HLK-W800-KIT, on the board file that ships: tests/firmware/programs/kit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from parts.test_board_program import lit

from emu.machine.machine import Machine
from emu.parts import Ssd1306Spi, St7567, TouchPad

PROGRAM = Path(__file__).parents[1] / "firmware/programs/kit.elf"
SCREEN = {"sck": "PB15", "mosi": "PB17", "select": "PB14", "data_command": "PB11", "reset": "PB10"}


@pytest.fixture
def kit() -> Iterator[Machine]:
    with Machine.load(PROGRAM, board="hlk-w800-kit", cache=False) as machine:
        machine.uart0.expect("kit: ready")
        yield machine


def run(machine: Machine, name: str, until: str = "done") -> str:
    machine.uart1.write(f"{name}\n")
    return machine.uart0.expect(rf"(?s)(.*){name}: {until}").group(1)


def drawn() -> set[tuple[int, int]]:
    edges = {(x, y) for x in range(128) for y in range(64) if x in (0, 127) or y in (0, 63)}
    return edges | {(x, x // 2) for x in range(128)}


def test_the_sensor_of_the_board_is_asked(kit: Machine) -> None:
    kit.parts["climate"].celsius = 21.5  # type: ignore[attr-defined]
    assert "climate: 5959, in time, 615 tenths above -40 C, 50 %" in run(kit, "climate")
    kit.parts.detach("climate")
    assert "climate: nobody answers" in run(kit, "climate")


def test_displays_are_drawn_bit_by_bit(kit: Machine) -> None:
    oled = kit.parts.attach(Ssd1306Spi(), **SCREEN)
    run(kit, "oled")
    assert lit(oled) == drawn()
    kit.parts.detach("ssd1306_spi")
    lcd = kit.parts.attach(St7567(), **SCREEN)
    run(kit, "lcd")
    assert lit(lcd) == drawn()


def test_a_touch_is_felt(kit: Machine) -> None:
    pad = kit.parts.attach(TouchPad(), name="pad", pin="PB5")
    run(kit, "touch", until="waiting")
    before_ns = kit.now_ns
    pad.press()
    kit.uart0.expect("touch: felt")
    assert kit.now_ns - before_ns < 40_000_000
