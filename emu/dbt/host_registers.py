"""Fast access to the registers of a Unicorn object."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from typing import Any

from unicorn import arm64_const
from unicorn.unicorn_py3.unicorn import uclib

X = (
    *range(arm64_const.UC_ARM64_REG_X0, arm64_const.UC_ARM64_REG_X0 + 29),
    arm64_const.UC_ARM64_REG_X29,
    arm64_const.UC_ARM64_REG_X30,
)
"""Unicorn's numbers of X0-X30."""
S = tuple(range(arm64_const.UC_ARM64_REG_S0, arm64_const.UC_ARM64_REG_S0 + 32))
"""Unicorn's numbers of S0-S31."""
D = tuple(range(arm64_const.UC_ARM64_REG_D0, arm64_const.UC_ARM64_REG_D0 + 32))
"""Unicorn's numbers of D0-D31."""
Q = tuple(range(arm64_const.UC_ARM64_REG_Q0, arm64_const.UC_ARM64_REG_Q0 + 32))
"""Unicorn's numbers of Q0-Q31."""
STATUS = arm64_const.UC_ARM64_REG_FPSR
"""Unicorn's number of FPSR."""
STACK_POINTER = arm64_const.UC_ARM64_REG_SP
"""Unicorn's number of SP."""
PC = arm64_const.UC_ARM64_REG_PC
"""Unicorn's number of PC."""
LIBRARY = ctypes.CDLL(uclib._name, handle=uclib._handle)
"""The binding's library, for what is called often: the binding's own register access costs 2 us a register.
To convert arguments to declared types takes half of a call: here they are ctypes objects, or fit an `int`."""
QUICK_LIBRARY = ctypes.PyDLL(uclib._name, handle=uclib._handle)
"""The same for what is over at once: other threads need not get their turn meanwhile."""
QUICK_LIBRARY.uc_ctl.argtypes = ctypes.c_void_p, ctypes.c_int  # some ABIs pass what follows another way


class HostRegisters:
    """The registers of an AArch64 machine, by Unicorn's numbers."""

    def __init__(self, handle: Any, moved: Sequence[int], seen: Sequence[int]) -> None:
        """`handle` is Unicorn's; those of `moved` are written by `store`, and read by `load` with `seen`."""
        self._handle = handle
        self._moved, count = len(moved), len(moved) + len(seen)
        self._ids = (ctypes.c_int * count)(*moved, *seen)
        self.registers: Any = (ctypes.c_uint64 * count)()
        """As `load` has read them, and as `store` will write those that are moved."""
        pointers = (ctypes.addressof(self.registers) + 8 * n for n in range(count))
        self._pointers = (ctypes.c_void_p * count)(*pointers)
        self._one = ctypes.c_uint64()
        self._one_pointer = ctypes.byref(self._one)
        self._halves = (ctypes.c_int64 * 2)()
        self._words = (ctypes.c_uint32 * 4)()

    def read_register(self, register: int) -> int:
        """Read one 64-bit register by Unicorn's number."""
        QUICK_LIBRARY.uc_reg_read(self._handle, register, self._one_pointer)
        return self._one.value

    def reader(self, form: str, *registers: int) -> Callable[[], tuple[int, ...]]:
        """What reads these 64-bit registers, by Unicorn's numbers, at once; `form` is that of `struct`."""
        count = len(registers)
        numbers, values = (ctypes.c_int * count)(*registers), (ctypes.c_uint64 * count)()
        first = ctypes.addressof(values)
        pointers = (ctypes.c_void_p * count)(*range(first, first + 8 * count, 8))
        read_batch, unpack, handle = QUICK_LIBRARY.uc_reg_read_batch, struct.Struct(form).unpack, self._handle

        def read() -> tuple[int, ...]:
            read_batch(handle, numbers, pointers, count)
            return unpack(values)

        return read

    def read_upper_half(self, register: int) -> int:
        """Read the upper half of a 128-bit register by Unicorn's number: signed."""
        QUICK_LIBRARY.uc_reg_read(self._handle, register, ctypes.byref(self._halves))
        return self._halves[1]

    def read_words(self, register: int) -> tuple[int, ...]:
        """Read the four words of a 128-bit register by Unicorn's number."""
        QUICK_LIBRARY.uc_reg_read(self._handle, register, ctypes.byref(self._words))
        return tuple(self._words)

    def write_register(self, register: int, value: int) -> None:
        """Write one 64-bit register by Unicorn's number."""
        self._one.value = value
        QUICK_LIBRARY.uc_reg_write(self._handle, register, self._one_pointer)

    def load(self) -> None:
        """Copy the registers that are moved, and behind them those that are seen, to `registers`."""
        QUICK_LIBRARY.uc_reg_read_batch(self._handle, self._ids, self._pointers, len(self._ids))

    def store(self) -> None:
        """Copy the registers that are moved from `registers` into Unicorn."""
        QUICK_LIBRARY.uc_reg_write_batch(self._handle, self._ids, self._pointers, self._moved)
