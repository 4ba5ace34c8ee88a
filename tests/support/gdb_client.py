"""A small client of gdb's remote protocol, and the server that it talks to, in one thread."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import roms
from emu.gdb.packets import Mark, PacketReader, frame
from emu.gdb.server import GdbServer
from emu.machine import Machine

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
PATIENCE_S = 120.0


class GdbClient:
    """Sends packets and lets the server take its turns until the answer has come."""

    def __init__(self, server: GdbServer, *, has_acks: bool = False) -> None:
        self.server = server
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.socket.setblocking(False)
        self.acks = 0
        self.console = ""
        """What the server has wanted to be printed."""
        self._reader = PacketReader()
        self._arrived: list[bytes] = []
        self.ask("qSupported:swbreak+;hwbreak+")
        if not has_acks:
            assert self.ask("QStartNoAckMode") == "OK"

    def ask(self, packet: str | bytes) -> str:
        """Send a packet and wait for its answer."""
        self.send(packet)
        return self.answer().decode("latin1")

    def send(self, packet: str | bytes) -> None:
        self.socket.sendall(frame(packet.encode("latin1") if isinstance(packet, str) else packet))

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, turn_ns: int | None = None) -> bytes:
        """The next packet that is not for the console; the machine may go on for some turns."""
        end_s = time.monotonic() + PATIENCE_S
        while not self._arrived:
            self.server.run(turn_ns)
            self._arrived += self._received()
            assert time.monotonic() < end_s, "no answer"
        return self._arrived.pop(0)

    def monitor(self, command: str) -> str:
        """What a `monitor` command prints."""
        before = len(self.console)
        self.send(f"qRcmd,{command.encode().hex()}")
        assert self.answer() == b"OK"
        return self.console[before:]

    def interrupt(self) -> str:
        """Ctrl-C, here."""
        self.socket.sendall(b"\x03")
        return self.answer(turn_ns=0).decode()

    def close(self) -> None:
        self.socket.close()

    def _received(self) -> Iterator[bytes]:
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        self.acks += data.count(b"+$") + (data == b"+")
        for event in self._reader.feed(data):
            assert not isinstance(event, Mark), event
            if event[:1] == b"O" and event != b"OK":
                self.console += bytes.fromhex(event[1:].decode()).decode()
            else:
                yield event


def register(client: GdbClient, number: int) -> int:
    """The value of a register."""
    return int.from_bytes(bytes.fromhex(client.ask(f"p{number:x}")), "little")


@contextmanager
def attached(machine: Machine) -> Iterator[GdbClient]:
    """A client of a server for that machine, on any port."""
    with closing(GdbServer(machine, 0)) as server, closing(GdbClient(server)) as client:
        yield client
