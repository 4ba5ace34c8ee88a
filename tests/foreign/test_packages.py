"""Every package of the list runs as it comes: no option, no partition table, no other file."""

from __future__ import annotations

from pathlib import Path

import pytest
from foreign.packages import PACKAGES, Package, find
from support import fat

from emu.machine import Machine
from emu.machine.part_files import write_part
from emu.parts import SdmmcCard


def package_file(folder: Path, package: Package) -> Path:
    """The package's file; skips where the corpus does not hold it."""
    path = find(folder, package)
    if path is None:
        pytest.skip(f"the corpus does not hold {package.name} ({package.size_bytes} bytes)")
    return path


@pytest.mark.timeout(120)
@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_says_its_own_first_words(package: Package, firmware_corpus: Path) -> None:
    with Machine.load(package_file(firmware_corpus, package)) as machine:
        machine.uart0.expect(package.prints, timeout_s=package.within_s)


def one(repository: str) -> Package:
    return next(package for package in PACKAGES if package.repository == repository)


@pytest.fixture
def console(firmware_corpus: Path) -> Machine:
    """The console of the W801 SDK with its 61 demos, waiting for a command (ended by a line feed alone)."""
    machine = Machine.load(package_file(firmware_corpus, one("droppingy/W801_SDK-linux")))
    machine.uart0.expect("t-sdh", timeout_s=2)
    machine.run_for(1.0)
    return machine


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("command", "end"),
    [
        ("t-crypt", r"md5 test success\r\nsha1 test success"),
        ("t-scan", r"\[CMD\]t-scan\0\r\n"),  # the line end comes behind the scan: nobody is in the air
        ("t-sdh", r"sd card write read FAIL, ret = -5"),  # no card is in the slot
    ],
)
def test_a_demo_of_the_console_comes_to_its_end(console: Machine, command: str, end: str) -> None:
    console.uart0.write(command + "\n")
    console.uart0.expect(end, timeout_s=60)


@pytest.mark.timeout(300)
def test_a_card_at_the_sdio_host_is_written_and_formatted(console: Machine, tmp_path: Path) -> None:
    console.parts.attach(SdmmcCard(size_mib=64), name="card", bus="sdio_host")
    console.uart0.write("t-sdh\n")
    console.uart0.expect("sd card write read OK", timeout_s=10)
    console.uart0.write("t-fatfs\n")
    console.uart0.expect("28", timeout_s=10)  # bytes that it has written; its texts are GBK
    console.run_for(2)
    write_part(console, "card", tmp_path / "card.img")
    (name,) = fat.names(tmp_path / "card.img", first_block=63)
    assert name.startswith("FatFs")
    assert name.endswith(".txt")


@pytest.mark.timeout(120)
def test_the_lua_prompt_answers(firmware_corpus: Path) -> None:
    with Machine.load(package_file(firmware_corpus, one("Nicholas3388/LuaNodeForW800"))) as machine:
        machine.uart0.expect("> ", timeout_s=2)
        machine.uart0.write("print(6*7)\r\n")
        machine.uart0.expect(r"42\r\n", timeout_s=1)


@pytest.mark.timeout(120)
def test_lua_runs_on_luatos(firmware_corpus: Path) -> None:
    with Machine.load(package_file(firmware_corpus, one("wendal/xt804-spinet"))) as machine:
        assert machine.setup[-1].startswith("AIR601 (guessed: the package says so)")
        machine.uart0.expect(r"I/user\.GPIO\tGo Go Go", timeout_s=3)
