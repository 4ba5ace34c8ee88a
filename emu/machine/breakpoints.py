"""Addresses of code that somebody wants to hear of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from emu.cpu.core import Core
from peripherals.framework.observers import Observers

Told = TypeVar("Told")


class Breakpoints(Generic[Told]):
    """Keeps the core's breakpoints in step with hooks, which are called, and owners, for whom the run ends.

    Hooks get `told`; what one raises goes to `keep_error`.
    """

    def __init__(self, core: Core, told: Told, keep_error: Callable[[BaseException], None]) -> None:
        self._core = core
        self._told = told
        self._keep_error = keep_error
        self._hooks: dict[int, Observers[[Told]]] = {}
        self._owners: dict[int, list[str]] = {}

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

    def add(self, address: int, owner: str) -> None:
        """Let runs end before the instruction there, until this owner takes the breakpoint away."""
        owners = self._owners.setdefault(address, [])
        if owner not in owners:
            owners.append(owner)
        self._set()

    def remove(self, address: int, owner: str) -> None:
        """Take a breakpoint away; harmless if there is none of this owner."""
        owners = self._owners.get(address, [])
        if owner in owners:
            owners.remove(owner)
        if not owners:
            self._owners.pop(address, None)
        self._set()

    def reached(self, address: int) -> tuple[str, ...]:
        """Call the hooks there; give the owners for whom the run ends."""
        if (hooks := self._hooks.get(address)) is not None:
            hooks(self._told)
        return tuple(self._owners.get(address, ()))

    @contextmanager
    def until(self, address: int, owner: str) -> Iterator[None]:
        """Have a breakpoint for a while."""
        self.add(address, owner)
        try:
            yield
        finally:
            self.remove(address, owner)

    def _set(self) -> None:
        self._core.set_breakpoints(frozenset(self._hooks) | frozenset(self._owners))
