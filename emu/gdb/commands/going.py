"""How the target goes on."""

from __future__ import annotations

from emu.gdb.commands.table import (
    numbers_of,
    packet,
    thread_number,
)
from emu.gdb.motions import Continue, Step, run_back, step_back
from emu.gdb.session import Session


@packet("vCont?")
def say_how_to_go_on(session: Session, arguments: bytes) -> str:
    """The motions of `vCont`."""
    return "vCont;c;C;s;S;t;r"


@packet("vCont")
def go_on(session: Session, arguments: bytes) -> None:
    """Resume: the first action counts, as there is one CPU."""
    action, _, thread_text = arguments[1:].split(b";")[0].partition(b":")
    thread = max(thread_number(thread_text), 0)
    match action[:1]:
        case b"c" | b"C":
            session.motion = Continue(session.target)
        case b"s" | b"S":
            session.motion = Step(session.target, thread=thread)
        case b"r":
            session.motion = Step(session.target, *numbers_of(action[1:], b","), thread)
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
