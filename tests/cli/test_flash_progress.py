from __future__ import annotations

import io

import pytest
from rich.console import Console as RichConsole

from emu.cli import flash_progress
from emu.cli.flash_progress import RENEWED_AFTER_S, SHOWN_FOR_S, FlashProgress, ProgressConsole
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


def test_the_firmware_text_survives_the_progress_line(
    host_time: HostTime, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    progress = FlashProgress()
    screen = io.StringIO()
    console = ProgressConsole(
        progress, RichConsole(file=screen, force_terminal=True, width=60, legacy_windows=False)
    )
    console.write(b"before\r\n..")
    console.flush()
    assert capfdbinary.readouterr().out == b"before\n.."
    progress.observe(operation(OperationKind.ERASE))
    console.write(b"..\r\ndone\r\nnext")
    console.flush()
    shown = screen.getvalue()
    assert "....\n" in shown
    assert "done\n" in shown
    assert "4 KiB erased" in shown
    host_time.now_s = SHOWN_FOR_S
    console.write(b" line\r\n")
    console.flush()
    assert capfdbinary.readouterr().out == b"next line\n"
