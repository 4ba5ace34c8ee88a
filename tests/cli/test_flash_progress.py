from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest

from emu.cli import flash_progress
from emu.cli.flash_progress import RENEWED_AFTER_S, SHOWN_FOR_S, FlashProgress, ProgressConsole
from emu.host.terminal import moves_cursor
from peripherals.flash_operation import FlashOperation, OperationKind, Phase


class HostTime:
    now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def host_time(monkeypatch: pytest.MonkeyPatch) -> HostTime:
    fake = HostTime()
    monkeypatch.setattr(flash_progress, "time", fake)
    return fake


def operation(kind: OperationKind, phase: Phase = Phase.AFTER) -> FlashOperation:
    return FlashOperation(kind, phase, offset=0x13_1000, size_bytes=4096, time_ns=0)


def test_the_line_counts_completed_operations(host_time: HostTime) -> None:
    progress = FlashProgress()
    progress.observe(operation(OperationKind.ERASE, Phase.BEFORE))
    assert progress.line() == ""
    progress.observe(operation(OperationKind.ERASE))
    host_time.now_s = RENEWED_AFTER_S
    progress.observe(operation(OperationKind.PROGRAM))
    assert progress.line() == "flash at 0x131000: 4 KiB erased, 4 KiB programmed"


def test_the_line_goes_when_the_flash_rests(host_time: HostTime) -> None:
    progress = FlashProgress()
    progress.observe(operation(OperationKind.ERASE))
    host_time.now_s = SHOWN_FOR_S
    assert progress.line() == ""


class Screen:
    """What a terminal of some rows makes of bytes: as much of a VT100 as is used."""

    def __init__(self, rows: int = 5) -> None:
        self.rows = [""] * rows
        self._row = self._column = 0
        self._saved = (0, 0)

    def show(self, data: bytes) -> None:
        for sequence, character in re.findall(r"\x1b(\[\d*[a-zA-Z]|[78D])|(.)", data.decode(), re.DOTALL):
            self._obey(sequence) if sequence else self._print(character)

    def _print(self, character: str) -> None:
        if character == "\n":  # the driver of the terminal adds the return
            self._down()
            self._column = 0
        elif character == "\r":
            self._column = 0
        else:
            row = self.rows[self._row].ljust(self._column)
            self.rows[self._row] = row[: self._column] + character + row[self._column + 1 :]
            self._column += 1

    def _obey(self, sequence: str) -> None:
        match sequence:
            case "D":
                self._down()
            case "[A":
                self._row = max(self._row - 1, 0)
            case "7":
                self._saved = (self._row, self._column)
            case "8":
                self._row, self._column = self._saved
            case "[J":
                self.rows[self._row] = self.rows[self._row][: self._column]
                self.rows[self._row + 1 :] = [""] * (len(self.rows) - self._row - 1)
            case _:
                assert sequence in ("[2m", "[m")

    def _down(self) -> None:
        if self._row == len(self.rows) - 1:
            self.rows = [*self.rows[1:], ""]
        else:
            self._row += 1

    @property
    def text(self) -> str:
        return "\n".join(self.rows).rstrip("\n")


@pytest.fixture
def progress(host_time: HostTime) -> FlashProgress:
    return FlashProgress()


@pytest.fixture
def step(progress: FlashProgress, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[[bytes], str]:
    """Prints something and gives what is on the screen then."""
    console, screen = ProgressConsole(progress), Screen()

    def printed(data: bytes) -> str:
        console.write(data)
        console.flush()
        screen.show(capfdbinary.readouterr().out)
        return screen.text

    return printed


LINE = "flash at 0x131000: 4 KiB erased, 0 KiB programmed"


def test_the_line_stays_below_the_text_of_the_firmware(
    host_time: HostTime, progress: FlashProgress, step: Callable[[bytes], str]
) -> None:
    assert step(b"before\r\n..") == "before\n.."
    progress.observe(operation(OperationKind.ERASE))
    assert step(b"..\r\ndone\r\nnext") == f"before\n....\ndone\nnext\n{LINE}"
    assert step(b" line") == f"before\n....\ndone\nnext line\n{LINE}"
    assert step(b"\r\n") == f"....\ndone\nnext line\n\n{LINE}"
    host_time.now_s = SHOWN_FOR_S
    assert step(b"and more") == "....\ndone\nnext line\nand more"


def test_the_line_goes_without_any_text(
    host_time: HostTime, progress: FlashProgress, step: Callable[[bytes], str]
) -> None:
    progress.observe(operation(OperationKind.ERASE))
    assert step(b"text") == f"text\n{LINE}"
    host_time.now_s = SHOWN_FOR_S
    assert step(b"") == "text"


def test_the_line_fits_a_narrow_screen(
    progress: FlashProgress, step: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    progress.observe(operation(OperationKind.ERASE))
    assert step(b"text") == f"text\n{LINE[:19]}"


@pytest.mark.parametrize("end", [lambda console: console.say("a message"), lambda console: console.close()])
def test_a_message_and_the_end_remove_the_line(
    progress: FlashProgress, end: Callable[[ProgressConsole], None], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    console, screen = ProgressConsole(progress), Screen()
    progress.observe(operation(OperationKind.ERASE))
    console.write(b"text")
    console.flush()
    end(console)
    screen.show(capfdbinary.readouterr().out)
    assert screen.text == "text"


@pytest.mark.skipif(sys.platform == "win32", reason="asks its console")
@pytest.mark.parametrize(
    ("name", "expected"), [("xterm-256color", True), ("dumb", False), ("", False), (None, False)]
)
def test_a_simple_terminal_has_no_line(
    name: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    if name is not None:
        monkeypatch.setenv("TERM", name)
    assert moves_cursor() is expected


def test_nothing_is_printed_while_nothing_changes(
    progress: FlashProgress, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    console = ProgressConsole(progress)
    progress.observe(operation(OperationKind.ERASE))
    console.flush()
    assert capfdbinary.readouterr().out
    console.flush()
    assert not capfdbinary.readouterr().out
