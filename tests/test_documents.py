"""Documents say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emu.cli.__main__ import COMMANDS
from emu.cli.exit_code import ExitCode
from emu.cli.support_table import BEGIN, with_table

PROJECT = Path(__file__).resolve().parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *(f"docs/adr/{path.name}" for path in (PROJECT / "docs/adr").glob("*.md"))]  # fmt: skip


def test_the_support_table_is_up_to_date() -> None:
    """If not: python -m emu.cli.support_table README.md"""
    assert BEGIN in README
    assert with_table(README) == README


def test_the_readme_begins_with_two_commands_in_one_block() -> None:
    first_block = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert first_block is not None
    assert first_block[1].splitlines() == ["python3 start.py demo", "python3 start.py test"]


def test_the_readme_names_every_command_and_exit_code() -> None:
    assert [name for name in COMMANDS if f"`w800emu {name}" not in README] == []
    assert [code for code in ExitCode if f"| {code.value} |" not in README] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_somewhere(document: str) -> None:
    path = PROJECT / document
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_contributing_guide_stays_short() -> None:
    assert len((PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) < 100
