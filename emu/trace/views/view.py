"""What every view of a trace is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from emu.trace.selection import Selection
    from emu.trace.trace import Trace

Write = Callable[[str | bytes], object]
WriteText = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class View:
    """A form to show a trace in: the module of its name in this folder, loaded when it is needed."""

    name: str
    about: str
    """For the list of all, in a few words."""
    tells_code: bool = True
    """Functions and addresses can be chosen."""
    tells_signals: bool = False
    """Pins and variables can be asked for."""

    def show(self, trace: Trace, selection: Selection, write: Write) -> str | None:
        """Write what of a trace is wanted: the function `show` of the module does it.

        What it returns is for the user: that something was left out. LoadError where a package is missing,
        SelectionError where the view has nothing of the kind that is wanted.
        """
        from emu.trace.selection import SelectionError

        if not self.tells_code and not selection.has_all_code:
            raise SelectionError(f"{self.name} tells no functions: leave --functions and --addresses out")
        if not self.tells_signals and selection.signals:
            raise SelectionError(f"{self.name} tells no signals: --signal is for vcd")
        try:
            show = import_module(f"{__package__}.{self.name}").show
        except ModuleNotFoundError as error:
            from emu.loader.errors import LoadError  # the help needs nothing of the emulator

            raise LoadError(f"this needs {error.name}: pip install 'w800emu[trace]'") from None
        return cast("Callable[[Trace, Selection, Write], str | None]", show)(trace, selection, write)
