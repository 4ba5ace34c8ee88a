"""Threads."""

from __future__ import annotations

from emu.gdb.commands.table import (
    BAD_ARGUMENTS,
    OK,
    number_of,
    packet,
    thread_number,
)
from emu.gdb.session import Session


@packet("qC")
def say_thread(session: Session, arguments: bytes) -> str:
    """The thread that runs."""
    return f"QC{session.target.thread:x}"


@packet("qfThreadInfo")
def list_threads(session: Session, arguments: bytes) -> str:
    """All of them."""
    return "m" + ",".join(f"{thread.number:x}" for thread in session.target.threads.now())


@packet("qsThreadInfo")
def list_more_threads(session: Session, arguments: bytes) -> str:
    """There are no more."""
    return "l"


@packet("qThreadExtraInfo")
def describe_thread(session: Session, arguments: bytes) -> str:
    """What there is to know of one."""
    number = number_of(arguments[1:])
    (thread,) = (thread for thread in session.target.threads.now() if thread.number == number)
    return f"{thread.name}, {thread.about}".encode().hex()


@packet("T")
def find_thread(session: Session, arguments: bytes) -> str:
    """Whether a thread is still there."""
    number = number_of(arguments)
    return OK if number in [thread.number for thread in session.target.threads.now()] else BAD_ARGUMENTS


@packet("Hg")
def choose_thread(session: Session, arguments: bytes) -> str:
    """Whose registers are meant from now on."""
    thread = max(thread_number(arguments), 0)
    if thread:
        session.target.threads.task_of(thread)
    session.thread = thread
    return OK


@packet("Hc")
def choose_thread_to_go_on(session: Session, arguments: bytes) -> str:
    """There is one CPU: all go on."""
    return OK
