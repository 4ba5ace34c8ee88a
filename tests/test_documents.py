"""Documents say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emu.cli.__main__ import COMMANDS
from emu.cli.exit_code import ExitCode
from emu.cli.support_table import document, support

PROJECT = Path(__file__).resolve().parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/machine.md", "docs/support.md", "docs/traces.md", *(f"docs/adr/{path.name}" for path in (PROJECT / "docs/adr").glob("*.md"))]  # fmt: skip


def test_the_support_table_is_up_to_date() -> None:
    """If not: python -m emu.cli.support_table docs/support.md"""
    assert (PROJECT / "docs/support.md").read_text(encoding="utf-8") == document()


def test_the_readme_names_the_blocks_without_a_model() -> None:
    absent = [name for found in support() if found.state == "absent" for name, _ in found.blocks]
    listed = ", ".join(f"`{name}`" for name in absent[:-1]) + f" and `{absent[-1]}`"
    assert f"All blocks of the chip but {listed} have a model." in README


def test_the_readme_begins_with_two_commands_in_one_block() -> None:
    first_block = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert first_block is not None
    assert first_block[1].splitlines() == ["python3 start.py demo", "python3 start.py test"]


def test_the_readme_names_every_command_and_exit_code() -> None:
    assert [name for name in COMMANDS if f"`w800emu {name}" not in README] == []
    assert [code for code in ExitCode if f"| {code.value} |" not in README] == []


def python_example(containing: str) -> str:
    examples: list[str] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    return next(code for code in examples if containing in code)


def test_the_api_example_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = python_example("Machine.load").replace('Machine.load("app.elf")', "Machine.load(cache=False)")
    exec(compile(example, "README.md", "exec"), {})
    output = capsys.readouterr().out
    assert "reboots at " in output
    assert "reset 2 after " in output


def test_the_examples_of_the_page_about_machines_run(capsys: pytest.CaptureFixture[str]) -> None:
    page = (PROJECT / "docs/machine.md").read_text(encoding="utf-8")
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(
            compile(example.replace("Machine.load()", "Machine.load(cache=False)"), "machine.md", "exec"), {}
        )
    assert "the address was reached" in capsys.readouterr().out


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_somewhere(document: str) -> None:
    path = PROJECT / document
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_contributing_guide_stays_short() -> None:
    assert len((PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) < 100
