"""What a byte costs while somebody waits for a text, and how many times what it costs otherwise.

python benchmarks/expect.py
Only the port is measured, with made-up output: what the emulation costs comes on top, in both cases.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import nullcontext

from emu.machine.expectation import ExpectationError
from emu.machine.uart_port import UartPort

OUTPUT = b"[I] (2663) sensor 7: temperature 21.5 C, humidity 40 %, battery 3.71 V\r\n" * 2_000
PATTERNS: tuple[str | bytes | list[str], ...] = (
    "all done",
    b"all done",
    r"main: ver: (\S+)\r\n",
    r"\bready\b",
    r"(?m)^\+OK=(\d+),(\d+)$",
    r"humidity (\d+) %, battery 9",
    ["all done", "Error", r"crash: (\w+)"],
)


class Line:
    """A UART that sends what it is told to."""

    is_prompt = False
    queued = 0

    def __init__(self) -> None:
        self.transmit: Callable[[int], None] = lambda byte: None

    def catch_up(self) -> None:
        """Nothing is on its way."""

    def feed(self, data: bytes) -> None:
        """Nobody reads it."""


class Runner:
    """Sends the output as fast as it can."""

    now_ns = 0
    gate = nullcontext()

    def __init__(self, line: Line) -> None:
        self._line = line

    def stop(self) -> None:
        """There is nothing that would match."""

    def run(self, max_time_ns: int | None = None) -> str:
        """Send everything."""
        for byte in OUTPUT:
            self._line.transmit(byte)
        return "that was all"


def us_a_byte(pattern: str | bytes | list[str] | None) -> float:
    """CPU time; None: nobody waits."""
    line = Line()
    runner = Runner(line)
    port = UartPort("uart0", line, runner, line.feed)
    start = time.process_time()
    if pattern is None:
        runner.run()
    else:
        try:
            port.expect(pattern, None)
        except ExpectationError:
            re.purge()
    return (time.process_time() - start) / len(OUTPUT) * 1e6


def main() -> None:
    """Measure and print."""
    alone = min(us_a_byte(None) for _ in range(3))
    print(f"{'nobody waits':<45} {alone:6.2f} us a byte")
    for pattern in PATTERNS:
        waited = min(us_a_byte(pattern) for _ in range(3))
        print(f"{pattern!r:<45} {waited:6.2f} us a byte, {waited / alone:6.1f} times as much")


if __name__ == "__main__":
    main()
