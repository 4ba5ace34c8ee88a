"""Whatever a file holds and an option says: a result, or one line that says what is wrong.

`--hypothesis-profile=thorough` tries 10,000 inputs of each kind.
"""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.csv_table import csv_of
from support.damage import damaged
from support.elf_builder import small_program
from support.forms import FORMS

import roms
from emu.cli.__main__ import run_command_line
from emu.cli.exit_code import ExitCode
from emu.loader.partition_table import OTA_LAYOUT
from emu.options import declared_options

ROMS = Path(roms.__file__).parent
FILES = {name: make() for name, make in FORMS.items()} | {
    "small.elf": small_program(),
    "classic.elf": (ROMS / "classic" / "old_w800.elf").read_bytes(),
    "atcmd.img": (ROMS / "atcmd" / "atcmd.img").read_bytes(),
    "table.csv": csv_of(OTA_LAYOUT).encode(),
    "table.bin": OTA_LAYOUT.to_bytes(),
}
BRIEFLY = ["--max-time", "1ms", "--no-cache"]
USES: list[list[str]] = [
    ["run", "FILE", *BRIEFLY],
    ["run", str(ROMS / "atcmd" / "atcmd.img"), "--bootloader", "FILE", *BRIEFLY],
    ["run", str(ROMS / "atcmd" / "atcmd.img"), "--partition-table", "FILE", *BRIEFLY],
    ["run", str(ROMS / "atcmd" / "atcmd.img"), "--elf", "FILE", *BRIEFLY],
    ["run", "--flash-file", "FILE", *BRIEFLY],
    ["run", "FILE", "--base", "0x08010400", "--bootloader", "none", *BRIEFLY],
    ["image", "FILE"],
    ["image", "build", "FILE", "-o", "out.fls"],
    ["image", "build", "FILE", "-o", "out.bin"],
    ["image", "build", "FILE", "--version", "1", "-o", "out.img"],
    ["image", "pack", "FILE", "-o", "out.img"],
    ["disasm", "FILE"],
    ["disasm", "FILE", "--base", "0x08010400"],
]
_SIGNS = st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.characters(
    min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]
)
"""What an argument can hold: bytes that are no text are the surrogates of their own range."""
ODD_TEXTS = [
    *("", " ", "0", "-1", "1", "7", "1.5", "1e9", "nan", "inf", "9" * 30, "0x", "0x1_0", "0xffffffff", "1/0"),
    *(
        "none",
        "auto",
        "stop",
        "2M",
        "8",
        "16M",
        "3M",
        "1ms",
        "9999999h",
        "flash=1",
        "flash=1,ram=1/3",
        "w806",
    ),
    *(
        "\u6210\u529f",
        "\udcff",
        "a\tb",
        "\x1b[31m",
        "%s",
        "{}",
        "=",
        ":",
        "tcp:",
        "tcp:x",
        "file:",
        "file:/",
        "stdio",
    ),
    *("/", ".", "..", "/dev/null", "/nowhere/file", "out.img", "FILE", "x" * 5000),
]
MACHINE_OPTIONS = [f"--{option.text_name}" for option in declared_options()]
OPTIONS = {
    "run": [
        *MACHINE_OPTIONS,
        *(
            "--uart1",
            "--uart5",
            "--expect",
            "--fail-on",
            "--max-time",
            "--ramdump",
            "--trace",
            "--save-flash",
            "--save-state",
            "--load-state",
        ),
        *("--fail-on-reset", "--realtime", "--stats", "--report-unmodeled", "--nonsense"),
    ],
    "image": ["--version", "--partition-table", "--flash-size", "--compression", "--upgrade-address", "-o"],
    "disasm": ["--start", "--end", "--symbol", "--elf", "--base"],
}

ANY_TIME = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("input")


def assert_answered(arguments: list[str], folder: Path) -> None:
    """The command ends with one of its exit codes, and any error is a line for the user."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", write_through=True)
    before = Path.cwd()
    os.chdir(folder)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run_command_line(arguments)
    finally:
        os.chdir(before)
    assert code in (ExitCode.SUCCESS, ExitCode.FAILURE, ExitCode.USAGE, ExitCode.TIME_UP)
    err.seek(0)
    said = err.read()
    assert "internal error" not in said, said
    assert "Traceback" not in said
    if code is ExitCode.USAGE:
        assert said.splitlines()[-1].startswith("w800emu: error: ")


@ANY_TIME
@given(name=st.sampled_from(sorted(FILES)), use=st.sampled_from(USES), seed=st.integers(0, 2**32))
def test_a_damaged_file_is_used_or_refused(folder: Path, name: str, use: list[str], seed: int) -> None:
    (folder / name).write_bytes(damaged(FILES[name], seed))
    assert_answered([name if argument == "FILE" else argument for argument in use], folder)


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A use of a file with some options of that command, whose values may be anything."""
    use = draw(st.sampled_from(USES))
    texts = st.sampled_from(ODD_TEXTS) | st.text(_SIGNS, max_size=8)
    named = draw(st.lists(st.sampled_from(OPTIONS[use[0]]), min_size=1, max_size=3))
    return use + [text for option in named for text in (option, draw(texts))]


@ANY_TIME
@given(name=st.sampled_from(sorted(FILES)), line=command_lines())
def test_any_value_of_an_option_is_taken_or_refused(folder: Path, name: str, line: list[str]) -> None:
    (folder / name).write_bytes(FILES[name])
    assert_answered([name if argument == "FILE" else argument for argument in line], folder)
