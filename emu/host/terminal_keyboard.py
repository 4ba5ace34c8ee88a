"""The keyboard of a POSIX terminal, which is ours only while we are in its foreground."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    import contextlib
    import os
    import select
    import signal
    import termios
    from collections.abc import Iterator
    from types import FrameType

    from emu.signal_gate import SignalGate

    def is_in_foreground(descriptor: int) -> bool:
        """Whether the terminal is for us: in its background a process that uses it is stopped."""
        try:
            return os.tcgetpgrp(descriptor) == os.getpgrp()
        except OSError:  # the terminal has gone, or is not the one that controls us: nobody stops us
            return True

    class TerminalKeyboard:
        """Takes the terminal's mode, gives it back while the process is stopped, and at the end."""

        def __init__(self, descriptor: int) -> None:
            self._descriptor = descriptor
            self.is_gone = False
            """Whether the terminal has gone, also if no signal has told so."""
            self._before = termios.tcgetattr(descriptor)
            self._taken = termios.tcgetattr(descriptor)
            self._taken[0] &= ~termios.ICRNL  # input flags: Return is \r, as a serial terminal sends it
            self._taken[3] &= ~(termios.ICANON | termios.ECHO)  # local flags

        def read(self) -> bytes:
            """What was typed since the last call; nothing in the background."""
            ready, _, _ = select.select([self._descriptor], [], [], 0)
            if not ready or not is_in_foreground(self._descriptor):
                return b""
            try:
                typed = os.read(self._descriptor, 4096)
            except OSError:
                typed = b""
            self.is_gone = not typed  # without lines, an end is that of the terminal
            return typed

        def take(self) -> None:
            """Have keys at once and without echo, if the terminal is for us."""
            if is_in_foreground(self._descriptor):
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._taken)

        def give_back(self) -> None:
            """Restore the mode; a shell that has put us into the background has done so itself."""
            if is_in_foreground(self._descriptor):
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

        def stop(self, number: int, _frame: FrameType | None) -> None:
            """Ctrl-Z: stop as if nobody had been asked, and go on when continued."""
            self.give_back()
            handler = signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            signal.signal(number, handler)
            self.take()

        def go_on(self, _number: int, _frame: FrameType | None) -> None:
            """Take the mode again: shells set theirs when a job stops, also where it could not hear of it."""
            self.take()

    @contextlib.contextmanager
    def keyboard() -> Iterator[TerminalKeyboard]:
        """The keyboard, key by key and without echo, until the context ends. Ctrl-C stays an interrupt."""
        keys = TerminalKeyboard(sys.stdin.fileno())
        with SignalGate() as gate:
            before = {signal.SIGCONT: signal.signal(signal.SIGCONT, keys.go_on)}
            if signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN:
                before[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, keys.stop)
            keys.take()
            try:
                with gate.opened():
                    yield keys
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)
                keys.give_back()
