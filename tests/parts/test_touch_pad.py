"""A touch pad alone, and at the sensor of the chip."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.machine.errors import MachineError
from emu.machine.machine import Machine
from emu.parts.touch_pad import TouchPad

CONTROL, PADS_15 = 0x4001_2400, 15
ALL_PADS = 1 << 26 | 62 << 20 | 0x7FFF << 4 | 1
"""Scan each 16 ms, in a window of 62 pulses, all pads of the pins."""


def test_a_finger_adds_counts() -> None:
    bench = Bench("pin")
    pad = bench.attach(TouchPad(counts=150))
    found = [bench.pins["pin"].counts]
    pad.press()
    found.append(bench.pins["pin"].counts)
    pad.release()
    found.append(bench.pins["pin"].counts)
    assert found == [0, 150, 0]
    pad.press()
    pad.detach()
    assert bench.pins["pin"].counts == 0


@pytest.mark.parametrize(("pin", "number"), [("PA7", 0), ("PB5", 8), ("PB9", 12), ("PA14", 14)])
def test_the_sensor_counts_more_at_the_pin_of_the_pad(machine: Machine, pin: str, number: int) -> None:
    pad = machine.parts.attach(TouchPad(), pin=pin)
    machine.write(CONTROL, ALL_PADS.to_bytes(4, "little"))

    def counts() -> list[int]:
        machine.run_for(0.02)
        pads = (machine.read(CONTROL + 4 * n, 4) for n in range(1, PADS_15 + 1))
        return [int.from_bytes(each, "little") >> 8 & 0x7FFF for each in pads]

    before = counts()
    pad.press()
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [
        200 * (n == number) for n in range(PADS_15)
    ]
    machine.parts.detach("touch_pad")
    assert counts() == before


def test_other_pins_have_no_sensor(machine: Machine) -> None:
    with pytest.raises(MachineError, match="PB20 is no pin of the touch sensor: there are PA7, PA9"):
        machine.parts.attach(TouchPad(), pin="PB20")
    assert len(machine.parts) == 0
