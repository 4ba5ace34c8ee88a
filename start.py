"""Sets everything up in a virtual environment of its own and runs it: `python3 start.py demo`.

Uses the standard library only, so that a machine with nothing but Python 3.11 can start here.
"""

# ruff: noqa: T201 - a script talks to its user

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import signal
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

EXTRA = {"demo": "test", "test": "test", "setup": "dev"}
"""What to install besides the project: the demo and the tests share one installation."""

USAGE = """usage: python3 start.py VERB [ARGUMENTS]

  demo    run the built-in firmware (arguments go to `w800emu run`)
  test    run all tests (arguments go to pytest)
  setup   only install, with the tools for development

The first use makes the virtual environment .venv and installs the project into it."""


class SetupError(Exception):
    """The environment could not be made; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Run one verb; the exit code is that of the program it starts."""
    verb = arguments[0] if arguments else ""
    if verb not in EXTRA:
        print(USAGE)
        return 0 if verb in ("-h", "--help") else 2
    try:
        set_up(EXTRA[verb])
    except SetupError as error:
        print(f"start.py: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if verb == "setup":
        return 0
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is the program's to handle
    if verb == "demo":
        return subprocess.call([PYTHON, "-m", "emu.cli", "run", *arguments[1:]])
    # pytest looks for its settings where the arguments lead to; those of an option like --sdk lead elsewhere.
    pytest = ["-m", "pytest", "-c", "pyproject.toml", "-n", "auto"]
    return subprocess.call([PYTHON, *pytest, *arguments[1:]], cwd=PROJECT)


def set_up(extra: str) -> None:
    """Make `.venv` and install the project with `extra`, unless that was done for this pyproject.toml."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python meets this file first
        raise SetupError(f"Python 3.11 or newer is needed; {sys.executable} is {platform.python_version()}")
    marker = ENVIRONMENT / f"installed-{extra}"
    installed = hashlib.sha256((PROJECT / "pyproject.toml").read_bytes() + bytes(PROJECT)).hexdigest()
    if PYTHON.is_file() and marker.is_file() and marker.read_text() == installed:
        return
    print("Setting up .venv (the first time this takes a minute and needs the network) ...", file=sys.stderr)
    if not any(ENVIRONMENT.glob("installed-*")):
        make_environment()
    install("--editable", f"{PROJECT}[{extra}]")
    marker.write_text(installed)


def make_environment() -> None:
    """Create `.venv` with pip in it."""
    if importlib.util.find_spec("ensurepip") is None:  # Debian and Ubuntu have it in a package of its own
        raise SetupError("this Python cannot make virtual environments: install the package python3-venv")
    venv.create(ENVIRONMENT, clear=True, with_pip=True, symlinks=os.name != "nt")


def install(*what: str) -> None:
    """Install into `.venv`; pip itself prints why it cannot."""
    options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([PYTHON, *options, *what]) != 0:
        raise SetupError("pip could not install what is needed; its message is above")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
