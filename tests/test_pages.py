"""The pages about regression tests are gone through from top to bottom, in a folder where nothing else is."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from support.pages import Block, blocks_of
from support.plugin import plugin_options
from support.stages import OTHER_PAGES, STAGES, Stage

from emu.cli.__main__ import run_command_line

pytest_plugins = ["pytester"]

PROJECT = Path(__file__).parents[1]


class Walk:
    """Carries out what a page says, in the folder of a `pytester`."""

    def __init__(self, stage: Stage, pytester: pytest.Pytester, read_output: Callable[[], str]) -> None:
        self._stage, self._pytester, self._read_output = stage, pytester, read_output
        self._used: set[str] = set()
        """Entries of the stage that the page has something of."""
        for name, path in stage.files.items():
            copy = shutil.copytree if (PROJECT / path).is_dir() else shutil.copy
            copy(PROJECT / path, self._file(name))
        for name, text in stage.texts.items():
            self._file(name).write_text(text, encoding="utf-8")

    def go(self, blocks: Iterable[Block]) -> None:
        """First write its files, then run its commands."""
        rest = [block for block in blocks if not self._is_saved(block)]
        for block in rest:
            if block.language == "" or not self._named(self._stage.left_out, block.text):
                self._carry_out(block)
        named = {*self._stage.saved, *self._stage.shorter, *self._stage.codes, *self._stage.left_out}
        assert named - self._used == set(), "the page has nothing of this any more"

    def _file(self, name: str) -> Path:
        path = self._pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _named(self, names: Iterable[str], text: str) -> str:
        """The one that the text begins with; empty: none does."""
        name = next((name for name in names if text.startswith(name)), "")
        self._used.add(name)
        return name

    def _is_saved(self, block: Block) -> bool:
        if not (name := self._named(self._stage.saved, block.text)):
            return False
        with self._file(self._stage.saved[name]).open("a", encoding="utf-8") as file:
            file.write(block.text)
        return True

    def _carry_out(self, block: Block) -> None:
        if block.language == "python":
            self._python(block.text)
            return
        if block.language == "text":  # of what was printed before
            assert words(block.text) in words(self._read_output())
            return
        assert block.commands, f"tests/support/stages.py does not say what this block is for:\n{block.text}"
        self._read_output()
        for command in block.commands:
            if not self._named(self._stage.left_out, command):
                self._run(command)
        if block.language == "console":
            assert without_ticks(block.shown) in without_ticks(self._read_output())

    def _python(self, text: str) -> None:
        if "def test_" in text:
            path = self._file("test_of_the_page.py")
            path.write_text(text, encoding="utf-8")
            self._pytest(path.name)
            path.unlink()
        else:
            exec(compile(text, "page.md", "exec"), {})

    def _run(self, command: str) -> None:
        for part in command.split(" && "):
            code = self._stage.codes.get(self._named(self._stage.codes, part), 0)
            for long, short in self._stage.shorter.items():
                if long in part:
                    self._used.add(long)
                    part = part.replace(long, short)
            self._run_program(*shlex.split(part, comments=True), code=code)

    def _run_program(self, program: str, *arguments: str, code: int) -> None:
        if program == "w800emu":
            options = ["--no-cache"] if arguments[0] == "run" else []
            assert run_command_line([*arguments, *options]) == code, arguments
        elif program == "pytest":
            self._pytest(*arguments, code=code)
        elif shutil.which(program):
            subprocess.run((program, *arguments), check=True, capture_output=True)

    def _pytest(self, *arguments: str, code: int = 0) -> None:
        result = self._pytester.runpytest_inprocess(*plugin_options(), *arguments)
        assert result.ret == code, result.stdout.str()


def words(text: str) -> str:
    return " ".join(text.split())


def without_ticks(text: str) -> str:
    return re.sub(r"\] \(\d+\)", "] (...)", text.rstrip())


@pytest.mark.parametrize("page", STAGES)
def test_a_page_does_what_it_says(
    page: str,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(pytester.path)
    walk = Walk(STAGES[page], pytester, lambda: b"".join(capsysbinary.readouterr()).decode(errors="replace"))
    walk.go(blocks_of(PROJECT / page))


@pytest.mark.parametrize("page", STAGES)
def test_what_is_left_out_is_tested_elsewhere_or_has_a_reason(page: str) -> None:
    for reason in STAGES[page].left_out.values():
        if reason.startswith("tests/"):
            path, _, name = reason.partition("::")
            assert f"\ndef {name}(" in (PROJECT / path).read_text(encoding="utf-8")


def test_no_page_with_commands_is_left_out() -> None:
    pages = [PROJECT / "README.md", *PROJECT.glob("docs/*.md"), *PROJECT.glob("examples/*/README.md")]
    with_blocks = {page.relative_to(PROJECT).as_posix() for page in pages if blocks_of(page)}
    assert with_blocks == {*STAGES, *OTHER_PAGES}
    assert [test for test in OTHER_PAGES.values() if not (PROJECT / test).exists()] == []
