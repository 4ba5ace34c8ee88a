"""The packets of the protocol, a file a subject: one declared handler a packet."""

from emu.gdb.commands import conversation, going, looking, points, threads
from emu.gdb.commands.table import answer

__all__ = ["answer", "conversation", "going", "looking", "points", "threads"]
