"""`--w800-repeat-seeds N`: each test with a device runs with N seeds of the chip's random numbers."""

from __future__ import annotations

import argparse

import pytest

OPTION = "--w800-repeat-seeds"
PARAMETER = "w800_seed"
_DEVICES = {"dut", "booted_dut"}


def add_option(group: pytest.OptionGroup) -> None:
    """Declare the option."""
    text = "run each test that has a device of its own with the seeds 0 to N-1"
    group.addoption(OPTION, metavar="N", type=_count, default=0, help=text)


def _count(text: str) -> int:
    """From 1 on."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seeds")
    return int(text)


def repeat(metafunc: pytest.Metafunc) -> None:
    """Have a test run once for each seed."""
    count: int = metafunc.config.getoption(OPTION) or 0
    if count > 0 and _DEVICES & set(metafunc.fixturenames):
        metafunc.fixturenames.append(PARAMETER)
        metafunc.parametrize(PARAMETER, range(count), ids=lambda seed: f"seed{seed}")


def seed_of(node: pytest.Item | pytest.Collector) -> int | None:
    """That of a test that is repeated."""
    callspec = getattr(node, "callspec", None)
    return None if callspec is None else callspec.params.get(PARAMETER)
