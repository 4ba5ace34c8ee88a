from __future__ import annotations

import pytest

from emu.cli.__main__ import run_command_line
from emu.isa.table import INSNS


def test_a_mnemonic_shows_all_its_encodings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["isa", "addu"]) == 0
    output = capsys.readouterr().out
    rows = [row for row in INSNS if row.mnemonic == "addu"]
    assert len(rows) > 1
    assert all(row.pattern in output for row in rows)
    assert "RZ ← RX + RY" in output


def test_without_a_mnemonic_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["isa"]) == 0
    assert capsys.readouterr().out.split() == sorted({row.mnemonic for row in INSNS})


def test_an_unknown_mnemonic_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["isa", "frobnicate"]) == 2
    assert "no instruction is called 'frobnicate'" in capsys.readouterr().err
