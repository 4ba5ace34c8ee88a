"""`w800emu wm` with an SDK of our own; the real one is in tests/sdk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line

FLASH = """
import sys, serial
port = serial.Serial()
port.port = sys.argv[sys.argv.index("-p") + 1]
port.baudrate, port.timeout, port.dtr, port.rts = 115200, 20, 0, 0
port.open()
print("prompt", port.read(3).decode(), "arguments", *sys.argv[3:])
port.close()
sys.exit(7)
"""


@pytest.fixture
def sdk(tmp_path: Path) -> str:
    tools = tmp_path / "sdk" / "tools" / "wm"
    tools.mkdir(parents=True)
    (tools / "flash.py").write_text(FLASH)
    (tools / "wm.py").write_text("import sys; print('wm.py', *sys.argv[1:])")
    return str(tmp_path / "sdk")


def test_a_tool_finds_the_board_that_is_started_for_it_and_its_exit_code_counts(
    sdk: str, tmp_path: Path
) -> None:
    new = tmp_path / "new.bin"
    command = [sys.executable, "-m", "emu.cli", "wm", "--sdk", sdk, "--flash-file", str(new)]
    done = subprocess.run(
        [*command, "--", "flash", "-b", "9"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (7, "prompt CCC arguments -b 9\n")
    assert new.stat().st_size == 2 << 20


def test_other_commands_are_those_of_wm_py(sdk: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["wm", "--sdk", sdk, "--", "menuconfig", "-x"]) == 0
    assert capfd.readouterr().out == "wm.py menuconfig -x\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--", "flash"], "flash needs an emulator: --port of one that runs, or --flash-file to start it"),
        (["--port", "1", "--flash-file", "x", "--", "flash"], "flash needs an emulator"),
        (["--port", "1", "--", "monitor"], "monitor.py is not there"),
    ],
)
def test_what_is_missing_is_named(
    sdk: str, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["wm", "--sdk", sdk, *arguments]) == 2
    assert message in capsys.readouterr().err


def test_an_emulator_that_cannot_start_tells_why(
    sdk: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.bin").write_bytes(b"no flash")
    assert (
        run_command_line(["wm", "--sdk", sdk, "--flash-file", str(tmp_path / "bad.bin"), "--", "flash"]) == 2
    )
    assert "bad.bin" in capsys.readouterr().err
