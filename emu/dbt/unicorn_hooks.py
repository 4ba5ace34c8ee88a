"""Call-backs of Unicorn, without the binding's: it wraps each in two Python frames.

A device access would cost twice as much.
"""

from __future__ import annotations

import ctypes
from typing import Any

from unicorn import UcError
from unicorn import unicorn_const as const
from unicorn.unicorn_py3.unicorn import uclib

# Trailing arguments that nobody needs are left out: each takes its time, and callers clean up in all ABIs.
READ = ctypes.CFUNCTYPE(ctypes.c_uint64)
PERMIT_READ = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_size_t, ctypes.c_int, ctypes.c_uint64, ctypes.c_int)
PERMIT_WRITE = ctypes.CFUNCTYPE(
    ctypes.c_bool, ctypes.c_size_t, ctypes.c_int, ctypes.c_uint64, ctypes.c_int, ctypes.c_uint64
)
FILL = ctypes.CFUNCTYPE(
    ctypes.c_bool, ctypes.c_size_t, ctypes.c_uint64, ctypes.c_int, ctypes.POINTER(ctypes.c_uint64)
)


def check(status: int) -> None:
    """UcError for the status of a failed call."""
    if status != const.UC_ERR_OK:
        raise UcError(status)


class Hooks:
    """The hooks of one Unicorn object, by its handle; their call-backs live as long as they."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._calls: dict[int, Any] = {}

    def add(self, kind: int, call: Any, begin: int, last: int) -> ctypes.c_size_t:
        """Call back for addresses from `begin` to `last`; what `remove` takes."""
        hook = ctypes.c_size_t()
        pointer = ctypes.cast(call, ctypes.c_void_p)
        check(uclib.uc_hook_add(self._handle, ctypes.byref(hook), kind, pointer, None, begin, last))
        self._calls[hook.value] = call
        return hook

    def remove(self, hook: ctypes.c_size_t) -> None:
        """Call back no longer."""
        check(uclib.uc_hook_del(self._handle, hook))
        del self._calls[hook.value]
