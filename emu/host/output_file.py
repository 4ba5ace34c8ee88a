"""Files that are written bit by bit during a command, and standard output: errors name them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

STANDARD_OUTPUT: Final = "standard output"


def named(error: OSError, name: str) -> OSError:
    """The same error with the name of what was written, which the system does not tell."""
    return error if error.filename is not None else OSError(error.errno, error.strerror, name)


class OutputFile:
    """A file of bytes."""

    def __init__(self, path: Path) -> None:
        self._name = str(path)
        self._file = path.open("wb")

    def write(self, data: bytes) -> None:
        """Take bytes."""
        try:
            self._file.write(data)
        except OSError as error:
            raise named(error, self._name) from None

    def flush(self) -> None:
        """Let readers see what was written."""
        try:
            self._file.flush()
        except OSError as error:
            raise named(error, self._name) from None

    def close(self) -> None:
        """Write what is left."""
        try:
            self._file.close()
        except OSError as error:
            raise named(error, self._name) from None
