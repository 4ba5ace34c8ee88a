"""What a failed test shows of its device: on the terminal and, as part of the failure, in JUnit XML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from emu.pytest_plugin.dut import Dut


def add_sections(report: pytest.TestReport, sections: Iterable[tuple[str, str]]) -> None:
    """Add what is to be seen on a device to the failure itself: captured output may be left out."""
    failure: Any = report.longrepr
    for name, text in sections:
        if name in ("crash", "whereabouts") and text in str(failure):
            continue  # the failure itself says so
        if hasattr(failure, "addsection"):
            failure.addsection(name, text)
        else:
            failure = report.longrepr = f"{failure}\n{f' {name} ':-^80}\n{text}"


def sections_of(device: Dut) -> Iterator[tuple[str, str]]:
    """Title and text of all that is to be seen."""
    machine = device.machine
    if device.crashes:
        yield "crash", device.crashes[-1].details
    yield "whereabouts", str(machine.whereabouts())
    if device.resets:
        yield "resets", "\n".join(map(str, device.resets))
    if tasks := str(machine.tasks()):
        yield "tasks", tasks
    if branches := machine.recent_branches():
        yield "last branches", "\n".join(map(str, branches))
    for port in machine.uarts:
        if port.text:
            yield port.name, port.text
