"""The packets of the protocol: one declared handler a row.

Source: Debugging with GDB, appendix "GDB Remote Serial Protocol", sections Packets, General Query Packets
and Stop Reply Packets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from emu.gdb.description import memory_map_xml, target_xml
from emu.gdb.motions import Continue, Step, run_back, step_back
from emu.gdb.packets import PACKET_BYTES
from emu.gdb.session import Session
from emu.gdb.target import WATCH_KINDS, Watch
from emu.loader import LoadError
from emu.machine import MachineError
from peripherals.framework.errors import BusError

Handler = Callable[[Session, bytes], "bytes | str | None"]
"""Gets what follows the packet's name. Gives the answer; None: it comes later, or never."""

PACKETS: Final[dict[bytes, Handler]] = {}
_NAME: Final = re.compile(rb"[qQ][^:;,]*|v[^:;,]*|b[sc]|H.|.", re.DOTALL)
OK: Final = "OK"
_BREAKPOINTS: Final = ("swbreak", "hwbreak")
_POINTS: Final = (*_BREAKPOINTS, *WATCH_KINDS)
"""In the order of their numbers."""
_BAD_ARGUMENTS, _NO_SUCH_ADDRESS = "E16", "E0e"  # EINVAL, EFAULT
_ERRORS = (ValueError, LookupError, MachineError, LoadError)


def packet(*names: str) -> Callable[[Handler], Handler]:
    """Declare the handler of a packet."""

    def declare(handler: Handler) -> Handler:
        for name in names:
            PACKETS[name.encode()] = handler
        return handler

    return declare


def answer(session: Session, contents: bytes) -> bytes | None:
    """Carry out a packet: its answer, empty for one that is not known; None: none, for now."""
    match = _NAME.match(contents)
    handler = PACKETS.get(match[0]) if match else None
    if match is None or handler is None:
        return b""
    try:
        said = handler(session, contents[match.end() :])
    except BusError:
        said = _NO_SUCH_ADDRESS
    except _ERRORS:
        said = _BAD_ARGUMENTS
    return said.encode() if isinstance(said, str) else said


# ---- how it begins and ends ------------------------------------------------------------------------


@packet("qSupported")
def offer_features(session: Session, arguments: bytes) -> str:
    """What each side understands."""
    session.features = frozenset(arguments[1:].decode("ascii", "replace").split(";"))
    offered = (
        f"PacketSize={PACKET_BYTES:x}",
        "QStartNoAckMode+",
        "qXfer:features:read+",
        "qXfer:memory-map:read+",
        "swbreak+",
        "hwbreak+",
        "vContSupported+",
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
    return session.target.stopped.reply(1)


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
    session.has_ended = session.has_killed = True


@packet("qXfer")
def read_document(session: Session, arguments: bytes) -> bytes:
    """A part of an XML document."""
    kind, operation, annex, window = arguments[1:].split(b":", 3)
    documents: dict[tuple[bytes, bytes], Callable[[], str]] = {
        (b"features", b"target.xml"): target_xml,
        (b"memory-map", b""): lambda: memory_map_xml(session.target.machine),
    }
    if operation != b"read":
        raise ValueError(operation)
    document = documents[kind, annex]().encode()
    offset, length = _numbers(window, b",")
    part = document[offset : offset + min(length, PACKET_BYTES - 1)]
    return (b"l" if offset + len(part) >= len(document) else b"m") + part


# ---- registers and memory --------------------------------------------------------------------------


@packet("g")
def read_registers(session: Session, arguments: bytes) -> str:
    """All registers."""
    return session.target.read_registers().hex()


@packet("G")
def write_registers(session: Session, arguments: bytes) -> str:
    """Replace all registers."""
    session.target.write_registers(_bytes(arguments))
    return OK


@packet("p")
def read_register(session: Session, arguments: bytes) -> str:
    """One register."""
    return session.target.read_register(_number(arguments)).hex()


@packet("P")
def write_register(session: Session, arguments: bytes) -> str:
    """Replace one register."""
    number, data = arguments.split(b"=", 1)
    session.target.write_register(_number(number), _bytes(data))
    return OK


@packet("m")
def read_memory(session: Session, arguments: bytes) -> str:
    """Bytes, without side effects on devices."""
    address, length = _numbers(arguments, b",")
    return session.target.read_memory(address, min(length, PACKET_BYTES // 2)).hex()


@packet("M")
def write_memory(session: Session, arguments: bytes) -> str:
    """Bytes in hexadecimal digits."""
    window, data = arguments.split(b":", 1)
    return _write(session, window, _bytes(data))


@packet("X")
def write_binary(session: Session, arguments: bytes) -> str:
    """Bytes as they are; with none of them gdb asks whether this is understood."""
    window, data = arguments.split(b":", 1)
    return _write(session, window, data)


def _write(session: Session, window: bytes, data: bytes) -> str:
    address, length = _numbers(window, b",")
    if length != len(data):
        raise ValueError(length)
    session.target.write_memory(address, data)
    return OK


# ---- breakpoints -----------------------------------------------------------------------------------


@packet("Z")
def insert_point(session: Session, arguments: bytes) -> str:
    """Stop there. How long the instruction is, gdb may not know: the code may not have been copied yet."""
    reason, address, size_bytes = _point(arguments)
    if reason in _BREAKPOINTS:
        session.target.insert_breakpoint(address, reason)
    else:
        session.target.insert_watchpoint(Watch(reason, address, size_bytes))
    return OK


@packet("z")
def remove_point(session: Session, arguments: bytes) -> str:
    """Do not stop there any more."""
    reason, address, size_bytes = _point(arguments)
    if reason in _BREAKPOINTS:
        session.target.remove_breakpoint(address)
    else:
        session.target.remove_watchpoint(Watch(reason, address, size_bytes))
    return OK


def _point(arguments: bytes) -> tuple[str, int, int]:
    """What the stop is called, address, size."""
    kind, address, size = arguments.split(b";")[0].split(b",")
    return _POINTS[_number(kind)], _number(address), _number(size)


# ---- going on --------------------------------------------------------------------------------------


@packet("vCont?")
def say_how_to_go_on(session: Session, arguments: bytes) -> str:
    """The motions of `vCont`."""
    return "vCont;c;C;s;S;t;r"


@packet("vCont")
def go_on(session: Session, arguments: bytes) -> None:
    """Resume: the first action counts, as there is one CPU."""
    action = arguments[1:].split(b";")[0].split(b":")[0]
    match action[:1]:
        case b"c" | b"C":
            session.motion = Continue(session.target)
        case b"s" | b"S":
            session.motion = Step(session.target)
        case b"r":
            session.motion = Step(session.target, *_numbers(action[1:], b","))
        case _:
            raise ValueError(action)


@packet("c", "C")
def continue_plainly(session: Session, arguments: bytes) -> None:
    """The older form."""
    session.motion = Continue(session.target)


@packet("s", "S")
def step_plainly(session: Session, arguments: bytes) -> None:
    """The older form."""
    session.motion = Step(session.target)


@packet("bs")
def go_back_a_step(session: Session, arguments: bytes) -> None:
    """To before the instruction executed last."""
    session.motion = step_back(session.target)


@packet("bc")
def go_back(session: Session, arguments: bytes) -> None:
    """To the latest place before that is of interest."""
    session.motion = run_back(session.target)


# ---- threads ---------------------------------------------------------------------------------------


@packet("qC")
def say_thread(session: Session, arguments: bytes) -> str:
    """The thread that runs."""
    return "QC1"


@packet("qfThreadInfo")
def list_threads(session: Session, arguments: bytes) -> str:
    """All of them."""
    return "m1"


@packet("qsThreadInfo")
def list_more_threads(session: Session, arguments: bytes) -> str:
    """There are no more."""
    return "l"


@packet("T", "Hg", "Hc")
def choose_thread(session: Session, arguments: bytes) -> str:
    """There is one."""
    return OK


# ---- arguments -------------------------------------------------------------------------------------


def _number(text: bytes) -> int:
    if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", text):
        raise ValueError(text)
    return int(text, 16)


def _numbers(text: bytes, separator: bytes) -> tuple[int, int]:
    first, second = text.split(separator)
    return _number(first), _number(second)


def _bytes(digits: bytes) -> bytes:
    return bytes.fromhex(digits.decode("ascii"))
