"""Coverage tells how often lines, functions and both ways of branches were executed, of whatever program was there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu import Machine
from emu.cli.__main__ import run_command_line
from emu.cpu.core import ExceptionEvent
from emu.engine.interpreter_engine import InterpreterEngine
from emu.isa.decode import decode
from emu.isa.insn import Flow
from emu.trace.coverage.counting import count
from emu.trace.coverage.executed import Executed, ProgramCounts
from emu.trace.coverage.program_code import Place
from emu.trace.coverage.source_coverage import (
    BranchCount,
    BranchName,
    Coverage,
    FunctionCount,
    FunctionName,
    coverage_of,
    merged,
)
from emu.trace.recorder import TraceRecorder
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.gcovr import write_gcovr
from emu.trace.views.lcov import write_lcov

PROGRAMS = Path(__file__).parent / "programs"
PATHS = PROGRAMS / "paths"
IN_BUILD = "roms/../tests/trace/programs/paths"
MS = 1_000_000
SAYS = re.compile(r"/\* (\d+)(?:: ([\d ,]+))? \*/")


def traced(program: Path | None, path: Path, for_ns: int) -> Trace:
    machine = Machine.load(program, cache=False, on_crash="continue")
    with TraceRecorder(machine, path):
        machine.run(for_ns)
    return Trace(path)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return traced(PROGRAMS / "paths.elf", tmp_path_factory.mktemp("traces") / "paths.trace", 100 * MS)


@pytest.fixture(scope="module")
def update(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """The demo: an app that is replaced by another one at the same address."""
    return traced(None, tmp_path_factory.mktemp("traces") / "update.trace", 6000 * MS)


def said(source: Path) -> tuple[dict[int, int], dict[int, list[tuple[int, ...]]]]:
    """What the comments of a program say of lines and branches."""
    lines, branches = {}, {}
    for number, text in enumerate(source.read_text().splitlines(), 1):
        if match := SAYS.search(text):
            lines[number] = int(match[1])
            if match[2]:
                branches[number] = sorted(tuple(map(int, pair.split())) for pair in match[2].split(","))
    return lines, branches


@pytest.mark.parametrize("name", ["main.c", "limit.h"])
def test_a_program_has_gone_its_known_ways(paths: Trace, name: str) -> None:
    coverage = coverage_of(count(paths))
    lines, branches = said(PATHS / name)
    path = f"{IN_BUILD}/{name}"
    assert {place.line: number for place, number in coverage.lines.items() if place.path == path} == lines
    of_lines: dict[int, list[tuple[int, ...]]] = {}
    for branch, ways in coverage.branches.items():
        if branch.place.path == path:
            of_lines.setdefault(branch.place.line, []).append(ways)
    if name == "limit.h":  # each copy has its branch
        assert len(of_lines[8]) == 3
        of_lines[8] = [tuple(map(sum, zip(*of_lines[8], strict=True)))]
    told = {line: sorted(tuple(sorted(each)) for each in ways) for line, ways in of_lines.items()}
    assert told == branches


def test_functions_are_counted_by_their_entries(paths: Trace) -> None:
    functions = coverage_of(count(paths)).functions
    assert {
        name.name: function.entered for name, function in functions.items() if name.path.startswith(IN_BUILD)
    } == {
        "limit": 4,  # there are only copies of it
        "sign": 5,
        "divide": 2,
        "count_down": 3,  # its first instruction is that of its loop
        "factorial": 6,
        "choose": 7,
        "are_large": 4,
        "never_called": 0,
        "app_main": 1,
    }


def test_coverage_may_be_that_of_some_functions(paths: Trace) -> None:
    executed = count(paths)
    some, everything = coverage_of(executed, Selection(functions=("limit", "si*"))), coverage_of(executed)
    assert {name.name for name in some.functions} == {"limit", "sign"}
    for part, whole in ((some.lines, everything.lines), (some.branches, everything.branches)):
        assert part
        assert part.items() < whole.items()


class Watcher:
    """Counts in the interpreter, instruction by instruction."""

    def __init__(self, machine: Machine) -> None:
        self.executed: list[Counter[int]] = [Counter()]
        self.taken: list[Counter[int]] = [Counter()]
        self._machine = machine
        self._branch: tuple[int, int] | None = None  # address, and that behind it

    def retired(self, pc: int) -> None:
        self._goes_to(pc)
        self.executed[-1][pc] += 1
        first, second = (int.from_bytes(self._machine.peek(pc + at, 2), "little") for at in (0, 2))
        row = decode(first, second)
        if row is not None and row.flow is Flow.CONDITIONAL:
            self._branch = pc, pc + row.size_bytes

    def entered(self, event: ExceptionEvent) -> None:
        self._goes_to(event.pc)

    def reset(self, _cause: object) -> None:
        self.executed.append(Counter())
        self.taken.append(Counter())

    def _goes_to(self, pc: int) -> None:
        if self._branch is not None and pc != self._branch[1]:
            self.taken[-1][self._branch[0]] += 1
        self._branch = None


def test_code_that_was_replaced_belongs_to_the_program_that_was_there(update: Trace) -> None:
    machine = Machine.load(None, cache=False, on_crash="continue", engine="interpreter")
    engine = machine.board.core.engine
    assert isinstance(engine, InterpreterEngine)
    watcher = Watcher(machine)
    engine.observer = watcher
    machine.board.core.entry_observers.append(watcher.entered)
    machine.on_reset(watcher.reset)
    machine.run(machine.now_ns + 6000 * MS)
    old, new = count(update).values()
    assert [old.executed, new.executed] == watcher.executed
    assert [+old.taken, +new.taken] == [+each for each in watcher.taken]


def test_old_and_new_app_share_what_they_have_of_one_source(update: Trace) -> None:
    executed = count(update)
    each = [coverage_of(Executed({elf: counts})) for elf, counts in executed.items()]
    both = coverage_of(executed)
    assert both == each[0] + each[1]
    name = FunctionName("roms/firmware/start/system.c", "log_version")
    assert [one.functions[name].entered for one in (*each, both)] == [1, 1, 2]
    assert both.functions[FunctionName("roms/ota_ops/main.c", "app_main")].entered == 1
    assert both.functions[FunctionName("roms/atcmd/main.c", "app_main")].entered == 1


def test_the_coverage_of_two_halves_adds_up_to_that_of_the_whole(update: Trace) -> None:
    for middle_ns in (17 * MS, 500 * MS, 4000 * MS):
        halves = [
            count(update, window)
            for window in (update.window(to_ns=middle_ns), update.window(from_ns=middle_ns))
        ]
        assert halves[0] + halves[1] == count(update)


names = st.sampled_from(["a", "b", "c"])
places = st.builds(Place, names, st.integers(1, 5))
numbers = st.integers(0, 1000)
coverages = st.builds(
    Coverage,
    st.dictionaries(places, numbers),
    st.dictionaries(
        st.builds(FunctionName, names, names), st.builds(FunctionCount, st.integers(1, 9), numbers)
    ),
    st.dictionaries(
        st.builds(BranchName, places, names, st.integers(0, 3)), st.builds(BranchCount, numbers, numbers)
    ),
)
counters: st.SearchStrategy[Counter[int]] = st.dictionaries(st.integers(0, 9), numbers).map(Counter)
executions = st.builds(
    Executed,
    st.dictionaries(st.sampled_from([b"a", b"b", b"c"]), st.builds(ProgramCounts, counters, counters)),
)


@given(coverages, coverages, coverages)
def test_coverages_add_up_in_any_order(one: Coverage, two: Coverage, three: Coverage) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three) == merged([three, one, two])
    assert one + Coverage() == one


@given(executions, executions, executions)
def test_counts_add_up_in_any_order(one: Executed, two: Executed, three: Executed) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + Executed() == one


def lcov_of(coverage: Coverage) -> str:
    parts: list[str] = []
    write_lcov(coverage, parts.append)
    return "".join(parts)


SMALL = Coverage(
    {Place("a.c", 3): 2, Place("a.c", 1): 0},
    {FunctionName("a.c", "main"): FunctionCount(1, 2)},
    {
        BranchName(Place("a.c", 3), "main", 4): BranchCount(2, 0),
        BranchName(Place("a.c", 1), "main", 0): BranchCount(0, 0),
    },
)


def test_a_tracefile_has_the_form_of_lcov() -> None:
    assert lcov_of(SMALL).splitlines() == [
        *("TN:", "SF:a.c", "FN:1,main", "FNDA:2,main", "FNF:1", "FNH:1"),
        *("BRDA:1,0,0,-", "BRDA:1,0,1,-", "BRDA:3,0,0,2", "BRDA:3,0,1,0", "BRF:4", "BRH:1"),
        *("DA:1,0", "DA:3,2", "LF:2", "LH:1", "end_of_record"),
    ]


def test_the_json_has_the_form_of_gcovr() -> None:
    parts: list[str] = []
    write_gcovr(SMALL, parts.append)
    (file,) = json.loads("".join(parts))["files"]
    assert [(line["line_number"], line["count"]) for line in file["lines"]] == [(1, 0), (3, 2)]
    assert [branch["count"] for branch in file["lines"][1]["branches"]] == [2, 0]
    assert [(each["name"], each["execution_count"]) for each in file["functions"]] == [("main", 2)]


@pytest.mark.skipif(shutil.which("lcov") is None, reason="lcov is not installed")
def test_lcov_reads_it_and_adds_it_up(paths: Trace, tmp_path: Path) -> None:
    coverage = coverage_of(count(paths))
    file, twice = str(tmp_path / "a.info"), str(tmp_path / "twice.info")
    Path(file).write_text(lcov_of(coverage))
    branches = ["--rc", "lcov_branch_coverage=1"]
    command = ["lcov", *branches, "--quiet", "-a", file, "-a", file, "-o", twice]
    subprocess.run(command, check=True, capture_output=True)
    counted = sorted(
        line for line in Path(twice).read_text().splitlines() if line.startswith(("DA:", "FNDA:"))
    )
    expected = lcov_of(coverage + coverage).splitlines()
    assert counted == sorted(line for line in expected if line.startswith(("DA:", "FNDA:")))


@pytest.mark.skipif(find_spec("gcovr") is None, reason="gcovr is not installed")
def test_gcovr_reads_it_and_tells_the_same_numbers(paths: Trace, tmp_path: Path) -> None:
    coverage = coverage_of(count(paths))
    file = tmp_path / "a.json"
    with file.open("w") as stream:
        write_gcovr(coverage, stream.write)
    command = [sys.executable, "-m", "gcovr", "--json-add-tracefile", str(file), "--json-summary"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    summary = json.loads(ran.stdout)
    ways = [way for branch in coverage.branches.values() for way in branch]
    entered = [function.entered for function in coverage.functions.values()]
    for name, counts in (("line", [*coverage.lines.values()]), ("branch", ways), ("function", entered)):
        assert summary[f"{name}_total"] == len(counts)
        assert summary[f"{name}_covered"] == sum(number > 0 for number in counts)


def test_the_command_adds_up_several_traces(paths: Trace, update: Trace, tmp_path: Path) -> None:
    for form, name in (("lcov", "a.info"), ("gcovr", "a.json")):
        files = [str(trace.path) for trace in (paths, update, paths)]
        assert run_command_line(["coverage", *files, "--format", form, "-o", str(tmp_path / name)]) == 0
    total = sum((count(trace) for trace in (paths, update, paths)), Executed())
    assert (tmp_path / "a.info").read_text() == lcov_of(coverage_of(total))
    assert json.loads((tmp_path / "a.json").read_text())["files"]


def test_the_view_of_a_part_is_that_of_its_window(update: Trace, tmp_path: Path) -> None:
    output = tmp_path / "part.info"
    arguments = ["--format", "lcov", "--to", "20ms", "-o", str(output)]
    assert run_command_line(["trace", str(update.path), *arguments]) == 0
    assert output.read_text() == lcov_of(coverage_of(count(update, update.window(to_ns=20 * MS))))


def test_a_program_without_debug_information_has_no_lines(tmp_path: Path) -> None:
    trace = traced(PROGRAMS / "before.elf", tmp_path / "run.trace", 20 * MS)
    executed = count(trace)
    assert sum(sum(counts.executed.values()) for counts in executed.values()) == trace.ends.executed
    assert coverage_of(executed) == Coverage()
