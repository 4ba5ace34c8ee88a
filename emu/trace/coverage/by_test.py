"""Which tests have come to a line of the source."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from emu.loader import LoadError
from emu.trace.coverage.executed import count_by_test
from emu.trace.coverage.program_code import Place
from emu.trace.coverage.seen import HasSeen
from emu.trace.coverage.source_coverage import SourceOf, lines_reached
from emu.trace.views.view import WriteText


def tests_by_line(files: Iterable[HasSeen], source_of: SourceOf) -> dict[Place, set[str]]:
    """The names of the tests, for each line that one of them has come to."""
    tests: dict[Place, set[str]] = {}
    for file in files:
        for name, executed in count_by_test(file):
            for elf, counts in executed.items():
                for place in lines_reached(source_of(elf), counts):
                    tests.setdefault(place, set()).add(name)
    return tests


def write_tests(tests: dict[Place, set[str]], write: WriteText) -> None:
    """One JSON object: the names of all tests, and by path and line the numbers of those that came there."""
    names = sorted({name for reached in tests.values() for name in reached})
    numbers = {name: number for number, name in enumerate(names)}
    files: dict[str, dict[int, list[int]]] = {}
    for (path, line), reached in sorted(tests.items()):
        files.setdefault(path, {})[line] = sorted(numbers[name] for name in reached)
    write(json.dumps({"tests": names, "files": files}) + "\n")


def tests_at(path: Path, line: str) -> list[str]:
    """The tests that have come to a line such as `main.c:12`, from a file that `write_tests` has written.

    The end of a path is enough if there is only one such file. LoadError for a file, or a line, that is none.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        names, files = list(told["tests"]), dict(told["files"])
    except OSError as error:
        raise LoadError(f"{path}: cannot be read ({error.strerror}): check the name and the rights") from None
    except (ValueError, LookupError, TypeError):
        raise LoadError(f"{path}: is none that pytest --w800-coverage-tests has written") from None
    source, _, number = line.rpartition(":")
    if not source or not number.isdecimal():
        raise LoadError(f"{line!r} is no line such as main.c:12")
    found = [each for each in files if each == source or each.endswith(f"/{source}")]
    if len(found) != 1:
        which = " and ".join(found) if found else f"none of {', '.join(sorted(files))}"
        raise LoadError(f"{path}: {source} is {which}")
    return [names[each] for each in files[found[0]].get(str(int(number)), [])]
