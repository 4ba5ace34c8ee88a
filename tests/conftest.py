"""Options and fixtures for every test. This folder is on the import path, so tests say `from support...`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.environment import FakeWorld


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sdk", metavar="DIR", help="WM IoT SDK to check the register maps against")


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture(scope="session")
def sdk(pytestconfig: pytest.Config) -> Path:
    """The SDK given by --sdk or WM_IOT_SDK_PATH; skips the test without one."""
    path = pytestconfig.getoption("--sdk") or os.environ.get("WM_IOT_SDK_PATH")
    if not path:
        pytest.skip("needs the WM IoT SDK: --sdk DIR or WM_IOT_SDK_PATH")
    return Path(path)
