"""How a client begins, what it is told of the target, and how it ends."""

from __future__ import annotations

from collections.abc import Callable

from emu.gdb.commands.table import (
    OK,
    bytes_of,
    numbers_of,
    packet,
)
from emu.gdb.description import memory_map_xml, target_xml
from emu.gdb.packets import PACKET_BYTES
from emu.gdb.session import Session
from emu.gdb.threads import threads_xml


@packet("qSupported")
def offer_features(session: Session, arguments: bytes) -> str:
    """What each side understands."""
    session.features = frozenset(arguments[1:].decode("ascii", "replace").split(";"))
    offered = (
        f"PacketSize={PACKET_BYTES:x}",
        "QStartNoAckMode+",
        "qXfer:features:read+",
        "qXfer:memory-map:read+",
        "qXfer:threads:read+",
        "swbreak+",
        "hwbreak+",
        "vContSupported+",
        "ConditionalBreakpoints+",
        "ReverseStep+",
        "ReverseContinue+",
    )
    return ";".join(offered)


@packet("QStartNoAckMode")
def leave_out_acks(session: Session, arguments: bytes) -> str:
    """TCP loses nothing."""
    session.is_without_acks = True
    return OK


@packet("?")
def say_why(session: Session, arguments: bytes) -> str:
    """Why the target has stopped."""
    return session.target.stopped.reply(session.target.thread)


@packet("qAttached")
def say_attached(session: Session, arguments: bytes) -> str:
    """The machine was there before: when gdb quits, it detaches."""
    return "1"


@packet("qSymbol")
def want_no_symbols(session: Session, arguments: bytes) -> str:
    """The machine has its names."""
    return OK


@packet("D")
def detach(session: Session, arguments: bytes) -> str:
    """The client goes; the machine goes on."""
    session.has_ended = True
    return OK


@packet("k")
def kill(session: Session, arguments: bytes) -> None:
    """The user wants the machine to end."""
    session.has_ended = True
    session.has_killed = not session.is_extended


@packet("!")
def stay(session: Session, arguments: bytes) -> str:
    """Extended mode: what is killed can be run again."""
    session.is_extended = True
    return OK


@packet("vKill")
def kill_process(session: Session, arguments: bytes) -> str:
    """The same, as gdb says it to a target that knows this packet; in extended mode nothing: it runs anew."""
    if not session.is_extended:
        kill(session, arguments)
    return OK


@packet("vRun", "vAttach")
def run_anew(session: Session, arguments: bytes) -> str:
    """Take the power away and give it back, and be at the first instruction; whatever program is named."""
    session.target.restart()
    return session.target.stopped.reply(session.target.thread)


@packet("R")
def restart(session: Session, arguments: bytes) -> None:
    """The older form of `vRun`, without an answer."""
    session.target.restart()


@packet("qRcmd")
def carry_out(session: Session, arguments: bytes) -> str:
    """A command of `monitor`: what it prints comes first."""
    session.show(session.monitor.run(bytes_of(arguments[1:]).decode("utf-8", "replace")))
    return OK


@packet("qXfer")
def read_document(session: Session, arguments: bytes) -> bytes:
    """A part of an XML document."""
    kind, operation, annex, window = arguments[1:].split(b":", 3)
    documents: dict[tuple[bytes, bytes], Callable[[], str]] = {
        (b"features", b"target.xml"): target_xml,
        (b"memory-map", b""): lambda: memory_map_xml(session.target.machine),
        (b"threads", b""): lambda: threads_xml(session.target.threads.now()),
    }
    if operation != b"read":
        raise ValueError(operation)
    document = documents[kind, annex]().encode()
    offset, length = numbers_of(window, b",")
    part = document[offset : offset + min(length, PACKET_BYTES - 1)]
    return (b"l" if offset + len(part) >= len(document) else b"m") + part
