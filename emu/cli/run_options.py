"""The options of `w800emu run`, typed; names are those of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emu.host.backends import BackendChoice
from emu.host.network_choices import Allowed, Forward
from emu.host.null_backend import NullBackend
from emu.host.stdio_backend import StdioBackend
from emu.options import MachineOptions


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """One run as the user wants it; None: not said."""

    firmware: Path | None
    machine: MachineOptions
    demo: str | None
    load_state: Path | None
    save_state: Path | None
    record: Path | None
    hash_every: int | None
    save_flash: bool
    uart0: BackendChoice | None
    uart1: BackendChoice | None
    uart2: BackendChoice | None
    uart3: BackendChoice | None
    uart4: BackendChoice | None
    uart5: BackendChoice | None
    expect: tuple[str, ...]
    fail_on: tuple[str, ...]
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

    def backends(self, *, is_demo: bool) -> tuple[BackendChoice, ...]:
        """The back ends of UART 0 to 5. The log is on the terminal; so are the demo's AT commands (UART1)."""
        on_terminal = 2 if is_demo else 1
        chosen = (self.uart0, self.uart1, self.uart2, self.uart3, self.uart4, self.uart5)
        return tuple(
            choice or BackendChoice(StdioBackend if number < on_terminal else NullBackend)
            for number, choice in enumerate(chosen)
        )
