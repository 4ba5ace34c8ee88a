"""What kind of run the options of `w800emu run` come to: whose firmware, who types, whose clock counts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from emu.cli.run_options import RunOptions
from emu.host.pipe_input import PipeInput, is_piped
from emu.host.script_steps import WriteSerial
from emu.host.terminal import is_interactive
from emu.loader.files import read_file
from emu.machine.demo import holds_demo
from emu.options import PathLike

END_OF_STORY: Final = "atcmd init finished"
"""What the built-in demo prints last on its own."""


class RunKind:
    """Decided once, before anything is built; a pipe at standard input is read from then on."""

    def __init__(self, options: RunOptions) -> None:
        is_new = options.firmware is None and options.load_state is None
        self.is_empty_board = is_new and _is_empty_board(options)
        """A flash file has to be made, for somebody who flashes it by UART 0."""
        starts_demo = _starts_demo(options.machine.get("flash_file"))
        self.is_demo = is_new and not self.is_empty_board and starts_demo
        self.choices = options.backends(is_demo=self.is_demo)
        """UARTs and their back ends."""
        has_terminal = any(choice.backend.is_terminal for _, choice in self.choices)
        self.is_interactive = is_interactive() and has_terminal
        names_stdio = any(choice.backend.is_terminal for chosen in options.uarts for choice in chosen)
        is_fed = names_stdio and not self.is_interactive and is_piped()
        self.pipe = PipeInput() if is_fed else None
        takes_input = {number for number, choice in self.choices if choice.backend.takes_input}
        written = {step.uart for step in options.steps if isinstance(step, WriteSerial)}
        self.can_download = 0 in takes_input | written
        """Somebody may send what the mask ROM waits for."""
        listens = any(each.backend.takes_input and not each.backend.is_scripted for _, each in self.choices)
        self.has_listeners = self.is_interactive or listens or bool(options.wifi_forward)
        self.follows_clock = self.has_listeners or self.pipe is not None or bool(options.realtime)
        self.is_live = self.follows_clock or bool(options.wifi_allow)
        """Input may come at any time."""
        has_end = self.is_interactive or options.steps or self.pipe is not None or options.expect
        self.end_text = END_OF_STORY if self.is_demo and not has_end else None
        """What ends the run though nobody has said so."""


def _is_empty_board(options: RunOptions) -> bool:
    """Whether the flash file is to be made by somebody who flashes a new board by UART 0."""
    flash_file = options.machine.get("flash_file")
    can_flash = any(choice.backend.takes_input for choice in options.uarts[0])
    return flash_file is not None and can_flash and not Path(flash_file).exists()


def _starts_demo(flash_file: PathLike | None) -> bool:
    """Whether a run without a firmware is one of the demo: a flash saved earlier may hold anything."""
    return flash_file is None or not Path(flash_file).exists() or holds_demo(read_file(Path(flash_file)))
