"""Buttons and lamps on a machine's pins."""

from __future__ import annotations

import pytest
from cpu.program import code, op
from machine.device import SPIN, machine_of, set_register, store_word

from emu.soc.w800 import W800

GPIO_B = W800.rows["gpio_b"].base
# The level of pin 5 is polled and put on pin 7.
POLL = code(
    set_register(2, GPIO_B),
    op("ld.w", rz=1, rx=2, offset=0),
    op("lsli", rz=1, rx=1, imm=2),
    op("st.w", rz=1, rx=2, offset=0),
    op("br", offset=-6),
)
PREPARE = code(store_word(GPIO_B + 4, 0xFFFF_FFFF), store_word(GPIO_B + 8, 1 << 7))


def test_firmware_sees_a_button_and_lights_a_lamp() -> None:
    machine = machine_of(code(PREPARE, POLL))
    levels: list[bool] = []
    machine.pins["PB7"].on_change(lambda _, level: levels.append(level))
    for level in (1, 0, 1, 0):
        machine.pins["PB5"].drive(level)
        machine.run_for(0.0001)
        assert machine.pins["PB7"].level is bool(level)
    assert levels[-3:] == [False, True, False]


def test_what_a_lamp_raises_ends_the_run_where_another_one_goes_on() -> None:
    machine = machine_of(code(PREPARE, store_word(GPIO_B, 1 << 7), SPIN))

    def fail(_time_ns: int, _level: bool) -> None:
        raise OSError("the lamp is broken")

    machine.pins["PB7"].on_change(fail)
    with pytest.raises(OSError, match="the lamp is broken"):
        machine.run_for(0.001)
    machine.run_for(0.001)
    assert machine.pins["PB7"].level


def test_a_pin_that_is_not_there_is_told() -> None:
    with pytest.raises(KeyError, match="'PC1' is no pin: there are PA0 to PA15 and PB0 to PB31"):
        machine_of(SPIN).pins["PC1"]
