"""The first bad one of many builds is found with few runs; commits are built for it."""

from __future__ import annotations

import math
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from emu.cli.__main__ import run_command_line
from emu.machine import MachineError
from emu.regress.compare.bisect import first_bad

PROGRAMS = Path(__file__).resolve().parent / "programs"
OPTIONS = ["--expect", "ready\r\n"]


@given(count=some.integers(2, 500), data=some.data())
def test_the_first_bad_one_is_found_with_few_judgements(count: int, data: some.DataObject) -> None:
    bad = data.draw(some.integers(1, count - 1))
    judged: list[int] = []
    found, reason = first_bad(
        range(count), lambda each: "bad" * (each >= bad), lambda each, _: judged.append(each)
    )
    assert (found, reason) == (bad, "bad")
    assert len(judged) <= 2 + math.log2(count)


def test_what_cannot_be_bisected_is_told() -> None:
    with pytest.raises(MachineError, match="needs at least two builds"):
        first_bad([1], lambda each: "bad")
    with pytest.raises(MachineError, match="the last build is as good as the first one"):
        first_bad([1, 2], lambda each: "")


def test_images_are_bisected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = tmp_path / "limits.txt"
    limits.write_text("size ignore\nmilestone ignore\n")
    images = [str(PROGRAMS / f"{name}.elf") for name in ("builds", "moved", "builds", "deeper", "deeper")]
    assert run_command_line(["bisect", *images, *OPTIONS, "--limits", str(limits)]) == 0
    assert (
        capsys.readouterr().out.splitlines()[-1].startswith(f"the first bad one is {images[3]}: stack worker")
    )


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Five commits whose builds are images that lie there; the fourth brings the other message."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    for number, name in enumerate(("builds", "moved", "builds", "other_message", "other_message")):
        shutil.copy(PROGRAMS / f"{name}.elf", folder / "source.elf")
        (folder / "number").write_text(str(number))
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"Change {number}")
    return folder


def test_commits_are_built_and_bisected(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = repository.parent / "limits.txt"
    limits.write_text("size ignore\n")
    first = git(repository, "rev-list", "--max-parents=0", "HEAD")
    build = ["--git", f"{first}..HEAD", "--build", "cp source.elf app.elf", "--image", "app.elf"]
    arguments = ["bisect", *build, "--repository", str(repository), *OPTIONS, "--limits", str(limits)]
    assert run_command_line(arguments) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert " Change 3: uart uart0: " in last
    assert git(repository, "worktree", "list").count("\n") == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--git", "main", "--build", "true", "--image", "a"], "'main' is no range of commits"),
        (["--git", "a..b"], "--git needs --build"),
        (["--git", "nowhere..HEAD", "--build", "true", "--image", "a"], "git rev-parse: "),
        (["--git", "HEAD..HEAD", "--build", "false", "--image", "a"], "`false` fails with 1"),
        (["--git", "HEAD..HEAD", "--build", "true", "--image", "a"], "has not made a"),
    ],
)
def test_wrong_commits_and_builds_are_told_in_a_line(
    repository: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["bisect", *options, "--repository", str(repository), *OPTIONS]) == 2
    assert message in capsys.readouterr().err
    assert git(repository, "worktree", "list").count("\n") == 0
