"""What can be wrong with a part or its wires."""

from __future__ import annotations


class PartError(ValueError):
    """A part cannot be made, wired or used like that; one line says why."""
