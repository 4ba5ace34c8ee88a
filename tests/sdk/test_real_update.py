"""The SDK's update, installed by the modelled and by the real bootloader; the same each time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.atcmd import INITIALISED

from emu.machine.machine import Machine
from peripherals.framework.reset import ResetCause

APP_OTA = 0x13_1000
STEP_NS = 12_500_000
"""A million instructions at 80 MHz."""
SRAM, SRAM_SIZE_BYTES = 0x2000_0000, 0x4_8000


@pytest.fixture(params=["modeled", "real"])
def bootloader(request: pytest.FixtureRequest) -> str | Path:
    return "modeled" if request.param == "modeled" else request.getfixturevalue("real_bootloader")


@dataclass
class Run:
    """All that can be seen of a run."""

    sent: list[tuple[int, int]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def watch(self, machine: Machine, steps: int) -> Run:
        machine.uart0.listeners.append(lambda time_ns, byte: self.sent.append((time_ns, byte)))
        for _ in range(steps):
            machine.run(STEP_NS)
            self.states.append(state_of(machine))
        return self


def state_of(machine: Machine) -> str:
    digest = hashlib.sha256(repr(machine.registers).encode())
    digest.update(machine.read(SRAM, SRAM_SIZE_BYTES))
    digest.update(machine.flash.contents)
    return digest.hexdigest()


def test_the_update_is_installed_and_boots(
    bootloader: str | Path, atcmd_ota: bytes, translations: Path
) -> None:
    with Machine.load(bootloader=bootloader, cache=translations) as machine:
        machine.flash.load(APP_OTA, atcmd_ota)
        machine.uart0.expect("unxz succeed", timeout_s=30)
        machine.uart0.expect(r"main: ver: 2\.2-beta\.2")
        machine.uart0.expect(INITIALISED)


@pytest.mark.parametrize("name", ["ota_ops.elf", "ota_ops.fls", ""])
def test_the_whole_story_with_the_example_as_the_sdk_builds_it(
    sdk: Path, bootloader: str | Path, name: str, translations: Path
) -> None:
    firmware = sdk / "examples/ota/ota_ops/build" / name
    if not firmware.exists():
        pytest.skip(f"needs {firmware}: build that example with the SDK")
    with Machine.load(firmware, bootloader=bootloader, cache=translations) as machine:
        causes: list[ResetCause] = []
        machine.on_reset(causes.append)
        machine.uart0.expect(r"main: ver: \S+")
        machine.uart0.expect("ota reboot, please wait for the restart", timeout_s=30)
        machine.uart0.expect("unxz succeed", timeout_s=30)
        machine.uart0.expect("boot reason 5")
        machine.uart0.expect(INITIALISED)
        assert causes == [ResetCause.WATCHDOG]


def test_both_bootloaders_leave_the_same_flash(
    real_bootloader: Path, atcmd_ota: bytes, translations: Path
) -> None:
    contents = []
    for bootloader in (real_bootloader, "modeled"):
        with Machine.load(bootloader=bootloader, cache=translations) as machine:
            machine.flash.load(APP_OTA, atcmd_ota)
            machine.uart0.expect("main: ver: ", timeout_s=30)
            contents.append(bytes(machine.flash.contents[0xF000:]))
    assert contents[0] == contents[1]


def test_two_runs_are_the_same_to_the_nanosecond(
    atcmd_image: Path, real_bootloader: Path, tmp_path: Path
) -> None:
    """The second one with the translations of the first, so that these must not matter either."""
    runs = []
    for _ in range(2):
        with Machine.load(atcmd_image, bootloader=real_bootloader, cache=tmp_path) as machine:
            runs.append(Run().watch(machine, steps=16))
    assert bytes(byte for _, byte in runs[0].sent).endswith(b"atcmd init finished.\r\n")
    assert runs[0].sent == runs[1].sent
    assert runs[0].states == runs[1].states
    assert len(set(runs[0].states)) == len(runs[0].states)
