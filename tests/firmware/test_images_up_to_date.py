"""The built files in the repository are what their sources give."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

import roms
from emu.loader.errors import Origin
from emu.loader.image import Image
from emu.loader.load import load_firmware
from emu.loader.ota import unpack_ota

ROMS = Path(roms.__file__).parent
TESTS = Path(__file__).parent
REPOSITORY = ROMS.parent
PREFIXES = ("csky-unknown-elf-", "csky-elfabiv2-")
CLASSIC = ("old_w800", "new_w800", "w806")
PROGRAMS = (
    "roms/atcmd/atcmd.elf",
    "roms/ota_ops/ota_ops.elf",
    *(f"roms/classic/{name}.elf" for name in CLASSIC),
)
OF_TESTS = (TESTS / "programs", *(REPOSITORY / "tests" / name / "programs" for name in ("trace", "regress")))
TEST_PROGRAMS = sorted(
    elf.relative_to(REPOSITORY).as_posix() for folder in OF_TESTS for elf in folder.glob("*.elf")
)


def compiler_version(elf: Path) -> str:
    """The version of GCC that built an ELF, from its debugging information."""
    with elf.open("rb") as file:
        units = ELFFile(file).get_dwarf_info().iter_CUs()
        producers = [unit.get_top_DIE().attributes["DW_AT_producer"].value.decode() for unit in units]
    (version,) = {match[1] for text in producers if (match := re.match(r"GNU C\d* ([\d.]+)", text))}
    return version


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository's firmware, built anew."""
    prefix = next((prefix for prefix in PREFIXES if shutil.which(f"{prefix}gcc")), None)
    if prefix is None or shutil.which("make") is None:
        pytest.skip(f"needs make and a C-SKY compiler: one of {', '.join(p + 'gcc' for p in PREFIXES)}")
    have = subprocess.run([f"{prefix}gcc", "-dumpfullversion"], capture_output=True, text=True, check=True)
    want = compiler_version(REPOSITORY / PROGRAMS[0])
    if have.stdout.strip() != want:
        pytest.skip(f"{prefix}gcc is {have.stdout.strip()}, the images were built by GCC {want}")
    copy = tmp_path_factory.mktemp("rebuilt")
    shutil.copytree(ROMS, copy / "roms", ignore=shutil.ignore_patterns("build", "__pycache__"))
    for folder in OF_TESTS:
        shutil.copytree(folder, copy / folder.relative_to(REPOSITORY))
    for elf in (*PROGRAMS, *TEST_PROGRAMS):
        (copy / elf).unlink()
    carried = ["-o", "atcmd/atcmd_ota.img", "-o", "classic/new_w800_ota.img"]
    subprocess.run(
        # xz and gzip may compress differently elsewhere: who carries a packed image gets it as it is.
        ["make", "-s", "-C", "roms", f"CROSS_COMPILE={prefix}", *carried, "programs"],
        cwd=copy,
        check=True,
        env={**os.environ, "PYTHON": sys.executable},
    )
    return copy


@pytest.mark.parametrize("name", [*PROGRAMS, *TEST_PROGRAMS])
def test_a_rebuilt_program_is_the_same(name: str, rebuilt: Path) -> None:
    assert (rebuilt / name).read_bytes() == (REPOSITORY / name).read_bytes(), "run make -C roms"


@pytest.mark.parametrize("name", ["atcmd", "ota_ops"])
def test_an_image_holds_its_program(name: str) -> None:
    image = Image.parse((ROMS / name / f"{name}.img").read_bytes(), Origin(name)).verify()
    app = load_firmware(ROMS / name / f"{name}.elf").app
    assert app is not None
    assert image.body == app.body


@pytest.mark.parametrize("name", CLASSIC)
def test_an_image_of_an_older_layout_holds_its_program(name: str) -> None:
    image = Image.parse((ROMS / "classic" / f"{name}.img").read_bytes(), Origin(name)).verify()
    app = load_firmware(ROMS / "classic" / f"{name}.elf").app
    assert app is not None
    assert image.body == app.body


def test_the_packed_image_of_the_older_layout_is_carried_and_holds_the_new_program() -> None:
    data = (ROMS / "classic" / "new_w800_ota.img").read_bytes()
    packed = Image.parse(data, Origin("new_w800_ota.img"))
    assert unpack_ota(packed).to_bytes() == (ROMS / "classic" / "new_w800.img").read_bytes()
    assert data in (ROMS / "classic" / "old_w800.img").read_bytes()


def test_the_packed_image_holds_atcmd() -> None:
    packed = Image.parse((ROMS / "atcmd" / "atcmd_ota.img").read_bytes(), Origin("atcmd_ota.img"))
    assert unpack_ota(packed).to_bytes() == (ROMS / "atcmd" / "atcmd.img").read_bytes()


def test_ota_ops_carries_the_packed_image() -> None:
    body = (ROMS / "ota_ops" / "ota_ops.img").read_bytes()
    assert (ROMS / "atcmd" / "atcmd_ota.img").read_bytes() in body
    assert (ROMS / "ota_ops" / "ota_ops.fls").read_bytes().startswith(body)


@pytest.mark.parametrize("name", [*PROGRAMS, *TEST_PROGRAMS])
def test_a_program_names_no_folder_of_the_machine_that_built_it(name: str) -> None:
    contents = (REPOSITORY / name).read_bytes()
    assert not re.search(rb"/(home|work|tmp|usr|opt|root|Users)/", contents)
