"""Coverage that is recorded without a trace is the same, and recording it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.traces import MS, PROGRAMS, load

import emu.trace
from emu import Machine
from emu.cli.__main__ import run_command_line
from emu.isa.decode import decode, size_bytes
from emu.isa.insn import Flow
from emu.loader.errors import LoadError
from emu.machine.errors import MachineError
from emu.options import EngineName
from emu.trace.coverage.counting import count
from emu.trace.coverage.executed import Executed, ProgramCounts
from emu.trace.coverage.file import CoverageFile
from emu.trace.coverage.seen import periods_of
from emu.trace.coverage.source_coverage import coverage_of
from emu.trace.layout import SeenKind
from emu.trace.lines import Line
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.table import VIEWS

TOP = Path(__file__).parents[2]
PATHS = TOP / "tests" / "trace" / "programs" / "paths.elf"
ENGINES: tuple[EngineName, ...] = ("translator", "interpreter")
Instructions = set[tuple[int, bytes]]
Ways = set[tuple[int, bytes, bool]]


def split(address: int, code: bytes) -> Instructions:
    found: Instructions = set()
    while code:
        size = size_bytes(int.from_bytes(code[:2], "little"))
        found.add((address, code[:size]))
        address, code = address + size, code[size:]
    return found


def seen_in(coverage: Trace) -> tuple[Instructions, Ways]:
    """What a file of coverage has."""
    instructions, ways = Instructions(), Ways()
    for period in periods_of(coverage):
        for kind, address, code in period.seen:
            if kind is SeenKind.EXECUTED:
                instructions |= split(address, code)
            else:
                ways.add((address, code, kind is SeenKind.TAKEN))
    return instructions, ways


def executed_in(trace: Trace) -> tuple[Instructions, Ways]:
    """The same of a trace of the flow."""
    instructions, ways = Instructions(), Ways()
    for part in trace.parts():
        for number, following in set(zip(part.line_numbers.tolist(), part.nexts.tolist(), strict=True)):
            if number >= 0:
                line: Line = part.lines[number]
                instructions |= split(
                    line.addresses[0], part.code.bytes_at(line.addresses[0], line.end - line.addresses[0])
                )
                last = part.code.bytes_at(line.addresses[-1], line.end - line.addresses[-1])
                row = decode(int.from_bytes(last[:2], "little"), int.from_bytes(last[2:], "little"))
                if row is not None and row.flow is Flow.CONDITIONAL:
                    ways.add((line.addresses[-1], last, following != line.end))
    return instructions, ways


def covered(machine: Machine, path: Path, for_ns: int) -> Trace:
    with emu.trace.cover(machine, path):
        machine.run(for_ns)
    return emu.trace.open(path)


def traced(machine: Machine, path: Path, for_ns: int) -> Trace:
    with emu.trace.record(machine, path):
        machine.run(for_ns)
    return emu.trace.open(path)


@pytest.mark.parametrize(
    "program",
    [None, *sorted(PROGRAMS.glob("*.elf")), *sorted((TOP / "roms" / "classic").glob("*[0-9].img"))],
    ids=lambda path: path.stem if path else "demo",
)
def test_it_is_that_of_the_trace_and_the_run_is_the_same(tmp_path: Path, program: Path | None) -> None:
    time_ns = 300 * MS if program else 3000 * MS
    plain = load(program)
    plain.run(time_ns)
    expected = executed_in(traced(load(program), tmp_path / "run.trace", time_ns))
    for engine in ENGINES:
        if engine == "interpreter" and program and program.stem == "selftest":
            continue  # 4 million instructions take the interpreter a minute
        machine = load(program, engine)
        assert seen_in(covered(machine, tmp_path / "run.coverage", time_ns)) == expected
        assert machine.snapshot().state_hash() == plain.snapshot().state_hash()
        assert [port.data for port in plain.uarts] == [port.data for port in machine.uarts]


def test_both_may_be_recorded_at_once(tmp_path: Path) -> None:
    machine = load(PATHS)
    with (
        emu.trace.cover(machine, tmp_path / "run.coverage"),
        emu.trace.record(machine, tmp_path / "run.trace"),
    ):
        machine.run(100 * MS)
    assert seen_in(Trace(tmp_path / "run.coverage")) == executed_in(Trace(tmp_path / "run.trace"))


@pytest.mark.parametrize(
    "watch",
    [
        lambda machine: machine.watch("consumed", callback=lambda access: None),
        lambda machine: machine.watch("uart0.line_control", kind="access", callback=lambda access: None),
        lambda machine: machine.hook("leaf", lambda there: None),
        lambda machine: machine.keep_history(),
    ],
    ids=["variable", "register", "hook", "history"],
)
def test_who_watches_does_not_change_it(tmp_path: Path, watch: Callable[[Machine], object]) -> None:
    program = PROGRAMS / "traced.elf"
    alone = seen_in(covered(load(program), tmp_path / "alone.coverage", 300 * MS))
    machine = load(program)
    watch(machine)
    assert seen_in(covered(machine, tmp_path / "watched.coverage", 300 * MS)) == alone


def once(counts: ProgramCounts) -> ProgramCounts:
    """What coverage has of what a trace has counted."""
    executed = {address for address, number in counts.executed.items() if number}
    ways = {(address, way) for address in executed for way in (True, False) if counts.ways(address)[not way]}
    return ProgramCounts(seen=executed, seen_ways=ways)


@pytest.fixture(scope="module")
def update(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trace, Trace]:
    """Coverage and trace of the demo: an app that is replaced by another one at the same address."""
    folder = tmp_path_factory.mktemp("update")
    return covered(load(None), folder / "a.coverage", 6000 * MS), traced(
        load(None), folder / "a.trace", 6000 * MS
    )


def test_old_and_new_app_have_their_share(update: tuple[Trace, Trace]) -> None:
    coverage, trace = map(count, update)
    assert len(coverage) == 2
    for elf, counts in trace.items():
        assert coverage[elf].seen == once(counts).seen
        assert {way for way in coverage[elf].seen_ways if way[1]} == {
            (address, True) for address, number in counts.taken.items() if number
        }


def test_lines_functions_and_branches_are_those_of_the_trace(tmp_path: Path) -> None:
    seen = coverage_of(count(covered(load(PATHS), tmp_path / "a.coverage", 100 * MS)))
    counted = coverage_of(count(traced(load(PATHS), tmp_path / "a.trace", 100 * MS)))
    assert {place for place, number in seen.lines.items() if number} == {
        place for place, number in counted.lines.items() if number
    }
    assert seen.lines.keys() == counted.lines.keys()
    assert set(seen.lines.values()) <= {0, 1, 2, 3, 4}  # of copies the sum
    for name, branch in counted.branches.items():
        assert tuple(map(bool, seen.branches[name])) == tuple(map(bool, branch))
    for function, (_, entered) in counted.functions.items():
        assert bool(seen.functions[function].entered) == bool(entered)


def test_it_adds_up_with_itself_and_with_traces(update: tuple[Trace, Trace]) -> None:
    coverage, trace = map(count, update)
    assert coverage + coverage == coverage
    assert coverage + trace == trace + coverage
    assert (coverage + coverage) + trace == coverage + (coverage + trace)
    assert coverage + Executed() == coverage


def test_a_machine_may_go_back_to_another_program(tmp_path: Path) -> None:
    """What is the same in both programs counts for both."""
    machine = load(None)
    before = machine.snapshot()
    machine.run(3000 * MS)
    after = machine.snapshot()
    with emu.trace.cover(machine, tmp_path / "both.coverage"):
        for snapshot in (after, before, after):
            machine.restore(snapshot)
            machine.run(machine.now_ns + 60 * MS)
    both = count(Trace(tmp_path / "both.coverage"))
    for snapshot in (before, after):
        machine.restore(snapshot)
        with emu.trace.record(machine, tmp_path / "one.trace"):
            machine.run(machine.now_ns + 60 * MS)
        for elf, counts in count(Trace(tmp_path / "one.trace")).items():
            if counts.executed:
                assert both[elf].seen == once(counts).seen


def test_settings_that_are_written_are_no_other_program(tmp_path: Path) -> None:
    """What was executed before need not be told again behind a reset."""
    machine = Machine.load(TOP / "roms" / "atcmd" / "atcmd.elf")
    with emu.trace.cover(machine, tmp_path / "it.coverage"):
        machine.uart0.expect("init finished")
        machine.uart0.write('AT+SSID="workshop"\r\n')
        machine.uart0.expect("OK")
        machine.power_cycle()
        machine.uart0.expect("init finished")
    assert len(list(periods_of(emu.trace.open(tmp_path / "it.coverage")))) == 1


def atcmd_with_a_setting() -> Machine:
    machine = Machine.load(TOP / "roms" / "atcmd" / "atcmd.elf")
    machine.uart0.expect("init finished")
    machine.uart0.write('AT+SSID="workshop"\r\n')
    machine.uart0.expect("OK")
    return machine


def test_a_file_may_leave_out_what_another_one_has(tmp_path: Path) -> None:
    """Another beginning, with other settings in the flash, but with the same program."""
    machine = Machine.load(TOP / "roms" / "atcmd" / "atcmd.elf")
    file = CoverageFile(tmp_path / "first.coverage", machine)
    with emu.trace.cover(machine, file):
        machine.uart0.expect("init finished")
    paths = [tmp_path / "others.coverage", tmp_path / "alone.coverage"]
    for path, others in zip(paths, ([file], []), strict=True):
        later = atcmd_with_a_setting()
        second = CoverageFile(path, later, others)
        with emu.trace.cover(later, second):
            later.power_cycle()
            later.uart0.expect("init finished")
            later.uart0.write("AT+SSID?\r\n")
            later.uart0.expect("workshop")
        second.close()
    file.close()
    [[few], [all_]] = [list(periods_of(Trace(path))) for path in paths]
    assert len(few.seen) < len(all_.seen) / 2
    first, sum_, alone = (count(Trace(path)) for path in (tmp_path / "first.coverage", *paths))
    assert first + sum_ == first + alone != first


def test_nothing_is_left_out_for_other_programs(tmp_path: Path) -> None:
    machine, updated, like_it = load(None), load(None), load(None)
    updated.run(3000 * MS)
    file = CoverageFile(tmp_path / "it.coverage", machine)
    with emu.trace.cover(machine, file):
        machine.run(100 * MS)
    assert file.known_to(like_it) is not None
    assert file.known_to(updated) is None
    assert file.known_to(load(PATHS)) is None


def test_machines_that_were_made_alike_may_share_a_file(tmp_path: Path) -> None:
    """What one has told the others need not tell, unless another program has come."""
    machines = [load(None) for _ in range(3)]
    later = load(None)
    later.run(3000 * MS)
    updated = later.snapshot()
    file = CoverageFile(tmp_path / "all.coverage", machines[0])
    single = []
    for number, machine in enumerate(machines):
        with emu.trace.cover(machine, file):
            if number == 2:
                machine.restore(updated)
            machine.run(machine.now_ns + (1 + number) * 100 * MS)
        alone = load(None)
        with emu.trace.cover(alone, tmp_path / "one.coverage"):
            if number == 2:
                alone.restore(updated)
            alone.run(alone.now_ns + (1 + number) * 100 * MS)
        single.append(count(Trace(tmp_path / "one.coverage")))
    file.close()
    periods = list(periods_of(Trace(tmp_path / "all.coverage")))
    assert len(periods[1].seen) < len(periods[0].seen) / 2
    assert count(Trace(tmp_path / "all.coverage")) == sum(single, Executed())


def test_other_views_and_parts_say_what_it_is(
    update: tuple[Trace, Trace], capsys: pytest.CaptureFixture[str]
) -> None:
    coverage, _ = update
    path = str(coverage.path)
    for name in VIEWS:
        arguments = ["trace", path, "--format", name, "-o", "/dev/null"]
        is_coverage = name in ("lcov", "gcovr")
        assert run_command_line(arguments) == (0 if is_coverage else 2), name
        assert ("this is coverage" in capsys.readouterr().err) is not is_coverage
    for arguments in (["--from", "1s", "--format", "lcov"], ["--callers", "x"], ["--check"]):
        assert run_command_line(["trace", path, *arguments]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert run_command_line(["trace", path]) == 0
    assert capsys.readouterr().out.startswith("coverage: ")
    with pytest.raises(LoadError, match="neither times nor order"):
        count(coverage, Selection(coverage.window(to_ns=MS)).window)


def test_the_command_line_records_and_adds_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / name) for name in ("a.coverage", "b.trace")]
    for option, file in zip(("--coverage", "--trace"), files, strict=True):
        run = ["run", str(PATHS), "--no-cache", "--max-time", "100ms", option, file]
        assert run_command_line(run) == 42
    output = tmp_path / "all.info"
    assert run_command_line(["coverage", *files, "-o", str(output)]) == 0
    total = coverage_of(count(Trace(files[0])) + count(Trace(files[1])))
    lines = sum(line.startswith("DA:") for line in output.read_text().splitlines())
    assert lines == len(total.lines) > 0
    assert run_command_line(["run", str(PATHS), "--coverage", "/no/such/x"]) == 2
    assert "--coverage: /no/such is no folder" in capsys.readouterr().err


def test_a_machine_is_covered_once_at_a_time_and_again_later(tmp_path: Path) -> None:
    machine = load(PATHS)
    with emu.trace.cover(machine, tmp_path / "a.coverage") as recorder:
        with pytest.raises(MachineError, match="is being recorded already"):
            emu.trace.cover(machine, tmp_path / "b.coverage")
        machine.run(50 * MS)
    recorder.close()
    first, second = (tmp_path / name for name in ("a.coverage", "b.coverage"))
    assert all(seen_in(covered(machine, second, 100 * MS)))
    whole = seen_in(covered(load(PATHS), tmp_path / "c.coverage", 100 * MS))
    halves = [seen_in(Trace(path)) for path in (first, second)]
    assert tuple(one | other for one, other in zip(*halves, strict=True)) == whole


def test_what_was_cut_off_has_what_was_written(update: tuple[Trace, Trace], tmp_path: Path) -> None:
    coverage, _ = update
    data = coverage.path.read_bytes()
    cut = tmp_path / "cut.coverage"
    cut.write_bytes(data[: data.rindex(b"SEEN") + 10])
    some, everything = count(Trace(cut)), count(coverage)
    assert [bool(counts.seen) for counts in some.values()] == [True, False]
    assert all(counts.seen <= everything[elf].seen for elf, counts in some.items())
