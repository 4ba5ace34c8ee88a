"""`w800emu trace`: shows what a run has executed, and answers questions to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.text_type import TextType
from emu.host.message import tell
from emu.host.output_file import OutputFile
from emu.trace.views.table import LEVELS, VIEWS

if TYPE_CHECKING:
    from emu.trace.selection import Selection
    from emu.trace.trace import Trace
    from emu.trace.views.view import Write


def _addresses(text: str) -> tuple[int, int]:
    from emu.trace.selection import parse_addresses  # only here: see `emu.trace.open`

    return parse_addresses(text)


def _formats() -> str:
    width = max(map(len, VIEWS))
    rows = (f"  {view.name:{width}}  {view.about}" for view in VIEWS.values())
    return "\n".join(("\b", "Formats:", *rows))


@click.command("trace", epilog=_formats())
@click.argument("file", type=click.Path(path_type=Path), metavar="TRACE")
@click.option("--format", "form", metavar="NAME", help="How to show it: see below. [default: a summary]")
@click.option("--level", type=click.Choice(list(LEVELS)), help="How much of it to show as text.")
@click.option("--callers", metavar="FUNCTION", help="Who has called it: stacks (`*` is wild).")
@click.option("--writes", metavar="WHERE", help="Who has written there: variable, address or block.register.")
@click.option("--size", type=click.IntRange(1), help="Bytes that --writes is about.")
@click.option("--from", "begin", metavar="PLACE", help="Leave out what was before.")
@click.option("--to", "end", metavar="PLACE", help="Leave out what was later.")
@click.option("--functions", metavar="PATTERN", multiple=True, help="Only these functions (`*` is wild).")
@click.option(
    "--addresses", type=TextType(_addresses), metavar="LOW-HIGH", multiple=True, help="Only the code there."
)
@click.option("--signal", "signals", metavar="NAME", multiple=True, help="In vcd: a pin or variable, too.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file.")
@click.option("--check", is_flag=True, help="Let the interpreter execute all of it again, and compare.")
def command(file: Path, output: Path | None, **wanted: Any) -> None:
    """Show TRACE, which `w800emu run --trace` has written, or a part of it between two places.

    A PLACE is a virtual time (`1.5s`), `text:TEXT` (sent by a UART), `call:FUNCTION`, `return:FUNCTION`,
    `pc:ADDRESS` (or `pc:FUNCTION+OFFSET`), `context:NAME` (a task or handler goes on) or `reset`, all but
    the time with `#N` for the N-th one. Behind --from, `--to +5ms` is a time later.
    """
    chosen = {name: wanted.pop(name) for name in ("begin", "end", "functions", "addresses", "signals")}
    wanted["form"] = _form(wanted["form"], wanted.pop("level"))
    if sum(map(bool, wanted.values())) - bool(wanted["size"]) > 1:
        raise click.UsageError("--format, --level, --callers, --writes and --check: one at a time")
    import emu.trace

    trace = emu.trace.open(file)
    selection = emu.trace.select(trace, **chosen)
    with ExitStack() as stack:
        write = _writer(output, stack)
        if (form := wanted["form"]) is None:
            for line in _answer(trace, selection, wanted):
                write(f"{line}\n")
        elif form not in VIEWS:
            raise click.UsageError(f"--format: {form!r} is none of {', '.join(VIEWS)}")
        elif remark := VIEWS[form].show(trace, selection, write):
            tell(remark)


def _form(form: str | None, level: str | None) -> str | None:
    """The name of the view."""
    if form is not None and level is not None:
        raise click.UsageError("--level is for text: leave --format out")
    return form if level is None else LEVELS[level]


def _writer(output: Path | None, stack: ExitStack) -> Write:
    """Where it goes: a file, which is closed in the end, or standard output."""
    if output is None:
        return lambda data: click.echo(data, nl=False)
    file = OutputFile(output)
    stack.callback(file.close)
    return lambda data: file.write(data.encode() if isinstance(data, str) else data)


def _answer(trace: Trace, selection: Selection, wanted: dict[str, Any]) -> Iterator[str]:
    """The lines of what is asked for."""
    window = selection.window
    if not selection.has_all_code or selection.signals:
        raise click.UsageError("--functions, --addresses and --signal are for --format and --level")
    from emu.cli.trace_answers import tell_callers, tell_writes
    from emu.trace.check import check

    if wanted["callers"]:
        yield from tell_callers(trace, wanted["callers"], window)
    elif wanted["writes"]:
        yield from tell_writes(trace, wanted["writes"], wanted["size"], window)
    elif wanted["check"]:
        yield f"{check(trace):,} instructions, each where the interpreter has executed it"
    else:
        yield from _summary(trace)


def _summary(trace: Trace) -> Iterator[str]:
    if trace.is_coverage:
        yield "coverage: show it with --format lcov or gcovr, or add several up with `w800emu coverage`"
        return
    end = trace.ends
    begin_s, end_s = trace.times.time_ns(trace.begins.elapsed) / 1e9, trace.times.begin_ns(end.elapsed) / 1e9
    executed = end.executed - trace.begins.executed
    yield f"from {begin_s:.6f} s to {end_s:.6f} s, {executed:,} instructions"
    if not trace.is_whole:
        yield "cut off: what came later is not there"
    if trace.tasks:
        yield f"tasks: {', '.join(dict.fromkeys(trace.tasks.values()))}"
