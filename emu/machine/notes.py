"""What is odd and the chip does not tell."""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.observers import Observers


class Notes:
    """Keeps each note once, and tells the observers of it."""

    def __init__(self, keep_error: Callable[[BaseException], None]) -> None:
        self.texts: list[str] = []
        self.observers = Observers[[str]](keep_error=keep_error)

    def add(self, text: str) -> None:
        """Take a note, unless it is there."""
        if text not in self.texts:
            self.texts.append(text)
            self.observers(text)
