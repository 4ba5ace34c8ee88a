"""What a machine refuses."""

from __future__ import annotations


class MachineError(Exception):
    """Something was asked of a machine that it cannot do; one line says what to do instead."""
