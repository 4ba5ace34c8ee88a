"""The server: one client after the other, and the machine in between."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable
from typing import Final

from emu.gdb.commands import answer
from emu.gdb.connection import Connection
from emu.gdb.monitor import Command, Monitor
from emu.gdb.motions import Continue, Motion
from emu.gdb.packets import Mark
from emu.gdb.session import Session
from emu.gdb.stop import Signal, Stopped
from emu.gdb.target import Target
from emu.gdb.turns import TurnLength
from emu.listening import GDB_PORT, listen
from emu.machine import Machine, MachineError, RunEnd, RunResult

Say = Callable[[str], object]
_IDLE_S: Final = 0.02
"""While the target has stopped, others get their turn so often."""


class GdbServer:
    """Lets a machine run as gdb wants it to; without a client it runs freely, if it does not wait for one.

    Whatever a client sends or fails to send, the machine lives on.
    """

    def __init__(
        self,
        machine: Machine,
        port: int = GDB_PORT,
        *,
        waits: bool = True,
        say: Say = lambda line: None,
        commands: Iterable[Command] = (),
        goes_on: bool = True,
    ) -> None:
        """PortError if the port cannot be used; with 0, `port` tells which one is.

        `say` gets lines for whoever has started the machine; `commands` are further ones of `monitor`.
        If it `goes_on`, the machine runs freely when gdb has detached.
        """
        self._listener = listen(port)
        self.port: int = self._listener.getsockname()[1]
        """Where gdb finds it, on this host."""
        self.on_kill: Callable[[], None] = lambda: None
        """Called when the user of gdb wants the machine to end."""
        self.machine = machine
        self._say = say
        self._goes_on = goes_on
        self.has_ended = False
        """Whether a client has detached or killed."""
        self._target = Target(machine)
        self._client: Connection | None = None
        self._monitor = Monitor(self._target, commands)
        self._session = self._new_session()
        self._turn = TurnLength()
        self._target.control.on_new_future = self._tell_new_future
        if not waits:
            self._run_freely()

    def stop_at(self, time_ns: int) -> None:
        """Let the target stop there once: a recording that comes again ends."""
        self._target.control.end_ns = time_ns

    @property
    def invitation(self) -> str:
        """What to type in gdb."""
        return f"target remote :{self.port}"

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        return self.machine.now_ns

    def run(self, max_time_ns: int | None) -> RunResult:
        """Make one turn: listen to the client, and let the machine go on for a little, if it does."""
        self._listen(0 if self._session.motion else _IDLE_S)
        while (motion := self._session.motion) is not None:
            stopped = self._make_turn(motion, max_time_ns)
            if stopped is not None:
                self._stop(stopped)
                if stopped.signal is Signal.INTERRUPT:  # not gdb's: somebody here has stopped the machine
                    return RunResult(RunEnd.STOPPED, self.machine.now_ns)
            if not motion.is_backwards:
                break
            self._listen(0)  # nobody else gets a turn: what came in now would come in in the past
        return RunResult(RunEnd.TIME_UP, self.machine.now_ns)

    def _make_turn(self, motion: Motion, max_time_ns: int | None) -> Stopped | None:
        with self._turn.measured() as turn_ns:
            try:
                return motion.go_on(turn_ns if max_time_ns is None else min(turn_ns, max_time_ns))
            except MachineError as error:  # such as: there is no power
                return Stopped(Signal.STOP, note=str(error))

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
        self._listener.close()

    # ---- clients -----------------------------------------------------------------------------------

    def _listen(self, timeout_s: float) -> None:
        """Serve what arrives within the time, and all that follows at once."""
        while True:
            sources = [self._listener] if self._client is None else [self._client.socket]
            ready, _, _ = select.select(sources, [], [], timeout_s)
            if not ready:
                return
            if self._client is None:
                self._accept()
            else:
                self._serve(self._client)
            timeout_s = 0 if self._session.motion else timeout_s

    def _new_session(self) -> Session:
        return Session(self._target, self._monitor, self._print)

    def _accept(self) -> None:
        try:
            socket, _ = self._listener.accept()
        except OSError:  # it has gone again
            return
        self._client = Connection(socket)
        self._target.stopped = Stopped()
        self._session = self._new_session()

    def _serve(self, client: Connection) -> None:
        session = self._session
        for event in client.receive():
            if event is Mark.INTERRUPT:
                if session.motion is not None:
                    session.motion.give_up()
                    self._stop(Stopped(Signal.INTERRUPT))
            elif isinstance(event, bytes) and session.motion is None and not session.has_ended:
                reply = answer(session, event)
                if reply is not None:
                    client.send(reply)
                client.has_acks = not session.is_without_acks
        if session.has_ended or not client.is_open:
            self._hang_up(client)

    def _hang_up(self, client: Connection) -> None:
        client.close()
        self._client = None
        self._target.forget_client()
        motion = self._session.motion
        if motion is not None:
            motion.give_up()
            self._session.motion = None
        if self._session.has_killed:
            self.on_kill()
        self.has_ended = self._session.has_ended
        if self.has_ended and not self._goes_on:
            return
        if self.has_ended or (motion is not None and not motion.is_backwards):
            self._run_freely()

    # ---- the target --------------------------------------------------------------------------------

    def _stop(self, stopped: Stopped) -> None:
        self._session.motion = None
        self._session.thread = 0
        self._target.stopped = stopped
        if self._client is None:
            self._say(f"{stopped.note or stopped.signal.name}; waiting for gdb: {self.invitation}")
            return
        notes, self._session.notes = self._session.notes, []
        for note in filter(None, (*notes, stopped.note)):
            self._print(note)
        self._client.send(stopped.reply(self._target.thread).encode())

    def _tell_new_future(self) -> None:
        self._print(f"a new future begins at {self.machine.now_ns / 1e9:.6f} s: the known one is forgotten")

    def _print(self, text: str) -> None:
        """Let the user read lines: in gdb, which takes them while the target goes on."""
        if self._client is None:
            self._say(text)
        else:
            self._client.send(b"O" + f"{text}\n".encode().hex().encode())

    def _run_freely(self) -> None:
        self._session = self._new_session()
        self._session.motion = Continue(self._target)
