"""What is wrong with what is asked of a network."""

from __future__ import annotations


class NetworkError(ValueError):
    """Something that is asked for cannot be; one line."""
