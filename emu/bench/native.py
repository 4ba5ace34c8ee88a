"""Runs an AArch64 program directly in Unicorn, set up as the engine sets it up: the limit of its speed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from unicorn import UC_ARCH_ARM64, UC_MODE_ARM, Uc
from unicorn.arm64_const import UC_ARM64_REG_PC, UC_ARM64_REG_SP, UC_ARM64_REG_X0
from unicorn.unicorn_const import (
    UC_HOOK_TLB_FILL,
    UC_PROT_ALL,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    UC_TLB_VIRTUAL,
)

PAGE_SIZE_BYTES = 0x4000
STACK_BASE = 0x7000_0000
STACK_SIZE_BYTES = 0x10_0000


class NativeProgramError(ValueError):
    """The program cannot be run this way."""


@dataclass(frozen=True, slots=True)
class Loadable:
    """A loadable part of the program; memory behind `data` up to `size_bytes` is zero."""

    address: int
    data: bytes
    size_bytes: int
    writable: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a program."""

    seconds: float
    """CPU time of this process."""
    result: int


class NativeProgram:
    """A freestanding AArch64 program in the memory of one Unicorn instance, loaded once."""

    def __init__(self, segments: Sequence[Loadable], entry: int) -> None:
        self._segments = segments
        self._entry = entry
        self.unicorn = Uc(UC_ARCH_ARM64, UC_MODE_ARM)
        self.unicorn.ctl_set_page_size(PAGE_SIZE_BYTES)
        self.unicorn.ctl_set_tlb_mode(UC_TLB_VIRTUAL)
        self._permissions = self._map_pages()
        for segment in segments:
            self.unicorn.mem_write(segment.address, segment.data.ljust(segment.size_bytes, b"\0"))
        self.unicorn.hook_add(UC_HOOK_TLB_FILL, self._fill)

    def call(self, argument: int, stop: int) -> Call:
        """Run from the entry with `argument` in x0 to the address `stop`."""
        self.unicorn.reg_write(UC_ARM64_REG_SP, STACK_BASE + STACK_SIZE_BYTES)
        self.unicorn.reg_write(UC_ARM64_REG_X0, argument)
        start = time.process_time()
        self.unicorn.emu_start(self._entry, stop)
        seconds = time.process_time() - start
        if self.unicorn.reg_read(UC_ARM64_REG_PC) != stop:
            raise NativeProgramError(f"the program did not reach {stop:#x}")
        return Call(seconds, self.unicorn.reg_read(UC_ARM64_REG_X0))

    def read(self, address: int, size_bytes: int) -> bytes:
        """Memory of the program."""
        return bytes(self.unicorn.mem_read(address, size_bytes))

    def _map_pages(self) -> dict[int, int]:
        """Map every page once; a page for code is never writable, or each store would take the slow path."""
        permissions: dict[int, int] = {}
        for segment in (*self._segments, Loadable(STACK_BASE, b"", STACK_SIZE_BYTES, writable=True)):
            wanted = UC_PROT_READ | (UC_PROT_WRITE if segment.writable else UC_PROT_EXEC)
            first = segment.address // PAGE_SIZE_BYTES
            for page in range(first, (segment.address + segment.size_bytes - 1) // PAGE_SIZE_BYTES + 1):
                if permissions.setdefault(page, wanted) != wanted:
                    raise NativeProgramError(f"code and data share the page at {page * PAGE_SIZE_BYTES:#x}")
        for page in permissions:
            self.unicorn.mem_map(page * PAGE_SIZE_BYTES, PAGE_SIZE_BYTES, UC_PROT_ALL)
        return permissions

    def _fill(self, _unicorn: Uc, address: int, _access: int, entry: object, _data: object) -> bool:
        permissions = self._permissions.get(address // PAGE_SIZE_BYTES)
        if permissions is None:
            return False
        entry.paddr, entry.perms = address, permissions  # type: ignore[attr-defined]
        return True
