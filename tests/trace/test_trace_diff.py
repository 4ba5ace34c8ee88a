"""A comparison of traces names what two builds do differently, and nothing else."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cpu.program import code, op
from machine.device import SPIN, machine_of, set_register

from emu import Machine
from emu.cli.__main__ import run_command_line
from emu.engine.interpreter_engine import InterpreterEngine
from emu.loader.errors import LoadError
from emu.memory_map import FLASH_BASE
from emu.options import EngineName
from emu.trace.diff.call_counts import FunctionKey
from emu.trace.diff.comparison import Comparison, compare
from emu.trace.diff.jumps import Jumps
from emu.trace.diff.limits import Limits, read_limits
from emu.trace.diff.page import page_of
from emu.trace.diff.run import FunctionCounts, Run
from emu.trace.diff.text import change_of, lines_of
from emu.trace.recorder import TraceRecorder
from emu.trace.trace import Trace

PROGRAMS = Path(__file__).parent / "programs"
BUILDS = ("before", "faster_option", "slow", "extra_write")
CALLERS = {"app_main", "run_application", "kernel_start", "system_start", "reset_handler"}
"""Those of all that the builds do differently."""
OF_A_WRITE = {"flash_identity", "flash_program", "flash_command", "sleep_ticks", "memcpy"} | {
    f"kernel_{name}" for name in ("lock", "unlock", "ticks", "is_running")
}
TICKS = {"interrupt_entry", "interrupt_dispatch", "on_tick"}
STUB = "(no name)"
"""The linker's, for calls from flash to RAM."""


def load(build: str, engine: EngineName = "translator") -> Machine:
    return Machine.load(PROGRAMS / f"{build}.elf", cache=False, engine=engine)


def finish(machine: Machine) -> None:
    machine.run_until_address(machine.address_of("finished"), timeout_s=1)


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trace]:
    folder = tmp_path_factory.mktemp("traces")
    for build in BUILDS:
        machine = load(build)
        with TraceRecorder(machine, folder / f"{build}.trace"):
            finish(machine)
    return {build: Trace(folder / f"{build}.trace") for build in BUILDS}


def names(comparison: Comparison, *, in_handler: bool = False) -> set[str]:
    """The functions that have changed themselves, or are called more or less often."""
    return {
        each.name for each in comparison.functions if each.kind != "callees" and each.in_handler == in_handler
    }


def callers(comparison: Comparison) -> set[str]:
    return {each.name for each in comparison.functions if each.kind == "callees"}


@pytest.mark.parametrize(("build", "function"), [("faster_option", "smooth"), ("slow", "check")])
def test_a_function_that_was_compiled_otherwise_is_named_alone(
    traces: dict[str, Trace], build: str, function: str
) -> None:
    comparison = compare(traces["before"], traces[build])
    assert names(comparison) == {function}
    assert callers(comparison) == CALLERS
    assert names(comparison, in_handler=True) == set()
    assert comparison.flash == []
    (divergence,) = comparison.divergences
    assert (divergence.what, divergence.context) == ("way", "main")
    for side in (divergence.before, divergence.after):
        assert side.leaves.startswith(f"{function}+")
        assert side.goes_to.startswith(f"{function}+")
        assert side.at.stack[-2:] == ["app_main", function]
        assert side.at.calls_before[-1] == function
        assert side.at.time_ns > 0


def test_the_slow_function_is_so_much_slower(traces: dict[str, Trace]) -> None:
    comparison = compare(traces["before"], traces["slow"])
    change = next(each for each in comparison.functions if each.name == "check")
    assert change.before.calls == change.after.calls == 2
    executed = [traces[build].ends.executed for build in ("before", "slow")]
    assert change.after.own - change.before.own == executed[1] - executed[0]
    assert comparison.executed == tuple(executed)


def test_an_extra_write_is_named_with_all_that_comes_of_it(traces: dict[str, Trace]) -> None:
    comparison = compare(traces["before"], traces["extra_write"])
    (flash,) = comparison.flash
    assert (flash.operation.kind, flash.operation.offset) == ("program", 0x1F_F000)
    assert (len(flash.before_ns), len(flash.after_ns)) == (3, 4)
    assert names(comparison) == {"store", STUB, *OF_A_WRITE}
    assert callers(comparison) == CALLERS
    assert names(comparison, in_handler=True) == TICKS
    call = next(each for each in comparison.divergences if each.what == "call")
    assert call.context == "main"
    assert (call.before.leaves.split("+")[0], call.before.goes_to.split("+")[0]) == ("store", "app_main")
    assert (call.after.leaves.split("+")[0], call.after.goes_to) == ("store", "flash_identity+0x0")
    assert call.after.at.calls_before[-1] == "kernel_unlock"


def test_limits_leave_only_the_cause(traces: dict[str, Trace]) -> None:
    limits = Limits(ignore=("flash_*", "kernel_*", "sleep_ticks", "memcpy", STUB), handlers=False)
    comparison = compare(traces["before"], traces["extra_write"], limits)
    assert names(comparison) == {"store"}
    assert not [each for each in comparison.divergences if each.in_handler]
    assert all("flash_" not in each.after.goes_to for each in comparison.divergences)
    assert len(comparison.flash) == 1


def test_small_changes_are_no_difference_where_limits_say_so(traces: dict[str, Trace]) -> None:
    for percent, is_different in ((20, True), (30, False)):  # it is a quarter
        limits = Limits(below_percent=percent)
        assert compare(traces["before"], traces["faster_option"], limits).is_different == is_different
    assert compare(traces["before"], traces["extra_write"], Limits(below_percent=1000)).flash
    assert not compare(traces["before"], traces["extra_write"], Limits(below_percent=1000, flash=False)).flash


def test_functions_are_added_and_gone(traces: dict[str, Trace], tmp_path: Path) -> None:
    machine = load("before")
    with TraceRecorder(machine, tmp_path / "short.trace"):
        machine.run_until_address(machine.address_of("smooth"), timeout_s=1)
    short = Trace(tmp_path / "short.trace")
    for pair, kind in (((short, traces["before"]), "added"), ((traces["before"], short), "gone")):
        kinds = {each.name: each.kind for each in compare(*pair).functions}
        assert kinds["check"] == kind
        assert kinds["smooth"] == "changed"
        assert [kinds[name] for name in kinds if name in ("store", "flash_program")] == []


def test_runs_that_do_the_same_do_not_differ(traces: dict[str, Trace], tmp_path: Path) -> None:
    """The engines divide the flow into other lines."""
    machine = load("before", "interpreter")
    with TraceRecorder(machine, tmp_path / "interpreted.trace"):
        finish(machine)
    comparison = compare(traces["before"], Trace(tmp_path / "interpreted.trace"))
    assert not comparison.is_different
    assert list(lines_of(comparison)) == ["no difference"]


def test_ways_in_firmware_without_names_are_compared_by_addresses(tmp_path: Path) -> None:
    traces = []
    for value in (0, 1):
        program = code(set_register(1, value), op("bnez", rx=1, offset=6), op("movi", rz=2, imm=1))
        machine = machine_of(program + SPIN)
        with TraceRecorder(machine, tmp_path / f"{value}.trace"):
            machine.run(1000)
        traces.append(Trace(tmp_path / f"{value}.trace"))
    (divergence,) = compare(traces[0], traces[1]).divergences
    assert divergence.before.leaves == f"{FLASH_BASE + 14:#010x}"  # the loop at the end
    assert divergence.after.leaves == f"{FLASH_BASE + 8:#010x}"
    assert divergence.before.goes_to == divergence.after.goes_to == f"{FLASH_BASE + 14:#010x}"


class Watcher:
    """Counts instructions by function."""

    def __init__(self, machine: Machine) -> None:
        self.own: Counter[str] = Counter()
        self._symbols = machine.symbols

    def retired(self, pc: int) -> None:
        found = self._symbols.at(pc)
        self.own[found[0].name if found else STUB] += 1


def test_counts_are_those_of_the_interpreter(traces: dict[str, Trace]) -> None:
    machine = load("extra_write", "interpreter")
    engine = machine.board.core.engine
    assert isinstance(engine, InterpreterEngine)
    watcher = engine.observer = Watcher(machine)
    finish(machine)
    run = Run(traces["extra_write"], Jumps())
    own: Counter[str] = Counter()
    for key, counts in run.functions.items():
        own[key.name] += counts.own
    assert own == watcher.own
    in_tasks = sum(counts.own for key, counts in run.functions.items() if not key.in_handler)
    assert run.functions[FunctionKey("reset_handler", False)].total == in_tasks  # it never returns
    smooth = run.functions[FunctionKey("smooth", False)]
    assert smooth == FunctionCounts(2, smooth.own, smooth.own)  # it calls nobody


def test_the_command_tells_it_by_text_json_page_and_exit_code(
    traces: dict[str, Trace], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, slow = (str(traces[build].path) for build in ("before", "slow"))
    assert run_command_line(["trace-diff", before, before]) == 0
    assert capsys.readouterr().out == "no difference\n"
    page = tmp_path / "page.html"
    assert run_command_line(["trace-diff", before, slow, "--html", str(page)]) == 1
    text = capsys.readouterr().out
    assert "first other way of main:" in text
    assert "changed  check" in text
    assert run_command_line(["trace-diff", before, slow, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["is_different"]
    assert [each["name"] for each in told["functions"] if each["kind"] == "changed"] == ["check"]
    assert {each["name"] for each in told["functions"] if each["kind"] == "callees"} == CALLERS
    limits = tmp_path / "limits.toml"
    limits.write_text("below_percent = 5000\n")
    assert run_command_line(["trace-diff", before, slow, "--limits", str(limits)]) == 0
    assert page.read_text().count("<table>") == 2


def test_the_example_in_the_document_is_what_is_told(
    traces: dict[str, Trace], capsys: pytest.CaptureFixture[str]
) -> None:
    """If not: paste it."""
    document = (PROGRAMS.parents[2] / "docs" / "trace-diff.md").read_text(encoding="utf-8")
    example = re.search(r"```console\n\$ w800emu trace-diff [^\n]*\n(.*?)```", document, re.DOTALL)
    assert example is not None
    run_command_line(["trace-diff", *(str(traces[build].path) for build in ("before", "slow"))])
    assert capsys.readouterr().out == example[1]


def test_the_limits_in_the_document_can_be_read(tmp_path: Path) -> None:
    document = (PROGRAMS.parents[2] / "docs" / "trace-diff.md").read_text(encoding="utf-8")
    limits = re.search(r"```toml\n(.*?)```", document, re.DOTALL)
    assert limits is not None
    path = tmp_path / "limits.toml"
    path.write_text(limits[1])
    assert read_limits(path) == Limits(("uart_*", "idle"), 2, handlers=False, flash=False)


class Balance(HTMLParser):
    """Fails for elements that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert not any(name in ("src", "href") for name, _ in attrs)  # type: ignore[attr-defined]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("build", BUILDS)
def test_a_page_is_whole_and_needs_nothing_else(traces: dict[str, Trace], build: str) -> None:
    page = page_of(compare(traces["before"], traces[build]))
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert ("No difference" in page) == (build == "before")
    assert ("Flash operations" in page) == (build == "extra_write")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense = 1", "nonsense is none of ignore, below_percent, handlers, flash"),
        ("below_percent = -1", "below_percent cannot be -1"),
        ("below_percent = true", "below_percent cannot be True"),
        ("handlers = 1", "handlers cannot be 1"),
        ("ignore = [1]", r"ignore cannot be \[1\]"),
        ("ignore = ", "limits.toml: "),
    ],
)
def test_limits_that_say_something_else_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(text)
    with pytest.raises(LoadError, match=message):
        read_limits(path)


def test_limits_are_read(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text('ignore = ["uart_*"]\nbelow_percent = 2.5\nhandlers = false\nflash = false\n')
    assert read_limits(path) == Limits(("uart_*",), 2.5, handlers=False, flash=False)
    path.write_text("")
    assert read_limits(path) == Limits()
    with pytest.raises(LoadError, match="No such file"):
        read_limits(tmp_path / "other.toml")


def test_changes_are_told_with_their_share() -> None:
    assert change_of(1000, 1000) == "1,000"
    assert change_of(1000, 1100) == "1,000 → 1,100 (+10.0 %)"
    assert change_of(0, 3) == "0 → 3"
