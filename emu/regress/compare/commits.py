"""Builds of the commits of a git repository, each in a work tree of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from emu.loader import LoadError


def commits(repository: Path, revisions: str) -> list[str]:
    """Those of `A..B` from the oldest on, A included; LoadError if git does not know them."""
    first, dots, last = revisions.partition("..")
    if not dots or not first or not last:
        raise LoadError(f"{revisions!r} is no range of commits such as v1.0..main")
    head = _git(repository, "rev-parse", "--verify", f"{first}^{{commit}}").strip()
    between = _git(repository, "rev-list", "--reverse", "--first-parent", f"{first}..{last}").split()
    return [head, *between]


@contextmanager
def built(repository: Path, commit: str, command: str, image: Path) -> Iterator[Path]:
    """The image that a command makes of a commit; LoadError if it makes none."""
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _git(repository, "worktree", "add", "--detach", "--quiet", str(tree), commit)
        try:
            done = subprocess.run(command, shell=True, cwd=tree, capture_output=True, text=True, check=False)
            if done.returncode:
                last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
                raise LoadError(f"{commit[:12]}: `{command}` fails with {done.returncode}: {last}")
            if not (tree / image).exists():
                raise LoadError(f"{commit[:12]}: `{command}` has not made {image}")
            yield tree / image
        finally:
            _git(repository, "worktree", "remove", "--force", str(tree))


def subject(repository: Path, commit: str) -> str:
    """Hash and subject of a commit."""
    return _git(repository, "log", "-1", "--format=%h %s", commit).strip()


def _git(repository: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise LoadError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        raise LoadError(f"git {arguments[0]}: {(done.stderr.strip() or 'fails').splitlines()[-1]}")
    return done.stdout
