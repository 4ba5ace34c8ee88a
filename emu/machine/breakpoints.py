"""Addresses of code that somebody wants to hear of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from emu.cpu.core import Core
from peripherals.framework.observers import Observers

Told = TypeVar("Told")


class Breakpoints(Generic[Told]):
    """Keeps the core's breakpoints in step with the hooks and the address that a run ends at.

    What a hook raises goes to `keep_error`.
    """

    def __init__(self, core: Core, keep_error: Callable[[BaseException], None]) -> None:
        self._core = core
        self._keep_error = keep_error
        self._hooks: dict[int, Observers[[Told]]] = {}
        self.wanted: int | None = None
        """Where the run under way is to end."""

    def hook(self, address: int, callback: Callable[[Told], object]) -> None:
        """Call back each time the instruction there is about to be executed."""
        if address not in self._hooks:
            self._hooks[address] = Observers(keep_error=self._keep_error)
        self._hooks[address].append(callback)
        self._set()

    def unhook(self, address: int) -> None:
        """Remove the hooks there."""
        self._hooks.pop(address, None)
        self._set()

    def reached(self, address: int, told: Told) -> None:
        """Call the hooks there."""
        if (hooks := self._hooks.get(address)) is not None:
            hooks(told)

    @contextmanager
    def until(self, address: int) -> Iterator[None]:
        """Want a run to end at an address, for a while."""
        self.wanted = address
        self._set()
        try:
            yield
        finally:
            self.wanted = None
            self._set()

    def _set(self) -> None:
        wanted = set() if self.wanted is None else {self.wanted}
        self._core.set_breakpoints(frozenset(self._hooks) | wanted)
