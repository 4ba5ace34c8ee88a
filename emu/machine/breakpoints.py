"""Addresses of code that somebody wants to hear of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from emu.cpu.core import Core
from emu.machine.errors import MachineError
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
        self.is_muted = False
        """Neither runs end nor hooks are called, but for those of the machine itself."""
        self.hears_all = ""
        """The owner for whom runs end even so."""
        self._hooks: dict[int, Observers[[Told]]] = {}
        self._owners: dict[int, list[str]] = {}
        self._places: dict[tuple[str | int, str | None], set[int]] = {}  # by name and owner, None for hooks

    def hook_internally(self, address: int, callback: Callable[[Told], object]) -> None:
        """Call back like a hook, always: it is a part of the machine."""
        self._observers(address).internal.append(callback)
        self._set()

    def hook(self, address: int, callback: Callable[[Told], object], where: str | int) -> None:
        """Call back each time before the instruction there is executed; `where` names it for `unhook`."""
        self._observers(address).append(callback)
        self._places.setdefault((where, None), set()).add(address)
        self._set()

    def unhook(self, where: str | int) -> None:
        """Remove the hooks there; MachineError if there are none."""
        hooked = self._addresses(where, None) & self._hooks.keys()
        if not hooked:
            raise MachineError(f"unhook: there is no hook at {_named(where)}")
        for address in hooked:
            del self._hooks[address]
        self._set()

    def add(self, address: int, owner: str, where: str | int) -> None:
        """Let runs end before the instruction there, until this owner takes the breakpoint away."""
        self._places.setdefault((where, owner), set()).add(address)
        owners = self._owners.setdefault(address, [])
        if owner not in owners:
            owners.append(owner)
        self._set()

    def remove(self, where: str | int, owner: str) -> None:
        """Take breakpoints away by the name that they have; MachineError if this owner has none there."""
        addresses = self._addresses(where, owner)
        mine = [address for address in addresses if owner in self._owners.get(address, ())]
        if not mine:
            raise MachineError(f"remove_breakpoint: {owner!r} has none at {_named(where)}")
        for address in mine:
            self._owners[address].remove(owner)
            if not self._owners[address]:
                del self._owners[address]
        self._set()

    def reached(self, address: int) -> tuple[str, ...]:
        """Call the hooks there; give the owners for whom the run ends."""
        if (hooks := self._hooks.get(address)) is not None:
            hooks.is_muted = self.is_muted
            hooks(self._told)
        owners = tuple(self._owners.get(address, ()))
        return tuple(owner for owner in owners if not self.is_muted or owner == self.hears_all)

    @contextmanager
    def until(self, address: int, owner: str) -> Iterator[None]:
        """Have a breakpoint for a while."""
        self.add(address, owner, address)
        try:
            yield
        finally:
            self.remove(address, owner)

    def _observers(self, address: int) -> Observers[[Told]]:
        if address not in self._hooks:
            self._hooks[address] = Observers(keep_error=self._keep_error)
        return self._hooks[address]

    def _addresses(self, where: str | int, owner: str | None) -> set[int]:
        """Where something of that name was put, whatever the name means by now; what is known of it goes."""
        plain = {where} if isinstance(where, int) else set()
        return self._places.pop((where, owner), plain)

    def _set(self) -> None:
        self._core.set_breakpoints(frozenset(self._hooks) | frozenset(self._owners))


def _named(where: str | int) -> str:
    return where if isinstance(where, str) else f"{where:#010x}"
