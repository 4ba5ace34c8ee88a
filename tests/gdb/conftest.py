"""The real client, and machines to attach to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.gdb_client import ATCMD, GdbClient, attached

from emu import Machine

NAME = "csky-unknown-elf-gdb"


@pytest.fixture(scope="session")
def gdb(pytestconfig: pytest.Config) -> str:
    """The real client."""
    path = pytestconfig.getoption("--gdb-client") or shutil.which(NAME)
    if not path:
        pytest.skip(f"needs {NAME} on PATH, or --gdb-client=PATH")
    return str(path)


@pytest.fixture
def machine(translations: Path) -> Machine:
    """The built-in AT firmware, not yet started."""
    return Machine.load(ATCMD, cache=translations)


@pytest.fixture
def client(machine: Machine) -> Iterator[GdbClient]:
    """A client of our own."""
    with attached(machine) as client:
        yield client
