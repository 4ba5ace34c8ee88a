"""Options and fixtures for every test. This folder is on the import path, so tests say `from support...`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from support.environment import FakeWorld
from support.seeds import PROGRAM_SEEDS

from emu.loader import Image, unpack_ota
from emu.loader.errors import Origin

settings.register_profile("steady", derandomize=True)
settings.register_profile("thorough", max_examples=10_000)
settings.load_profile("steady")  # `--hypothesis-profile=thorough` finds new examples


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where binaries of public projects are: none of them is part of this one."""
    parser.addoption(
        "--firmware-corpus", metavar="DIR", help="folder of foreign firmware files, of any names"
    )
    parser.addoption("--gdb-client", metavar="PATH", help="csky-unknown-elf-gdb, if it is not on PATH")
    parser.addoption(
        "--places", type=int, default=10, metavar="N", help="take N snapshots of each program (10)"
    )


def pytest_report_header() -> str:
    return f"random programs: seeds {PROGRAM_SEEDS[0]} to {PROGRAM_SEEDS[-1]}"


@pytest.fixture(scope="session")
def places(pytestconfig: pytest.Config) -> int:
    """How many random instructions of a program are tried as places to come back to."""
    return int(pytestconfig.getoption("--places"))


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture(scope="session")
def atcmd_ota(sdk: Path) -> bytes:
    """The update that the SDK's example ota_ops carries: the example atcmd, packed with xz."""
    path = sdk / "examples/ota/ota_ops/main/src/atcmd_ota.img"
    if not path.exists():
        pytest.skip(f"needs {path}")
    return path.read_bytes()


@pytest.fixture(scope="session")
def real_bootloader(sdk: Path) -> Path:
    """The SDK's second-stage bootloader."""
    path = sdk / "components/bootloader/w80x/bootloader.bin"
    if not path.exists():
        pytest.skip(f"needs {path}")
    return path


@pytest.fixture(scope="session")
def firmware_corpus(pytestconfig: pytest.Config) -> Path:
    """A folder of firmware files that public projects of all SDKs ship."""
    folder = pytestconfig.getoption("--firmware-corpus")
    if not folder:
        pytest.skip("needs the firmware of public projects: --firmware-corpus=DIR")
    return Path(folder)


@pytest.fixture(scope="session")
def atcmd_image(atcmd_ota: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same firmware, unpacked: ready to be run."""
    path = tmp_path_factory.mktemp("sdk") / "atcmd.img"
    path.write_bytes(unpack_ota(Image.parse(atcmd_ota, Origin("atcmd_ota.img"))).to_bytes())
    return path


@pytest.fixture(scope="session")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one test has had translated, the next one need not translate again."""
    return tmp_path_factory.mktemp("translations")
