"""What every view of a trace is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from emu.trace.flow import Window
    from emu.trace.trace import Trace

Write = Callable[[str | bytes], object]
WriteText = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class View:
    """A form to show a trace in: the module of its name in this folder, loaded when it is needed."""

    name: str
    about: str
    """For the list of all, in a few words."""

    def show(self, trace: Trace, window: Window, write: Write) -> str | None:
        """Write what of a trace is in a window: the function `show` of the module does it.

        What it returns is for the user: that something was left out. LoadError where a package is missing.
        """
        try:
            show = import_module(f"{__package__}.{self.name}").show
        except ModuleNotFoundError as error:
            from emu.loader.errors import LoadError  # the help needs nothing of the emulator

            raise LoadError(f"this needs {error.name}: pip install 'w800emu[trace]'") from None
        return cast("Callable[[Trace, Window, Write], str | None]", show)(trace, window, write)
