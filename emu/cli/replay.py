"""`w800emu replay`: runs a recording again."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.machine_options import machine_options_of, take_machine_options
from emu.cli.run import DURATION, FILE, GDB_HELP, UART_COUNT, gdb_option
from emu.host.message import tell
from emu.host.terminal import Console
from emu.signal_gate import SignalGate

if TYPE_CHECKING:
    from emu.machine.replay import Replay, ReplayResult

OPTIONS = ("engine", "cache", "recent_branches", "skip_polls", "flash_rules")


@click.command("replay")
@click.argument("recording", type=click.Path(path_type=Path))
@machine_options_of(*OPTIONS)
@click.option(
    "--uart",
    type=click.IntRange(0, UART_COUNT - 1),
    multiple=True,
    help="Show what this UART has sent (repeatable). [default: 0]",
)
@gdb_option(GDB_HELP)
@click.option("--trace", type=FILE, help="Write what is executed to this file, for `w800emu trace`.")
@click.option("--trace-last", type=DURATION, metavar="TIME", help="Only what was last, or before a crash.")
def command(
    recording: Path,
    uart: tuple[int, ...],
    gdb: int | None,
    trace: Path | None,
    trace_last: int | None,
    **options: Any,
) -> int:
    """Run RECORDING, which `w800emu run --record` has written, again: at full speed, with all that came in.

    Neither the firmware nor a terminal is needed. The exit code is 0 if the state at the end is that of the
    recording; 1 if it is not: the first difference is told.
    """
    if gdb is not None and trace is not None:
        raise click.UsageError("--trace: with --gdb, ask gdb for `monitor trace`")
    if trace_last is not None and trace is None:
        raise click.UsageError("--trace-last needs --trace, which says where")
    from emu.machine.replay import Replay  # the emulator takes its time to import

    with SignalGate() as gate, ExitStack() as stack, gate.opened():
        replay = Replay.load(recording, **take_machine_options(options, OPTIONS))
        machine = stack.enter_context(replay.machine)
        console = Console()
        stack.callback(console.close)
        for number in uart or (0,):
            machine.uarts[number].listeners.append(lambda _time_ns, byte: console.write(bytes((byte,))))
        if gdb is not None:
            _debug(replay, gdb, console)
            return ExitCode.SUCCESS
        result = _run(replay, trace, trace_last)
    if replay.crash is not None:
        tell(replay.crash.details)
    tell(str(result))
    return ExitCode.FAILURE if result.difference else ExitCode.SUCCESS


def _debug(replay: Replay, port: int, console: Console) -> None:
    """Let gdb have it, until its user kills."""
    from emu.cli.gdb_server import gdb_server, serve

    with gdb_server(replay.machine, port, console.say, waits=True) as server:
        server.stop_at(replay.recording.end.now_ns)
        serve(server)


def _run(replay: Replay, trace: Path | None, trace_last_ns: int | None) -> ReplayResult:
    if trace is None:
        return replay.run()
    from emu.trace.last import trace_last
    from emu.trace.recorder import TraceRecorder

    if trace_last_ns is None:
        with TraceRecorder(replay.machine, trace):
            return replay.run()
    replay.machine.keep_history()
    result = replay.run()
    trace_last(replay.machine, trace, trace_last_ns, replay.crash.time_ns if replay.crash else None)
    return result
