"""Names from files can hold anything; what reaches the terminal cannot control it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cli.tiny_firmware import HANDLER, MAIN, VECTORS
from cpu.program import code, op
from machine.device import SPIN, set_register
from support.elf_builder import BuiltSection, BuiltSymbol, build_elf

from emu.cli.__main__ import run_command_line
from emu.loader.headers import app_image
from emu.loader.partition_table import OTA_LAYOUT, PartitionTable

HOSTILE = "\x1b[2J\x07\u202e\x9b\n\rx"
SHOWN = r"\x1b[2J\x07\u202e\x9b\n\rx"


def write_elf(path: Path, program: bytes) -> str:
    vectors = MAIN.to_bytes(4, "little") + HANDLER.to_bytes(4, "little") * 63
    text = (vectors + program).ljust(HANDLER - VECTORS, b"\0") + SPIN
    symbols = [
        BuiltSymbol(f"main{HOSTILE}", MAIN, HANDLER - MAIN, kind=2),
        BuiltSymbol(f"handler{HOSTILE}", HANDLER, 2, kind=2),
    ]
    path.write_bytes(build_elf([BuiltSection(".text", VECTORS, text)], symbols, entry=MAIN))
    return str(path)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """All that a command prints; its lines hold nothing that a terminal acts on."""
    run_command_line(arguments)
    captured = capsys.readouterr()
    text = captured.out + captured.err
    assert [line for line in text.split("\n") if not line.isprintable()] == []
    return text


@pytest.mark.parametrize(
    "program",
    [
        code(op("wait"), SPIN),
        op("bkpt"),
        code(set_register(1, 0xE000_0000), op("ld.w", rz=1, rx=1, offset=0)),
    ],
)
def test_symbols_in_reports_of_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], program: bytes
) -> None:
    elf = write_elf(tmp_path / "app.elf", program)
    options = ["--no-cache", "--max-time", "1s", "--report-unmodeled"]
    assert f"main{SHOWN}" in shown(capsys, "run", elf, *options)


def test_symbols_in_traces_and_listings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elf = write_elf(tmp_path / "app.elf", code(op("wait"), SPIN))
    assert f"<main{SHOWN}>" in shown(capsys, "disasm", elf)
    trace = tmp_path / "trace.txt"
    shown(
        capsys, "run", elf, "--no-cache", "--max-time", "1s", "--trace", str(trace), "--trace-format", "text"
    )
    lines = trace.read_text().split("\n")
    assert all(line.isprintable() for line in lines)
    assert any(f"main{SHOWN}" in line for line in lines)


def test_versions_partitions_and_origins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = app_image("app.img", 0x0800_F400, b"instructions", OTA_LAYOUT)
    header = replace(app.header, version_field=b"\x1b[2J1.0".ljust(16, b"\0")).sealed()
    image = tmp_path / "app.img"
    image.write_bytes(replace(app, header=header).to_bytes())
    assert r"\x1b[2J1.0" in shown(capsys, "image", str(image))
    nvs = OTA_LAYOUT.require("nvs")
    others = tuple(entry for entry in OTA_LAYOUT.partitions if entry is not nvs)
    table = tmp_path / "table.bin"
    table.write_bytes(PartitionTable((*others, replace(nvs, name="n\x1b[0m"))).to_bytes())
    assert r"n\x1b[0m" in shown(capsys, "image", str(table))


@pytest.mark.skipif(sys.platform == "win32", reason="file names there cannot hold such signs")
@pytest.mark.parametrize("command", ["run", "image", "disasm"])
def test_names_of_files_good_and_bad(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    name = HOSTILE.replace("\n", "").replace("\r", "")
    damaged = tmp_path / f"{name}.elf"
    damaged.write_bytes(b"\x7fELF damaged")
    assert r"\x1b[2J\x07\u202e\x9bx.elf" in shown(capsys, command, str(damaged))
    shown(capsys, command, str(tmp_path / f"no{name}"))
    good = write_elf(tmp_path / f"good{name}.elf", code(op("wait"), SPIN))
    shown(capsys, command, good, *(["--max-time", "1s", "--no-cache"] if command == "run" else []))


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--chip", HOSTILE],
        ["run", "--uart0", HOSTILE],
        ["run", "--max-time", HOSTILE],
        ["disasm", "x", "--start", HOSTILE],
        ["isa", HOSTILE],
        [HOSTILE],
        ["run", f"--{HOSTILE}"],
    ],
)
def test_arguments_in_messages(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert "w800emu: error: " in shown(capsys, *arguments)
