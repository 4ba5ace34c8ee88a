"""Measurements of several tests of the same build as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from emu.regress.compare.measurement import Covered, FunctionCounts, Measurement, SectorCounts


def sum_of(tests: Sequence[Measurement]) -> Measurement:
    """Counts are added; of stacks the most, of the heap the least; UARTs go by the names of the tests.

    Coverage of a file is that of the test that has come to most of it. There must be one test at least.
    """
    first, last = tests[0], tests[-1]
    return Measurement(
        last.name,
        time_ns=sum(each.time_ns for each in tests),
        executed=sum(each.executed for each in tests),
        app_begins_ns=first.app_begins_ns,
        lines={f"{each.name}: {uart}": of for each in tests for uart, of in each.lines.items()},
        crashes=[f"{each.name}: {crash}" for each in tests for crash in each.crashes],
        functions=_functions(tests),
        code=last.code,
        calls=dict(sum((Counter(each.calls) for each in tests), Counter())),
        coverage=_coverage(tests),
        sizes=last.sizes,
        sections=last.sections,
        components=last.components,
        stacks=_most(each.stacks for each in tests),
        heap_low=min((each.heap_low for each in tests if each.heap_low is not None), default=None),
        flash=_flash(tests),
        partitions=last.partitions,
        unmodelled=sorted({name for each in tests for name in each.unmodelled}),
    )


def _functions(tests: Iterable[Measurement]) -> dict[str, FunctionCounts]:
    total: dict[str, FunctionCounts] = {}
    for test in tests:
        for name, (calls, own) in test.functions.items():
            known = total.get(name, FunctionCounts(0, 0))
            total[name] = FunctionCounts(known.calls + calls, known.own + own)
    return dict(sorted(total.items()))


def _coverage(tests: Iterable[Measurement]) -> dict[str, Covered]:
    total: dict[str, Covered] = {}
    for test in tests:
        for path, covered in test.coverage.items():
            total[path] = max(total.get(path, covered), covered)
    return dict(sorted(total.items()))


def _most(numbers: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in numbers:
        for name, value in each.items():
            total[name] = max(value, total.get(name, 0))
    return total


def _flash(tests: Iterable[Measurement]) -> dict[str, SectorCounts]:
    total: dict[str, SectorCounts] = {}
    for test in tests:
        for offset, counts in test.flash.items():
            known = total.get(offset, SectorCounts(counts.partition, 0, 0))
            total[offset] = SectorCounts(
                known.partition, known.erases + counts.erases, known.programs + counts.programs
            )
    return total
