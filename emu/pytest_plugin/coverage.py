"""Coverage of the devices of all tests, added up: `--w800-coverage FILE`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from emu.pytest_plugin.settings import keeps_translations

if TYPE_CHECKING:
    from emu.machine import Machine
    from emu.trace.coverage.file import CoverageFile

T = TypeVar("T")

OPTION = "--w800-coverage"
INI = "w800_coverage"
HELP = "write what of the firmware's source the tests have come to, for lcov; FILE.json: for gcovr"
TESTS_OPTION = "--w800-coverage-tests"
TESTS_INI = "w800_coverage_tests"
TESTS_HELP = "write which tests have come to each line of the firmware's source, as JSON"
_OF_WORKERS = "w800_coverage_folder"


def add_options(group: pytest.OptionGroup, parser: pytest.Parser) -> None:
    """Declare the options, on the command line and in the ini file."""
    for option, ini, text in ((OPTION, INI, HELP), (TESTS_OPTION, TESTS_INI, TESTS_HELP)):
        group.addoption(option, metavar="FILE", help=text)
        parser.addini(ini, text, default=None)


def configure(config: pytest.Config) -> None:
    """Have it recorded, if that is asked for."""
    outputs = _output(config, OPTION, INI), _output(config, TESTS_OPTION, TESTS_INI)
    if any(outputs):
        config.pluginmanager.register(CoverageOfTests(config, *outputs), CoverageOfTests.NAME)


def _output(config: pytest.Config, option: str, ini: str) -> Path | None:
    given: str | None = config.getoption(option) or config.getini(ini)
    if not given:
        return None
    output = config.rootpath / given
    if not output.parent.is_dir():
        raise pytest.UsageError(f"{option}: {output.parent} is no folder")
    return output


@contextmanager
def recorded(config: pytest.Config, machine: Machine, name: str) -> Iterator[None]:
    """Record what a machine executes meanwhile, if that is asked for; `name` is that of a test or module."""
    plugin: CoverageOfTests | None = config.pluginmanager.get_plugin(CoverageOfTests.NAME)
    if plugin is None:
        yield
        return
    from emu.trace import cover

    with cover(machine, plugin.file_for(machine), name if plugin.tells_tests else ""):
        yield


class CoverageOfTests:
    """A plugin of the session: devices that were made alike share a file; in the end all files are added up.

    Each worker of xdist has files of its own, in the folder of the process that has started it.
    """

    NAME = "w800emu-coverage"

    def __init__(self, config: pytest.Config, output: Path | None, tests_output: Path | None) -> None:
        self._output, self._tests_output = output, tests_output
        self.tells_tests = tests_output is not None
        """Whether it matters which test has executed what."""
        given: str | None = getattr(config, "workerinput", {}).get(_OF_WORKERS)
        self._is_worker = given is not None
        self._folder = Path(given or tempfile.mkdtemp(prefix="w800emu-coverage-"))
        self._files: list[CoverageFile] = []
        self._keeps = keeps_translations(config)
        self._problem = ""

    def file_for(self, machine: Machine) -> CoverageFile:
        """The file of a machine, and of those like it."""
        from emu.trace.coverage.file import CoverageFile

        for file in self._files:
            if file.is_of(machine):
                return file
        path = self._folder / f"{os.getpid()}-{len(self._files)}.coverage"
        file = CoverageFile(path, machine, self._files)
        self._files.append(file)
        return file

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of xdist where the files go."""
        node.workerinput[_OF_WORKERS] = str(self._folder)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files and, when all workers have, their sum."""
        from emu import LoadError

        try:
            for file in self._files:
                file.close()
            if not self._is_worker:
                self._write_sum()
        except (LoadError, OSError) as error:
            self._problem = str(error)
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        if not self._is_worker:
            shutil.rmtree(self._folder, ignore_errors=True)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where it is, or why it is not."""
        written = " ".join(str(output) for output in (self._output, self._tests_output) if output)
        told = f"not written: {self._problem}" if self._problem else written
        terminalreporter.write_line(f"coverage of the firmware: {told}")

    def _write_sum(self) -> None:
        from emu.cache.folder import chosen_cache_folder
        from emu.trace.coverage.executed import Executed, count_seen
        from emu.trace.coverage.seen import SeenFile
        from emu.trace.coverage.source_coverage import coverage_of
        from emu.trace.coverage.source_store import SourceStore
        from emu.trace.views.gcovr import write_gcovr
        from emu.trace.views.lcov import write_lcov

        files = [SeenFile(path) for path in sorted(self._folder.glob("*.coverage"))]
        source_of = SourceStore(chosen_cache_folder(self._keeps)).source_of
        if self._output is not None:
            write = write_gcovr if self._output.suffix == ".json" else write_lcov
            executed = sum(map(count_seen, files), Executed())
            _write(self._output, write, coverage_of(executed, source_of=source_of))
        if self._tests_output is not None:
            from emu.trace.coverage.by_test import tests_by_line, write_tests

            _write(self._tests_output, write_tests, tests_by_line(files, source_of))


def _write(path: Path, write: Callable[[T, Callable[[str], object]], None], what: T) -> None:
    from emu.loader.files import write_atomically

    texts: list[str] = []
    write(what, texts.append)
    write_atomically(path, "".join(texts).encode())
