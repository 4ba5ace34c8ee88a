"""Traces of the SDK's own firmware are complete, and tell its tasks."""

from __future__ import annotations

from pathlib import Path

from support.atcmd import AtDevice

import emu.trace
from emu import Machine
from emu.trace.check import check


def test_every_instruction_of_atcmd_is_told(atcmd_image: Path, translations: Path, tmp_path: Path) -> None:
    with Machine.load(atcmd_image, cache=translations) as machine:
        with emu.trace.record(machine, tmp_path / "atcmd.trace"):
            device = AtDevice(machine)
            device.boot()
            assert device.ask("AT+CIPSTAMAC?")[1] == "OK"
        plain = Machine.load(atcmd_image, cache=translations)
        device = AtDevice(plain)
        device.boot()
        device.ask("AT+CIPSTAMAC?")
        assert plain.snapshot().state_hash() == machine.snapshot().state_hash()
    trace = emu.trace.open(tmp_path / "atcmd.trace")
    assert check(trace) == machine.executed
