"""The story of the demo: ota_ops replaces itself with atcmd, which can replace itself again."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import roms
from emu.loader.image import HEADER_SIZE, ImageHeader
from emu.machine.machine import Machine
from emu.memory_map import FLASH_BASE
from emu.options import EngineName

ROMS = Path(roms.__file__).parent
DEMO = ROMS / "ota_ops" / "ota_ops.fls"
APP_HEADER = FLASH_BASE + 0xF000
BUILD = "2026-11-23 00:00:00"


@pytest.fixture(scope="module")
def story() -> Machine:
    """A machine at the end of the story."""
    machine = Machine.load(DEMO, cache=False)
    machine.uart0.expect(r"atcmd init finished\.\r\n")
    return machine


def without_times(lines: list[str]) -> list[str]:
    return [line[line.index(") ") + 2 :] if line.startswith("[I] (") else line for line in lines]


def test_the_story_is_told_line_by_line(story: Machine) -> None:
    end_of_story = [line for line in story.uart0.lines if "AT" not in line][:12]
    lines = without_times(end_of_story)
    unpacking = lines.index("start unxz, please wait...")
    assert lines[:unpacking] == [
        f"main: ver: 1.0.0 build at {BUILD}",
        "." * 100,
        "example: This example succeeds in running.",
        "ota_ops: ota reboot, please wait for the restart...",
    ]
    assert set(lines[unpacking + 1]) == {"."}
    assert lines[unpacking + 2 : unpacking + 7] == [
        "unxz succeed",
        f"main: ver: 1.1.0 build at {BUILD}",
        "atcmd: set default wifi config",
        "atcmd: set default tcpip config",
        "atcmd: atcmd init finished.",
    ]


def test_the_update_takes_seconds_of_virtual_time(story: Machine) -> None:
    (done,) = [line for line in story.uart0.lines if "succeeds in running" in line]
    assert 2000 < int(done.split("(")[1].split(")")[0]) < 4000


def test_the_dots_come_one_by_one() -> None:
    machine = Machine.load(DEMO, cache=False)
    times: list[int] = []
    machine.uart0.listeners.append(lambda time_ns, byte: times.append(time_ns) if byte == ord(".") else None)
    machine.uart0.expect(r"build at")
    times.clear()
    machine.uart0.expect(r"\.{100}\r\n")
    assert len(times) == 100
    assert min(later - earlier for earlier, later in pairwise(times)) > 10_000_000


def test_a_second_update_in_the_same_run_works(story: Machine) -> None:
    story.uart0.write("AT+OTA\r\n")
    story.uart0.expect(r"ota reboot, please wait for the restart\.\.\.\r\n")
    story.uart0.expect(r"atcmd init finished\.")
    header = ImageHeader.unpack(story.read(APP_HEADER, HEADER_SIZE))
    assert (header.version, header.update_number) == ("1.1.0+1", 1)
    assert header.header_crc == header.computed_crc
    story.uart0.write("AT+QVER\r\n")
    assert story.uart0.expect(r"\+OK=(.*)\r\n")[1] == f"1.1.0,{BUILD},1"


def test_the_reset_leaves_its_reason(story: Machine) -> None:
    story.uart0.write("AT+QBOOT\r\n")
    assert story.uart0.expect(r"\+OK=(\d)\r\n")[1] == "5"  # WM_REBOOT_REASON_OTA


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_both_engines_tell_the_same_story_at_the_same_times(engine: EngineName, story: Machine) -> None:
    machine = Machine.load(DEMO, cache=False, engine=engine)
    machine.uart0.expect(r"atcmd init finished\.\r\n")
    assert story.uart0.text.startswith(machine.uart0.text)
