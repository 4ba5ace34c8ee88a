from __future__ import annotations

import pytest
from support.home import NEEDS_PASSWD, without_home

from emu.cli.__main__ import run_command_line
from emu.cli.info import version_of
from emu.cli.support_table import markdown
from emu.soc.support import NO_FIELD, NO_MODEL, NO_REGISTER, meaning_of
from emu.soc.w800 import W800


def test_info_shows_versions_chips_and_blocks_in_the_width_of_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert run_command_line(["info"]) == 0
    output = capsys.readouterr().out
    assert f"unicorn        {version_of('unicorn')}\n" in output
    assert "W806: QFN56, 1 MB of flash, no radio" in output
    assert all(len(line) <= 100 for line in output.splitlines())
    assert [name for name in W800.rows if f"\n{name} " not in output] == []
    assert "uart0              0x40010600  partial\n" in output
    assert "\n    line_control.iso7816: there is no smart-card mode\n" in output


def test_the_support_table_names_every_block(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["info", "--support-table"]) == 0
    output = capsys.readouterr().out
    assert [name for name in W800.rows if f" {name} at `" not in output] == []


@pytest.mark.parametrize(
    ("block", "state"),
    [("sdio_slave at `0x40002400`", "absent"), ("watchdog at `0x40011600`", "modelled"), ("uart5 at `0x40011000`", "partial")],
)  # fmt: skip
def test_the_state_of_a_block_comes_from_its_declaration(block: str, state: str) -> None:
    line = next(line for line in markdown().splitlines() if block in line)
    assert line.split(" | ")[1] == state


def test_what_is_not_modelled_is_listed_by_register_and_field() -> None:
    uart0 = next(line for line in markdown().splitlines() if " uart0 " in line)
    assert "`line_control.iso7816`: there is no smart-card mode" in uart0


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("vic.set_secure", "there is no trusted execution environment"),
        ("rcc.debug_control.flash_80mhz", "flash transfers take the same time"),
        ("rcc.clock_mask", "blocks run without their clocks, too"),
        ("sdio_slave+0x0", NO_MODEL),
        ("uart0+0x1f0", NO_REGISTER),
        ("uart0.line_control.bits_31_25", NO_FIELD),
        ("vic.priority[3].bits_5_0", NO_FIELD),
        ("mask_rom", ""),
    ],
)
def test_a_report_tells_what_it_means(name: str, meaning: str) -> None:
    assert meaning_of(name) == meaning


def test_a_package_that_is_not_installed_says_so() -> None:
    assert version_of("no-such-package") == "not installed"


@NEEDS_PASSWD
def test_info_for_a_user_without_a_home_directory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_home(monkeypatch)
    assert run_command_line(["info"]) == 0
    assert "translations   not kept, for there is no home directory\n" in capsys.readouterr().out
