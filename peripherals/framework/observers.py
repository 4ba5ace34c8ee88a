"""Call-backs of users who watch something happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

Told = ParamSpec("Told")


class Observers(list[Callable[Told, object]], Generic[Told]):
    """Calls all of a list: an observer that fails changes neither what others hear nor what it watches.

    Those of `internal` are a part of the machine; the others are not called while `is_muted`.
    What one raises goes to `keep_error`, if set, to be raised where nothing is left halfway. Exceptions of
    the types `events` are meant for the model that calls: they pass at once.
    """

    def __init__(
        self, *events: type[BaseException], keep_error: Callable[[BaseException], None] | None = None
    ) -> None:
        super().__init__()
        self.internal: list[Callable[Told, object]] = []
        self.is_muted = False
        self.keep_error = keep_error
        self._events = events

    def __call__(self, *args: Told.args, **kwargs: Told.kwargs) -> None:
        """Tell everybody."""
        for observer in (*self.internal, *(() if self.is_muted else self)):
            try:
                observer(*args, **kwargs)
            except self._events:
                raise
            except BaseException as error:
                if self.keep_error is None:
                    raise
                self.keep_error(error)
