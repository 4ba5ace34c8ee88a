"""What the host refuses."""

from __future__ import annotations


class HostError(Exception):
    """Something of the host cannot be used as asked; one line says what to do instead."""
