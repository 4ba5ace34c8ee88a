"""What all parts have: settings, quantities, doors, state."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from support.parts import Bench

from emu.history.encoding import digest
from emu.parts.errors import PartError
from emu.parts.part import Part, Place, stimulus
from emu.parts.setting import Quantity, Setting
from emu.parts.table import PARTS


class Kettle(Part):
    kind = "kettle"
    wires: ClassVar[tuple[str, ...]] = ("lid",)
    saved_state = ("boiled",)
    litres = Setting(1.5, "how much it holds", within=(0.5, 3))
    colour = Setting("red", "what it looks like", choices=("red", "blue"))
    celsius = Quantity(20.0, "of the water", within=(0, 100))

    def _power_on(self) -> None:
        self.boiled = 0

    @stimulus
    def boil(self, times: int) -> None:
        self.boiled += times


def test_settings_have_defaults_types_and_ranges() -> None:
    kettle = Kettle(litres=2)
    assert (kettle.litres, kettle.colour, kettle.celsius) == (2.0, "red", 20.0)
    for wrong, why in (
        ({"litres": 5}, "kettle: litres: a number from 0.5 to 3 is wanted, not 5.0"),
        ({"litres": "2"}, "kettle: litres: a number from 0.5 to 3 is wanted, not '2'"),
        ({"litres": True}, "kettle: litres: a number from 0.5 to 3 is wanted, not True"),
        ({"colour": "green"}, "kettle: colour: one of red, blue is wanted, not 'green'"),
        ({"coulour": "red"}, "kettle: no setting 'coulour': there are litres, colour, celsius"),
    ):
        with pytest.raises(PartError) as caught:
            Kettle(**wrong)
        assert str(caught.value) == why


def test_a_setting_stays_and_a_quantity_changes() -> None:
    kettle = Bench("lid").attach(Kettle())
    kettle.celsius = 95
    assert kettle.celsius == 95.0
    with pytest.raises(PartError, match=r"part: celsius: a number from 0 to 100 is wanted, not 101\.0"):
        kettle.celsius = 101
    with pytest.raises(PartError, match="part: litres is chosen when the part is made"):
        kettle.litres = 2


def test_what_people_do_goes_through_the_door() -> None:
    came: list[tuple[str, str, tuple[Any, ...]]] = []
    bench = Bench("lid")
    kettle = Kettle()
    kettle.attach(Place("pot", bench.clock, let_in=lambda *what: came.append(what)))
    kettle.boil(2)
    kettle.celsius = 50
    assert (kettle.boiled, kettle.celsius) == (0, 20.0)
    assert came == [("pot", "boil", (2,)), ("pot", "celsius", (50.0,))]
    for _, what, given in came:
        kettle.carry_out(what, given)
    assert (kettle.boiled, kettle.celsius) == (2, 50.0)


@pytest.mark.parametrize("what", ["save", "litres", "_power_on", "nothing"])
def test_only_what_is_declared_comes_in(what: str) -> None:
    with pytest.raises(PartError, match=f"part: '{what}' is nothing that can be done to it"):
        Bench("lid").attach(Kettle()).carry_out(what, ())


def test_a_part_is_in_one_place() -> None:
    bench = Bench("lid")
    kettle = bench.attach(Kettle())
    with pytest.raises(PartError, match="part is attached already: make another kettle"):
        bench.attach(kettle)
    with pytest.raises(PartError, match="it is attached to nothing yet"):
        _ = Kettle().place


def test_a_snapshot_holds_state_and_quantities() -> None:
    bench = Bench("lid")
    kettle = bench.attach(Kettle())
    kettle.boil(3)
    kettle.celsius = 80
    saved = kettle.save()
    kettle.power_on()
    kettle.celsius = 10
    kettle.restore(saved)
    assert (kettle.boiled, kettle.celsius) == (3, 80.0)


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.kind)
def test_the_state_of_every_part_fits_a_file(kind: type[Part]) -> None:
    part = Bench(*kind.wires, *kind.optional_wires).attach(kind())
    state = part.save()
    part.power_on()
    part.restore(state)
    assert digest(part.save()) == digest(state)
