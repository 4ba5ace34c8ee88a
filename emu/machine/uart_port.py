"""A serial port seen from outside the chip: what the firmware has sent, and what is sent to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeVar, overload

from emu.machine.arguments import check_callable, check_seconds
from emu.machine.errors import MachineError
from emu.machine.expectation import (
    Expectation,
    ExpectationError,
    Found,
    Patterns,
    Text,
    Wanted,
    compiled,
)
from emu.machine.text_search import ESCAPED
from emu.machine.uart_connection import Answer, Connection
from emu.parts.uart_part import UartPart
from emu.report.phrases import after
from peripherals.framework.observers import Observers

U = TypeVar("U", bound=UartPart)
LINES_SHOWN = 10
_BYTES = [bytes((byte,)) for byte in range(0x100)]


class SerialLine(Protocol):
    """The model of the UART at the other end of the line."""

    transmit: Callable[[int], None]
    is_prompt: bool
    """Whether `transmit` has to get each byte at its own time."""

    def catch_up(self) -> None:
        """Heed that `is_prompt` has changed."""

    @property
    def queued(self) -> int:
        """How many of the bytes fed have not arrived yet."""
        ...


class Runnable(Protocol):
    """What lets time pass while a port waits: a machine."""

    @property
    def gate(self) -> AbstractContextManager[Any]:
        """Keeps signals from ending what must not be left halfway."""
        ...

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        ...

    def stop(self) -> None:
        """End the run under way as soon as possible."""

    def run(self, max_time_ns: int | None) -> object:
        """Run until stopped or the time is up; what happened, as text, tells why a text is missing."""


class UartPort:
    """The other side of a UART: `expect` what the firmware prints, `write` what it reads.

    `listeners` get the virtual time in nanoseconds and each byte: as it arrives while somebody waits for a
    text, otherwise up to a FIFO of bytes together.
    """

    def __init__(
        self, name: str, line: SerialLine, runner: Runnable, send: Callable[[bytes], object]
    ) -> None:
        """`send` passes bytes on to the line."""
        self.name = name
        self.listeners = Observers[[int, int]]()
        self._line = line
        self._runner = runner
        self._send = send
        self._received = bytearray()
        self._consumed = 0  # behind the last match
        self._expectation: Expectation | None = None
        self._prompt_listeners = 0  # that get each byte as it arrives
        self._is_over = True
        self.match: re.Match[Any] | None = None
        """Of the last `expect`; None after a failure."""
        self.match_index: int | None = None
        """Which of several patterns it belongs to."""
        self.attach: Callable[[UartPart], UartPart] = lambda part: part
        """Puts a part at the port; who has a board replaces it."""
        line.transmit = self._receive

    @property
    def data(self) -> bytes:
        """All that has been received."""
        return bytes(self._received)

    @property
    def text(self) -> str:
        """All that has been received; what is not UTF-8 shows as U+FFFD."""
        return self._received.decode(errors="replace")

    @property
    def lines(self) -> list[str]:
        """The text in lines, without their ends; the last one may be incomplete."""
        return self.text.replace("\r\n", "\n").split("\n")

    @property
    def queued(self) -> int:
        """How many of the bytes written are still on their way to the firmware."""
        return self._line.queued

    def write(self, data: bytes | str) -> None:
        """Send to the firmware at the pace of the line; text goes as UTF-8."""
        if not isinstance(data, str | bytes | bytearray | memoryview):
            raise MachineError(f"write: {data!r} is neither text nor bytes")
        try:
            self._send(data.encode(errors=ESCAPED) if isinstance(data, str) else bytes(data))
        except UnicodeEncodeError:
            raise MachineError(f"write: {data!r} has characters that UTF-8 has not") from None

    @overload
    def connect(self, peer: Answer | UartPort) -> Connection: ...

    @overload
    def connect(self, peer: U) -> U: ...

    def connect(self, peer: Any) -> Any:
        """Wire something to the UART, and run the machine on; all in virtual time, at the pace of the lines.

        A part stays there, and is given back. A function gets each byte the firmware sends, and what it
        returns is sent back; another UART sends to this one and receives from it: until the connection
        that is given back is closed.
        """
        if isinstance(peer, UartPart):
            return self.attach(peer)
        wired: Answer | UartPort = peer
        if not callable(peer) and not isinstance(peer, UartPort):
            raise MachineError(f"connect: {peer!r} is neither a UART nor a function that answers bytes")
        return Connection(self, wired)

    def listen(self, listener: Callable[[int, int], None], *, also_muted: bool = False) -> None:
        """Add a listener that gets each byte as it arrives, whether somebody waits for a text or not.

        `also_muted`: what comes again behind a `go_to`, too.
        """
        self._line.catch_up()  # what was sent before is for the others
        self._listeners(also_muted=also_muted).append(check_callable("listener", listener))
        self._prompt_listeners += 1
        self._set_prompt()

    def unlisten(self, listener: Callable[[int, int], None], *, also_muted: bool = False) -> None:
        """Take such a listener away."""
        self._listeners(also_muted=also_muted).remove(listener)
        self._prompt_listeners -= 1
        self._set_prompt()

    def _listeners(self, *, also_muted: bool) -> list[Callable[[int, int], object]]:
        return self.listeners.internal if also_muted else self.listeners

    def _set_prompt(self) -> None:
        self._line.is_prompt = self._expectation is not None or self._prompt_listeners > 0
        self._line.catch_up()

    @overload
    def expect(
        self, pattern: Patterns[Text], timeout_s: float | None = 10.0, *, not_matching: Any = ()
    ) -> re.Match[Text]: ...

    @overload
    def expect(
        self,
        pattern: Any,
        timeout_s: float | None = 10.0,
        *,
        not_matching: Any = (),
        expect_all: Literal[True],
    ) -> list[re.Match[Any]]: ...

    @overload
    def expect(
        self,
        pattern: Any,
        timeout_s: float | None = 10.0,
        *,
        not_matching: Any = (),
        expect_all: bool = False,
    ) -> Any: ...

    def expect(
        self,
        pattern: Any,
        timeout_s: float | None = 10.0,
        *,
        not_matching: Any = (),
        expect_all: bool = False,
    ) -> Any:
        """Run until a regular expression, or one of several, matches what came behind the previous match.

        The run stops at the byte that completes the match. Of several that are there already, the match that
        begins first counts; `match_index` tells which it is. With `expect_all`, all have to come, in any
        order; the matches are returned in the order of the patterns. Text is matched as UTF-8, bytes as they
        are. The timeout counts virtual seconds; None: no limit. When it is over, the firmware crashes, or
        something of `not_matching` comes first, ExpectationError is raised.
        """
        wanted = compiled("pattern", pattern)
        return self._expect(wanted, timeout_s, compiled("not_matching", not_matching), expect_all)

    @overload
    def expect_exact(
        self, text: Text | Sequence[Text], timeout_s: float | None = 10.0, *, not_matching: Any = ()
    ) -> re.Match[Text]: ...

    @overload
    def expect_exact(
        self, text: Any, timeout_s: float | None = 10.0, *, not_matching: Any = (), expect_all: bool = False
    ) -> Any: ...

    def expect_exact(
        self, text: Any, timeout_s: float | None = 10.0, *, not_matching: Any = (), expect_all: bool = False
    ) -> Any:
        """Like `expect`, for text or bytes as they are; so is what must not come."""
        wanted = compiled("text", text, is_exact=True)
        forbidden = compiled("not_matching", not_matching, is_exact=True)
        return self._expect(wanted, timeout_s, forbidden, expect_all)

    def skip_received(self) -> None:
        """Have waits look only at what is received from now on."""
        self._consumed = len(self._received)

    @property
    def before(self) -> str | bytes:
        """What came between the last two matches; after a failure, all behind the last match."""
        if self.match is None:
            return self._received[self._consumed :].decode(errors="replace")
        before: str | bytes = self.match.string[: self.match.start()]
        return before

    def _expect(
        self,
        wanted: list[Wanted],
        timeout_s: float | None,
        forbidden: list[Wanted],
        expect_all: bool,
    ) -> Any:
        if not wanted:
            raise MachineError("expect: there is no pattern to wait for")
        limit_ns = None if timeout_s is None else check_seconds("timeout", timeout_s)
        end_ns = None if limit_ns is None else self._runner.now_ns + limit_ns
        matches: dict[int, re.Match[Any]] = {}
        while len(matches) < (len(wanted) if expect_all else 1):
            left = [number for number in range(len(wanted)) if number not in matches]
            expectation = Expectation([wanted[number] for number in left], forbidden, needs_all=expect_all)
            found = self._wait(expectation, end_ns)
            self.match, self.match_index = found.match, left[found.index]
            matches[left[found.index]] = found.match
        return [matches[number] for number in sorted(matches)] if expect_all else self.match

    def _wait(self, expectation: Expectation, end_ns: int | None) -> Found:
        """Let time pass until something ends the wait."""
        if self._expectation is not None:
            raise MachineError(
                f"expect: called by a listener or hook while {self.name} is waited for: "
                "note there what is to be done, and do it after the wait"
            )
        self.match = self.match_index = None
        with self._runner.gate:
            self._expectation = expectation
            try:
                self._set_prompt()
                self._is_over = expectation.feed_earlier(bytes(self._received[self._consumed :]))
                happened = "" if self._is_over else self._runner.run(self._left_ns(end_ns))
            finally:
                self._expectation, self._is_over = None, True
                self._line.is_prompt = self._prompt_listeners > 0
        found = expectation.found()
        if found is None:
            raise ExpectationError(f"{expectation.missing(self.name)}: {happened}\n{self._last_lines()}")
        self._consumed += found.end_bytes
        if found.is_forbidden:
            when = after(self._runner.now_ns)
            what = f"{found.name} appeared on {self.name}, {when}, before {expectation}"
            raise ExpectationError(f"{what}\n{self._last_lines()}")
        return found

    def _left_ns(self, end_ns: int | None) -> int | None:
        return None if end_ns is None else end_ns - self._runner.now_ns

    def _receive(self, byte: int) -> None:
        self._received.append(byte)
        if self.listeners or self.listeners.internal:
            self.listeners(self._runner.now_ns, byte)
        if self._expectation is not None and not self._is_over and self._expectation.feed(_BYTES[byte]):
            self._is_over = True
            self._runner.stop()

    def save(self) -> dict[str, Any]:
        """Take a snapshot of what has been received, and of how much of it was waited for."""
        return {"received": self.data, "consumed": self._consumed}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; listeners are not told, and the match of the last wait is forgotten.

        A wait under way goes on, with what the snapshot has more.
        """
        known = len(self._received)
        self._received[:] = snapshot["received"]
        self._consumed = snapshot["consumed"]
        self.match = self.match_index = None
        if self._expectation is not None and self._expectation.feed(bytes(self._received[known:])):
            self._is_over = True
            self._runner.stop()

    def _last_lines(self) -> str:
        lines = self.text.splitlines()[-LINES_SHOWN:]
        return "\n".join(
            ["last lines:", *(f"    {line}" for line in lines)] if lines else ["nothing was printed"]
        )
