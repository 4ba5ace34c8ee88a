"""Something that answers lines from a script, such as a modem with AT commands. Source: ITU-T V.250."""

from __future__ import annotations

import re
from typing import Any

from emu.parts.errors import PartError
from emu.parts.setting import Setting
from emu.parts.uart_part import UartPart
from peripherals.framework.deadline import Deadline

NS_PER_MS = 1_000_000


class Modem(UartPart):
    """Answers each line that ends with CR; LF is left out."""

    kind = "modem"
    saved_state = ("lines", "_line", "_answers", "_next")
    script = Setting(
        "AT => OK",
        "lines of `PATTERN => ANSWER`: a regular expression for a whole line, and what it is answered, "
        "with its groups as \\1; several lines of an answer are parted by |",
    )
    otherwise = Setting("ERROR", "what all other lines are answered; empty: nothing")
    echo = Setting(True, "send back what comes")
    delay_ms = Setting(5, "how long an answer takes", within=(0, 60_000))

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._rules = []
        for rule in filter(None, map(str.strip, self.script.splitlines())):
            pattern, arrow, answer = rule.partition("=>")
            if not arrow:
                raise PartError(f"{self.name}: script: {rule!r} is no PATTERN => ANSWER")
            try:
                compiled = re.compile(pattern.strip())
                compiled.sub(answer, "")  # finds groups that there are not
            except re.error as error:
                raise PartError(f"{self.name}: script: {rule!r}: {error}") from None
            self._rules.append((compiled, answer.strip()))

    def _connect(self) -> None:
        self._next = Deadline(self.place.clock, self._tell)

    def _power_on(self) -> None:
        self.lines: list[str] = []
        """All that has come."""
        self._line = b""
        self._answers: list[str] = []
        self._next.cancel()

    def receive(self, byte: int) -> None:
        """Take a byte; at the end of a line answer it."""
        if self.echo:
            self.send(bytes((byte,)))
        if byte == ord("\r"):
            line, self._line = self._line.decode(errors="replace"), b""
            if line:
                self.lines = [*self.lines, line]
                self._answers = [*self._answers, self._answer(line)]
                if self._next.due_ns is None:
                    self._next.schedule(self.delay_ms * NS_PER_MS)
        elif byte != ord("\n"):
            self._line += bytes((byte,))

    def _answer(self, line: str) -> str:
        for pattern, answer in self._rules:
            if match := pattern.fullmatch(line):
                return match.expand(answer)
        return self.otherwise

    def _tell(self) -> None:
        answer, *self._answers = self._answers
        if answer:
            self.send("".join(f"\r\n{line}" for line in answer.split("|")).encode() + b"\r\n")
        if self._answers:
            self._next.schedule(self.delay_ms * NS_PER_MS)
