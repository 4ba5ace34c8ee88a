"""The options of `w800emu run`, typed; names are those of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emu.cli.screenshot import Screenshot
from emu.host.backends import BackendChoice
from emu.host.network_choices import Allowed, Forward
from emu.host.script_steps import Step
from emu.host.stdio_backend import StdioBackend
from emu.host.text_pattern import TextPattern
from emu.options import MachineOptions


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """One run as the user wants it; None: not said."""

    firmware: Path | None
    machine: MachineOptions
    demo: str | None
    load_state: Path | None
    save_state: Path | None
    screenshot: tuple[Screenshot, ...]
    save_part: tuple[tuple[str, Path], ...]
    record: Path | None
    hash_every: int | None
    save_flash: bool
    uarts: tuple[tuple[BackendChoice, ...], ...]
    """Of each UART."""
    expect: tuple[TextPattern, ...]
    fail_on: tuple[TextPattern, ...]
    steps: tuple[Step, ...]
    scenario: Path | None
    """Where the steps are from, whose end is that of the run."""
    quiet_end: int
    json: Path | None
    max_time: int | None
    realtime: bool | None
    ramdump: Path | None
    trace: Path | None
    trace_format: str
    trace_last: int | None
    gdb: int | None
    gdb_wait: bool
    coverage: Path | None
    stats: bool
    report_unmodeled: bool
    wifi_pcap: Path | None
    wifi_forward: tuple[Forward, ...]
    wifi_allow: tuple[Allowed, ...]

    def backends(self, *, is_demo: bool) -> tuple[tuple[int, BackendChoice], ...]:
        """The UARTs and their back ends.

        The log is on the terminal unless something else is chosen; so are the demo's AT commands (UART1).
        """
        usual = (BackendChoice(StdioBackend),)
        on_terminal = 2 if is_demo else 1
        return tuple(
            (number, choice)
            for number, chosen in enumerate(self.uarts)
            for choice in chosen or (usual if number < on_terminal else ())
        )
