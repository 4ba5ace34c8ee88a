"""The benchmarks' ELFs in the package are what their sources give."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

import roms

ELFS = Path(roms.__file__).parent / "benchmark"
SOURCES = Path(__file__).parents[2] / "benchmarks" / "programs"
COMPILERS = {
    "w800": ("CSKY_CC", ("csky-unknown-elf-gcc", "csky-elfabiv2-gcc")),
    "aarch64": ("AARCH64_CC", ("aarch64-linux-gnu-gcc",)),
}
MOST_BYTES = 600_000


def contents(folder: Path, machine: str) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob(f"*.{machine}.elf")
    }


def compiler_of(elf: Path) -> bytes:
    """Name and version, as GCC leaves them."""
    with elf.open("rb") as file:
        data: bytes = ELFFile(file).get_section_by_name(".comment").data()
    return data


@pytest.mark.parametrize("machine", COMPILERS)
def test_the_sources_give_the_same_elfs(machine: str, tmp_path: Path) -> None:
    variable, names = COMPILERS[machine]
    compiler = next((name for name in names if shutil.which(name)), None)
    if compiler is None or shutil.which("make") is None:
        pytest.skip(f"needs make and one of {', '.join(names)}")
    subprocess.run(
        ["make", "-s", "-C", str(SOURCES), f"OUTPUT={tmp_path}", f"{variable}={compiler}", machine],
        check=True,
    )
    sample = f"integer/sort.{machine}.elf"
    if compiler_of(tmp_path / sample) != compiler_of(ELFS / sample):
        pytest.skip(f"{compiler} is not the version that built the ELFs")
    assert contents(tmp_path, machine) == contents(ELFS, machine), "run make -C benchmarks/programs"


def test_the_elfs_together_are_small() -> None:
    assert sum(path.stat().st_size for path in ELFS.rglob("*.elf")) < MOST_BYTES
