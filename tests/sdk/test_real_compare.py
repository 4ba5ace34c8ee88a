"""Comparisons of the SDK's own firmware, of which there are no names: with itself, and with a patched copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu import Machine
from emu.loader import Image
from emu.loader.errors import Origin
from emu.regress.compare.differences import Report, compare
from emu.regress.compare.limits import Limits
from emu.regress.compare.measurement import Measurement
from emu.regress.compare.measuring import measure
from emu.regress.scenario import Scenario


@pytest.fixture(scope="module")
def scenario(translations: Path) -> Scenario:
    def story(machine: Machine) -> None:
        machine.uart0.expect(r"atcmd init .*\n")

    return Scenario("starts", None, {"cache": translations}, story, lambda machine: None)


@pytest.fixture(scope="module")
def before(scenario: Scenario, atcmd_image: Path) -> Measurement:
    return measure(scenario, atcmd_image, {})


def compared(scenario: Scenario, before: Measurement, image: Path) -> Report:
    return compare(before, measure(scenario, image, {}), Limits())


def test_it_is_no_different_from_itself(scenario: Scenario, before: Measurement, atcmd_image: Path) -> None:
    assert compared(scenario, before, atcmd_image).differences == []
    assert before.executed > 1_000_000
    assert any(counts.programs for counts in before.flash.values())


def test_another_message_is_all_that_is_told(
    scenario: Scenario, before: Measurement, atcmd_image: Path, tmp_path: Path
) -> None:
    image = Image.parse(atcmd_image.read_bytes(), Origin("atcmd.img"))
    body = image.body.replace(b"init finished", b"init complete")
    patched = tmp_path / "patched.img"
    patched.write_bytes(Image.build(image.header, body).to_bytes())
    [difference] = compared(scenario, before, patched).differences
    assert difference.kind == "uart"
    assert "init finished." in difference.text
    assert "init complete." in difference.text
