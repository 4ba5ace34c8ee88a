"""What translated code is made to be, for the whole life of an engine. What may change is in `Mode`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emu.dbt.discovery import MAX_INSTRUCTIONS, Block
from emu.dbt.host_flow import note_block

Instrument = Callable[[Block], Sequence[int]]
"""Notes that a block runs: the host words that it begins with.

They may use the first temporary, and leave everything else of `regmap` alone. Not every block is
executed to its end; what Python executes or leaves, it notes itself (`HostFlow`).
"""


@dataclass(frozen=True, slots=True)
class TranslationOptions:
    """Other options, other code: a translation that is kept is found with those it was made for."""

    notes_flow: bool = False
    """Each block notes itself: see host_flow.py."""
    tells_code: bool = False
    """What is executed for the first time leaves translated code: see tells.py."""
    most_instructions: int = MAX_INSTRUCTIONS
    """Of a region."""

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What adds words to each block."""
        return (note_block,) if self.notes_flow else ()
