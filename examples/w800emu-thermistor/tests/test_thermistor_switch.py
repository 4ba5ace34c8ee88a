"""The switch alone at a pin: no firmware has to run for that."""

from __future__ import annotations

import pytest
from w800emu_thermistor import ThermistorSwitch

from emu import Machine


@pytest.mark.parametrize("with_snapshot", [False, True])
def test_it_switches_with_hysteresis(with_snapshot: bool) -> None:
    """On above 60 degrees, off again below 50; also with a snapshot put back behind each step."""
    with Machine.load() as machine:
        switch = machine.parts.attach(ThermistorSwitch(), pin="PB5")
        levels = []
        for celsius in (59, 61, 51, 49):
            switch.celsius = celsius
            if with_snapshot:
                machine.restore(machine.snapshot())
            levels.append(machine.pins["PB5"].level)
        assert levels == [True, False, False, True]
