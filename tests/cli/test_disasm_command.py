from __future__ import annotations

from pathlib import Path

import pytest
from support.elf_builder import BuiltSection, BuiltSymbol, build_elf

import roms
from emu.cli.__main__ import run_command_line
from emu.loader.headers import app_image
from emu.loader.partition_table import OTA_LAYOUT

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
CODE = bytes.fromhex("0730 00ea 3412 3c78")  # movi r0, 7 in 16 bits; movi r0, 0x1234 in 32; rts
LISTING = [
    " 800f400:  3007       movi r0, 7",
    " 800f402:  ea00 1234  movi r0, 4660",
    " 800f406:  783c       rts",
]


@pytest.fixture
def app(tmp_path: Path) -> str:
    path = tmp_path / "app.img"
    path.write_bytes(app_image("app", 0x0800_F400, CODE, OTA_LAYOUT).to_bytes())
    return str(path)


def lines_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert run_command_line(["disasm", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_whole_app_is_listed_at_its_run_address(app: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lines_of(capsys, app) == LISTING


def test_a_range_is_listed(app: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lines_of(capsys, app, "--start", "0x800f402", "--end", "0x800f406") == LISTING[1:2]


def test_an_end_before_the_start_is_told(app: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["disasm", app, "--start", "0x800f402", "--end", "0x800f402"]) == 2
    assert "--end 0x0800f402 is not behind the first address, 0x0800f402" in capsys.readouterr().err


def test_a_function_is_listed_with_names(capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(capsys, str(ATCMD), "--symbol", "reset_handler")
    assert lines[1].endswith(" <reset_handler>:")
    assert any("bsr 0x" in line and "// system_start" in line for line in lines)


def test_names_may_come_from_another_file(capsys: pytest.CaptureFixture[str]) -> None:
    image = str(ATCMD.with_suffix(".img"))
    assert lines_of(capsys, image, "--elf", str(ATCMD)) == lines_of(capsys, str(ATCMD))


def test_bare_code_is_listed_at_the_address_it_is_said_to_lie(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "code.bin"
    path.write_bytes(CODE)
    assert lines_of(capsys, str(path), "--raw-base", "0x0800f400") == LISTING


def test_a_function_in_ram_is_listed_where_it_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.elf"
    sections = [BuiltSection(".text", 0x0800_F400, CODE), BuiltSection(".data", 0x2000_0100, CODE)]
    path.write_bytes(build_elf(sections, [BuiltSymbol("in_ram", 0x2000_0102, 6, 2, section=2)]))
    lines = lines_of(capsys, str(path), "--symbol", "in_ram")
    assert lines == [
        "",
        "20000102 <in_ram>:",
        "20000102:  ea00 1234  movi r0, 4660",
        "20000106:  783c       rts",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--raw-base", "0x101"], "--base 0x101: must be even"),
        (["--raw-base", "0xfffffff0"], "the file end below 2^32"),
        (["--symbol", "reset_handlr"], "no symbol is called reset_handlr: did you mean reset_handler"),
        (["--start", "0x20000000"], "has nothing at 0x20000000"),
        (["--start", "main"], "'main' is not a 32-bit address"),
    ],
)
def test_what_is_not_there_is_named(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["disasm", str(ATCMD), *options]) == 2
    assert message in capsys.readouterr().err


def test_host_code_is_listed_below_the_instructions(app: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(capsys, app, "--host")
    assert lines[:7] == [
        LISTING[0],
        "            region 0x0800f400",
        "            +0000  d1000fde  sub x30, x30, #3",  # three instructions
        "            +0004  528000e0  mov w0, #7",
        LISTING[1],
        "            +0008  52824680  mov w0, #0x1234",
        LISTING[2],
    ]
    assert lines[-1].endswith("  br x16")


@pytest.mark.parametrize("symbol", ["memcpy", "reset_handler"])
def test_every_word_of_a_region_is_listed_once(symbol: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(capsys, str(ATCMD), "--symbol", symbol, "--host")
    places = [int(line[13:17], 16) for line in lines if line.startswith("            +")]
    regions = sum(line.startswith("behind") for line in lines)
    assert sorted(places)[:regions] == [0] * regions
    if regions == 1:
        assert places == list(range(0, 4 * len(places), 4))


def test_branches_name_the_block_they_lead_to(capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(capsys, str(ATCMD), "--symbol", "memcpy", "--host")
    named = {int(line.split("// ")[1], 16) for line in lines if line[12:13] == "+" and "//" in line}
    listed = {int(line[:8], 16) for line in lines if line[8:9] == ":"}
    assert named
    assert named <= listed


def test_what_is_not_translated_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "code.bin"
    path.write_bytes(bytes.fromhex("0730 0000 3c78"))  # movi r0, 7; bkpt; rts
    lines = lines_of(capsys, str(path), "--base", "0x0800f400", "--host")
    at = next(number for number, line in enumerate(lines) if "bkpt" in line)
    assert "            left to the interpreter" in lines[at + 1 : at + 3]


def test_host_code_where_nothing_lies_is_refused(app: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["disasm", app, "--host", "--start", "0x0"]) == 2
    assert capsys.readouterr().err.endswith("has nothing at 0x00000000\n")
