"""Waiting for the host's clock, or for input, whatever comes first."""

from __future__ import annotations

import time
from collections.abc import Sequence


def wait_for_input(descriptors: Sequence[int], at_most_s: float) -> None:
    """Wait so long, or until one of the descriptors is readable; on Windows these have to be sockets."""
    if not descriptors:
        time.sleep(at_most_s)
        return
    import select

    try:
        select.select(descriptors, (), (), at_most_s)
    except (OSError, ValueError):  # one of them is closed: who attends to it will notice
        time.sleep(at_most_s)
