"""The Unicorn object: set-up, memory map, runs. Facts measured: docs/adr/0002 and 0003."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Sequence, Set
from threading import active_count
from typing import Any

from unicorn import UC_ARCH_ARM64, UC_MODE_ARM, Uc, UcError, arm64_const
from unicorn import unicorn_const as const
from unicorn.unicorn_py3.unicorn import uclib

from emu.dbt.host_registers import LIBRARY, PC, QUICK_LIBRARY, HostRegisters
from emu.dbt.unicorn_hooks import FILL, PERMIT_READ, PERMIT_WRITE, READ, Hooks, check
from emu.dbt.window_accesses import (
    ACCESSES_A_SAMPLE,
    LANES,
    PermitRead,
    PermitWrite,
    memory_reader,
    memory_writer,
    reader,
    writer,
)
from emu.engine.contract import DeviceMemory, GuestBus, MemoryRegion, WatchedRange

PAGE_BYTES = 16 * 1024
"""TLB and chaining granularity: with 1 KiB (the default) every branch across a page leaves the chain."""

CODE_BASE = 0x1_BF09_8000  # not over the TLB entries of device pages: ADR 3
CODE_BYTES = 16 * 1024 * 1024
"""When it is full, all is translated anew, as the room of dropped code is not used before. The SDK's `atcmd`
takes 1 MB."""
EXIT = CODE_BASE + CODE_BYTES
"""`b EXIT` leaves translated code; the jump table starts TABLE_OFFSET behind it."""
CODE_END = CONTROL_BASE = EXIT - PAGE_BYTES
"""The page before it is data: control registers lie there, within reach of a load's offset (regmap.py)."""

GUARDS = 4 * EXIT
"""Of the byte at address 0: see store_guard.py. Its TLB entry is that of a page 24 pages away."""
STORE_VIEW = 0xF_FFF8_0000
"""Of address 0: here nobody is told of stores to pages with guards. It is a mask that an instruction takes,
and leads to other TLB entries again."""

SECOND_VIEW = 0x3_FFF8_0000
"""Device memory lies a second time at its address with these bits inverted: not over the TLB entries of
others, and a mask that an instruction takes."""
RUNS_A_LOOK = 15
"""A mask: how often it is asked whether there are other threads, which takes a sixth of a run's time."""

TRANSLATIONS_BYTES = 32 << 20
"""Unicorn's buffer for what it makes of the code area; it is emptied when it is full, which no firmware known
achieves. The default is 1 GB of address space a machine."""
_NEEDED = {
    const.UC_MEM_READ: const.UC_PROT_READ,
    const.UC_MEM_WRITE: const.UC_PROT_WRITE,
    const.UC_MEM_FETCH: const.UC_PROT_EXEC,
}
_NO_GUARDS = GUARDS - PAGE_BYTES
_REMOVE_CACHE = const.UC_CTL_IO_WRITE << 30 | 2 << 26 | const.UC_CTL_TB_REMOVE_CACHE  # with two arguments
_GUARDS_PAGE = GUARDS // PAGE_BYTES
_ERR_OK, _ERR_EXCEPTION = const.UC_ERR_OK, const.UC_ERR_EXCEPTION  # a module's attributes: each run asks
_REFUSALS = (const.UC_ERR_EXCEPTION, const.UC_ERR_READ_PROT, const.UC_ERR_WRITE_PROT)


class FaultError(Exception):
    """The host instruction at `Host.pc` made an access that the memory map refuses."""

    def __init__(self, address: int) -> None:
        super().__init__(f"{address:#x}")
        self.address = address


class Host(HostRegisters):
    """An AArch64 machine that maps guest memory 1:1 and runs the code area."""

    def __init__(
        self, moved: Sequence[int], seen: Sequence[int], windows: Iterable[tuple[int, int]] = ()
    ) -> None:
        """Unicorn's numbers of the registers that `store` writes, and of others that `load` reads as well.

        `windows` are base and size of those to come by `map_window`.
        """
        self._uc = Uc(UC_ARCH_ARM64, UC_MODE_ARM)
        super().__init__(self._uc._uch, moved, seen)
        self._hooks = Hooks(self._handle)
        self._uc.ctl_set_page_size(PAGE_BYTES)
        self._uc.ctl_set_tcg_buffer_size(TRANSLATIONS_BYTES)
        self._uc.ctl_set_tlb_mode(const.UC_TLB_VIRTUAL)
        self._pages: dict[int, int] = {}
        self._refused: dict[int, int] = {}
        self._guards: dict[int, bytearray] = {}
        self._fault: int | None = None
        self._error: BaseException | None = None
        self.accesses = 0
        """Window accesses so far, and stores that were told."""
        self.pages_read: set[int] | None = None
        """Gets the pages that are read, if anybody wants to know."""
        self.error_pc = 0
        """Host pc of the access whose window call raised in the last run; 0: none did."""
        self.met: DeviceMemory | int | None = None
        """What the last run was stopped for at an access to it, or the address of a count; None: for none."""
        self.foreseen: dict[int, int] = {}
        """Address of registers that are read again and again, or that translated code works out by itself ->
        how often Python has answered such a read."""
        self.forget: Callable[[], None] = lambda: None
        """Called at an access that may change what they read as, and when a run begins."""
        self.is_polled: Callable[[int], bool] = lambda address: False
        """Asked at one of ACCESSES_A_SAMPLE reads of a window, before it is made: True refuses it."""
        self.polled: Set[int] = frozenset()
        """Addresses at all of whose reads it is asked."""
        self.stored: Callable[[int, int], None] = lambda address, size_bytes: None
        """Told address and size of stores to pages of `guard`."""
        self.tells_words = False
        """Whether misaligned stores of two words are refused: else each of their bytes is told, too."""
        self.polled_address: int | None = None
        """Of the read that was refused for it in the last run."""
        self.answer = 0
        """Of a window, to the read under way."""
        self._answered = READ(lambda: self.answer)
        self._keep: list[Any] = []
        self._filled = FILL(self._fill)
        self._windows = sorted((base, base + size_bytes - 1) for base, size_bytes in windows)
        self._window_fills: list[ctypes.c_size_t] = []  # hooks
        after = 0
        for base, last in (*self._windows, (1 << 64, 0)):  # without a hook, Unicorn itself fills 1:1
            if after < base:
                self._hooks.add(const.UC_HOOK_TLB_FILL, self._filled, after, base - 1)
            after = last + 1
        self._runs = 0
        # Without other threads nobody waits for the interpreter's lock, which each call from here would take.
        self._library: ctypes.CDLL = LIBRARY
        self._start, self._none = ctypes.c_uint64(), ctypes.c_uint64()
        self._uc.reg_write(arm64_const.UC_ARM64_REG_FPCR, 1 << 24)  # FZ: see float_emitter
        self._code = self.map_table(CODE_BASE, CODE_END - CODE_BASE)
        # Never called: where such a hook is, Unicorn trusts that nobody writes to what it makes a block of;
        # else it looks through its 3,000 TLB entries for each.
        refused = PERMIT_READ(lambda uc, access, address, size: False)
        self._hooks.add(const.UC_HOOK_MEM_FETCH_UNMAPPED, refused, CODE_BASE, CODE_END - 1)
        self.map_table(_NO_GUARDS, PAGE_BYTES)
        self.flush_code = self._uc.ctl_flush_tb
        # Runs end at the brk at EXIT. An exit address would cost some 400 bytes of Unicorn's buffer for
        # translations at each run that ends there, and 4 us: its block is made anew each time.
        self._uc.ctl_exits_enabled(True)
        self._uc.ctl_set_exits([])

    # ---- memory map ----------------------------------------------------------------------------

    def map_table(self, base: int, size_bytes: int) -> bytearray:
        """Map zeroed memory that only translated code reads; it is changed through the result."""
        buffer = bytearray(size_bytes)
        self._map_buffer(base, buffer)
        self._allow(base, size_bytes, const.UC_PROT_READ | const.UC_PROT_EXEC)
        return buffer

    def map_data(self, base: int, size_bytes: int) -> bytearray:
        """Map zeroed memory that translated code writes."""
        buffer = bytearray(size_bytes)
        self._map_buffer(base, buffer)
        self._allow(base, size_bytes, const.UC_PROT_READ | const.UC_PROT_WRITE)
        return buffer

    def _map_buffer(self, base: int, buffer: bytearray, offset: int = 0, size_bytes: int = 0) -> None:
        raw = (ctypes.c_char * (size_bytes or len(buffer))).from_buffer(buffer, offset)
        self._keep.append(raw)
        self._uc.mem_map_ptr(base, len(raw), const.UC_PROT_ALL, ctypes.addressof(raw))

    def _allow(self, base: int, size_bytes: int, permissions: int) -> None:
        if base % PAGE_BYTES or size_bytes % PAGE_BYTES:
            raise ValueError(f"memory at {base:#x} is not a multiple of {PAGE_BYTES:#x} bytes")
        for page in range(base // PAGE_BYTES, (base + size_bytes) // PAGE_BYTES):
            self._pages[page] = permissions

    def map_memory(self, memory: MemoryRegion) -> None:
        """Map plain memory: readable, writable if stores may change it, never executable."""
        self._map_buffer(memory.base, memory.buffer)
        write = const.UC_PROT_WRITE if memory.writable else 0
        self._allow(memory.base, len(memory.buffer), const.UC_PROT_READ | write)

    def map_window(self, base: int, size_bytes: int, window: GuestBus) -> None:
        """Map addresses served by calls.

        The range is protected against reading and writing so that Unicorn brings its PC up to date for the
        protection hook before each access: `pc` is exact inside the calls. The accesses are made there: what
        follows gives the answer of a read, and does nothing for a write.
        """
        pointer = ctypes.cast(self._answered, ctypes.c_void_p)
        check(uclib.uc_mmio_map(self._handle, base, size_bytes, pointer, None, None, None))
        self._uc.mem_protect(base, size_bytes, const.UC_PROT_NONE)
        self._hook_window(base, size_bytes, reader(self, window), writer(self, window))
        self._allow(base, size_bytes, const.UC_PROT_READ | const.UC_PROT_WRITE)

    def map_device_memory(self, memory: DeviceMemory) -> None:
        """Map memory of a window mapped later a second time, at `address ^ SECOND_VIEW`.

        Some of its accesses in the window stop the run, with it in `met`.
        """
        view = memory.base ^ SECOND_VIEW
        self._map_buffer(view, memory.buffer)
        self._allow(view, len(memory.buffer), const.UC_PROT_READ | const.UC_PROT_WRITE)
        read, write = memory_reader(self, memory), memory_writer(self, memory)
        self._hook_window(memory.base, memory.size_bytes, read, write)

    def sample(self, memory: DeviceMemory) -> None:
        """Inside an access to device memory: count it, and stop for some of them."""
        self.accesses += 1
        if not self.accesses % ACCESSES_A_SAMPLE and not self._refused:
            self.meet(memory)

    def meet(self, what: DeviceMemory | int) -> None:
        """Inside a window access: stop behind it, with that in `met`."""
        self.met = what
        self.stop()

    def _hook_window(self, base: int, size_bytes: int, read: PermitRead, write: PermitWrite) -> None:
        self._hooks.add(const.UC_HOOK_MEM_READ_PROT, PERMIT_READ(read), base, base + size_bytes - 1)
        self._hooks.add(const.UC_HOOK_MEM_WRITE_PROT, PERMIT_WRITE(write), base, base + size_bytes - 1)

    def refuse(self, watched: Iterable[WatchedRange]) -> None:
        """Refuse what is watched, in the pages of these ranges, instead of what was refused before."""
        refused: dict[int, int] = {}
        for each in watched:
            kinds = const.UC_PROT_READ * each.reads | const.UC_PROT_WRITE * each.writes
            for page in range(each.address // PAGE_BYTES, (each.end - 1) // PAGE_BYTES + 1):
                refused[page] = refused.get(page, 0) | kinds
        views = {page + STORE_VIEW // PAGE_BYTES: kinds for page, kinds in refused.items()}
        self._refused = refused | views
        for hook in self._window_fills:
            self._hooks.remove(hook)
        self._window_fills = [
            self._hooks.add(const.UC_HOOK_TLB_FILL, self._filled, base, last)
            for base, last in self._windows
            if any(base <= page * PAGE_BYTES <= last for page in refused)
        ]
        self._ask_for_pages()

    def note_reads(self, pages: set[int] | None) -> None:
        """Add to a set the pages that are read from now on, each at its first read; None: no longer."""
        self.pages_read = pages
        self._ask_for_pages()

    def _ask_for_pages(self) -> None:
        """Have `_fill` asked for each page when it is accessed next."""
        self._uc.ctl(const.UC_CTL_TLB_FLUSH, const.UC_CTL_IO_WRITE)

    def guard(self, page: int, memory: MemoryRegion) -> bytearray:
        """Let stores to a page of memory be told, but for those through its view; gives the page's guards.

        Not while translated code runs.
        """
        base = page * PAGE_BYTES
        guards = self._guards.get(page)
        if guards is None:
            guards = self._guards[page] = self.map_table(GUARDS + base, PAGE_BYTES)
            self._map_buffer(STORE_VIEW + base, memory.buffer, base - memory.base, PAGE_BYTES)
            self._allow(STORE_VIEW + base, PAGE_BYTES, const.UC_PROT_WRITE)
            self._hooks.add(const.UC_HOOK_MEM_WRITE_PROT, self._telling(memory), base, base + PAGE_BYTES - 1)
        self._uc.mem_protect(base, PAGE_BYTES, const.UC_PROT_READ)
        return guards

    def release(self, page: int) -> None:
        """Tell no more of stores to a page. Not while translated code runs."""
        self._uc.mem_protect(page * PAGE_BYTES, PAGE_BYTES, const.UC_PROT_ALL)

    def _telling(self, memory: MemoryRegion) -> Any:
        """Make stores that memory is protected against, and tell them."""

        def write(uc: int, access: int, address: int, size: int, value: int) -> bool:
            offset = address - memory.base
            if offset + size > len(memory.buffer) or (size == 8 and address % 8 and self.tells_words):
                return False
            memory.buffer[offset : offset + size] = (value & LANES[size]).to_bytes(size, "little")
            self.accesses += 1
            try:
                for word in range(address, address + size, 4):
                    self.stored(word, min(size, 4))
            except BaseException as error:  # noqa: BLE001
                self.stop_with(error)
            return True

        return PERMIT_WRITE(write)

    def _fill(self, uc: int, address: int, access: int, entry: Any) -> bool:
        """Tell where a page lies and what is permitted, in the two words of a TLB entry of Unicorn's."""
        page, place = address // PAGE_BYTES, address
        permissions = self._pages.get(page, 0)
        if not permissions and page >= _GUARDS_PAGE:
            page, place = _NO_GUARDS // PAGE_BYTES, _NO_GUARDS
            permissions = self._pages[page]
        if self._refused:
            permissions &= ~self._refused.get(page, 0)
        if not permissions & _NEEDED[access]:
            self._fault = address
            return False
        if self.pages_read is not None:
            self.pages_read.add(page)
        entry[0], entry[1] = place, permissions
        return True

    def stop_with(self, error: BaseException) -> None:
        """Inside a window call: stop, and let `run` raise this."""
        if self._error is None:
            self._error, self.error_pc = error, self.pc
        self._uc.emu_stop()

    # ---- running -------------------------------------------------------------------------------

    def run(self, address: int) -> bool:
        """Run from host `address`; True if the brk at EXIT was reached, False if `stop` ended it.

        FaultError for a refused access. An exception raised by a window is raised here.
        """
        if self.foreseen:
            self.forget()
        self.error_pc = 0
        self.met = None
        self.polled_address = None
        self._fault = None
        self._start.value, none = address, self._none
        self._runs += 1
        if self._runs & RUNS_A_LOOK == 0:
            self._library = QUICK_LIBRARY if active_count() == 1 else LIBRARY
        status = self._library.uc_emu_start(self._handle, self._start, none, none, none)
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        if status == _ERR_EXCEPTION and self._fault is None:
            return True
        if status == _ERR_OK:
            return False
        if status not in _REFUSALS:
            raise UcError(status)
        raise FaultError(self._fault or 0)

    def stop(self) -> None:
        """Inside a window call: leave right behind the access that made it."""
        QUICK_LIBRARY.uc_emu_stop(self._handle)

    @property
    def resume_pc(self) -> int:
        """Where to go on after `stop` ended a run: the access is done, but Unicorn's PC still points to it.

        (Unicorn tests for a stop behind each access.)
        """
        return self.pc + 4

    @property
    def pc(self) -> int:
        """The host program counter."""
        return self.read_register(PC)

    # ---- code ----------------------------------------------------------------------------------

    def code_word(self, address: int) -> int:
        """The word of host code at an address."""
        return int.from_bytes(self._code[address - CODE_BASE : address - CODE_BASE + 4], "little")

    def write_code(self, address: int, data: bytes) -> None:
        """Put host code in place; forget what Unicorn made of that range before."""
        end = address + len(data)
        self._code[address - CODE_BASE : end - CODE_BASE] = data
        begin_and_end = ctypes.c_uint64(address), ctypes.c_uint64(end)
        QUICK_LIBRARY.uc_ctl(self._handle, _REMOVE_CACHE, *begin_and_end)
