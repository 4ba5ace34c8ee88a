"""A device under test with parts around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.plugin import plugin_options

pytest_plugins = ["pytester"]

PROGRAM = Path(__file__).parents[1] / "firmware" / "programs" / "board.elf"
TEST = """\
import pytest


@pytest.mark.w800(firmware={firmware!r}, board="board.toml")
def test_display(dut):
    dut.expect("board: ready")
    dut.write("oled\\n", uart=1)
    dut.expect("oled: done")
    dut.assert_image("oled", {picture!r})
    dut.machine.parts["key"].press()
    dut.machine.run_for(0.001)
    assert not dut.machine.pins["PB5"].level


@pytest.mark.w800(firmware={firmware!r}, board="board.toml")
def test_another_picture(dut):
    dut.expect("board: ready")
    dut.assert_image("oled", {picture!r})
"""
BOARD = '[parts.oled]\nkind = "ssd1306"\nbus = "i2c"\n[parts.key]\nkind = "button"\npin = "PB5"\n'


def test_a_test_has_the_parts_of_its_board_and_compares_pictures(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    picture = tmp_path / "oled.png"
    picture.write_bytes((Path(__file__).parents[1] / "parts" / "pictures" / "oled.png").read_bytes())
    pytester.makefile(".toml", board=BOARD)
    pytester.makepyfile(TEST.format(firmware=PROGRAM.as_posix(), picture=picture.as_posix()))
    result = pytester.runpytest_inprocess(*plugin_options(), "--strict-markers")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*oled does not show *oled.png: * pixels differ*"])
    assert (tmp_path / "oled.actual.png").exists()
