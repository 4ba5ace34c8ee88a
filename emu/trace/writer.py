"""Writes a trace: bytes come from the run, a thread compresses and writes them."""

from __future__ import annotations

from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Final

from emu.loader.errors import LoadError
from emu.trace.chunks import ChunkKind, Moment, first_line, pack

_MOST_WAITING: Final = 32
"""Chunks; a run that is faster than the disk waits for it."""


class TraceWriter:
    """A trace that grows. LoadError where it cannot be written: at the next chunk, or at the end."""

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise self._refusal(error) from None
        self._file.write(first_line(version))
        self._queue: Queue[tuple[ChunkKind, Moment, bytes] | None] = Queue(_MOST_WAITING)
        self._error: OSError | None = None
        self._thread = Thread(target=self._work, name="trace", daemon=True)
        self._thread.start()

    def put(self, kind: ChunkKind, begins: Moment, data: bytes) -> None:
        """Write a chunk."""
        if self._error is not None:
            raise self._refusal(self._error)
        self._queue.put((kind, begins, data))

    def close(self) -> None:
        """Write what waits."""
        self._queue.put(None)
        self._thread.join()
        try:
            self._file.close()
        except OSError as error:
            self._error = self._error or error
        if self._error is not None:
            raise self._refusal(self._error)

    def _refusal(self, error: OSError) -> LoadError:
        return LoadError(f"{self._path}: {error.strerror}: the trace cannot be written there")

    def _work(self) -> None:
        while (chunk := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self._file.write(pack(*chunk))
                except OSError as error:
                    self._error = error
