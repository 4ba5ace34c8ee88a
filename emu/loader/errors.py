"""The error of every loader, and how it names the place."""

from __future__ import annotations

from dataclasses import dataclass, replace


class LoadError(Exception):
    """A file that cannot be used; one line names the file, the offset, the field and what to do."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where bytes come from, for messages."""

    name: str
    offset: int = 0

    def at(self, delta: int) -> Origin:
        """The place that many bytes further."""
        return replace(self, offset=self.offset + delta)

    def error(self, field: str, what: str) -> LoadError:
        """Make the error that says what is wrong with a field at this place."""
        return LoadError(f"{self.name}: offset {self.offset:#x}: {field}: {what}")
