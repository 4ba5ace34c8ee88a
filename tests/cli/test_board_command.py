"""`w800emu board`, and runs on a board."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from emu.cli.__main__ import run_command_line
from emu.parts import Led, table
from emu.parts.errors import PartError
from emu.parts.part import Part

PROGRAM = str(Path(__file__).parents[1] / "firmware" / "programs" / "board.elf")


def test_boards_and_parts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["board", "list"]) == 0
    assert "hlk-w806-kit    Hi-Link HLK-W806-KIT V1.2: six LEDs" in capsys.readouterr().out
    assert run_command_line(["board", "parts"]) == 0
    assert "ds18b20         Measures `celsius`" in capsys.readouterr().out
    assert run_command_line(["board", "parts", "bh1750"]) == 0
    out = capsys.readouterr().out
    assert "wires: scl, sda, bus\n" in out
    assert "lux = 100.0: the light; a number from 0 to " in out


def test_a_board_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = tmp_path / "mine.toml"
    board.write_text('[parts.one]\nkind = "led"\npin = "PB0"\n[parts.two]\nkind = "button"\npin = "PB0"\n')
    assert run_command_line(["board", "check", str(board)]) == 0
    out = capsys.readouterr().out
    assert "one          led            pin PB0" in out
    assert "PB0 is wired to one and two" in out
    board.write_text('[parts.knob]\nkind = "rotary_encoder"\na = "PB6"\nb = "PB6"\n')
    assert run_command_line(["board", "check", str(board)]) == 0
    assert "  PB6 is wired to knob (a and b)\n" in capsys.readouterr().out
    uart = 'bus = "uart1"\n'
    board.write_text(f'[parts.one]\nkind = "gps"\n{uart}[parts.two]\nkind = "modem"\n{uart}')
    assert run_command_line(["board", "check", str(board)]) == 0
    assert "  one and two are at the same uart1, and send over each other\n" in capsys.readouterr().out
    board.write_text('[parts.one]\nkind = "led"\npin = "PB99"\n')
    assert run_command_line(["board", "check", str(board)]) == 2
    assert "mine.toml, line 3: 'PB99' is no pin" in capsys.readouterr().err
    board.write_text('psram = "2M"\n[parts.pad]\nkind = "touch_pad"\npin = "PB30"\n')
    assert run_command_line(["board", "check", str(board)]) == 2
    assert "mine.toml, line 2: PB30 is no pin of the touch sensor" in capsys.readouterr().err


def test_an_address_that_two_parts_have_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    memory = 'kind = "eeprom_24c"\nbus = "i2c"\n'
    board = tmp_path / "mine.toml"
    board.write_text(f"[parts.one]\n{memory}[parts.two]\n{memory}[parts.three]\n{memory}address = 0x51\n")
    assert run_command_line(["board", "check", str(board)]) == 0
    assert "  one and two answer at the same address 0x50\n" in capsys.readouterr().out


SETS = """
from emu.parts import Part

class Sets(Part):
    "Goes by the order of a set."
    kind = "sets"
    saved_state = ("order",)

    def _power_on(self) -> None:
        self.order = "".join({letter * 3 for letter in "abcdefghijklmn"})
"""


def test_runs_on_a_board_are_compared_with_those_of_other_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "use.toml").write_text("[[steps]]\npress = 'boot'\n")
    check = ["board", "check", "--run", PROGRAM, "--time", "10ms"]
    assert run_command_line([*check, "hlk-w801-kit", "--scenario", str(tmp_path / "use.toml")]) == 0
    assert "all runs of 0.01 s came to the same state" in capsys.readouterr().out
    installed = tmp_path / "sets-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: sets\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[w800emu.parts]\nsets = sets_of_texts:Sets\n")
    (tmp_path / "sets_of_texts.py").write_text(SETS)
    (tmp_path / "mine.toml").write_text('[parts.one]\nkind = "sets"\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    table._entry_points.cache_clear()
    assert run_command_line([*check, str(tmp_path / "mine.toml")]) == 1
    table._entry_points.cache_clear()
    assert "the state of one is another one in another process" in capsys.readouterr().out


class Moody(Part):
    """Differs each time: what no part may do."""

    kind = "moody"
    saved_state = ("mood",)
    moods = itertools.count()

    def _power_on(self) -> None:
        self.mood = next(self.moods)


def test_a_part_that_is_not_deterministic_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "PARTS", (Led, Moody))
    (tmp_path / "moody.toml").write_text('[parts.fred]\nkind = "moody"\n')
    arguments = ["board", "check", str(tmp_path / "moody.toml"), "--run", PROGRAM, "--time", "10ms"]
    assert run_command_line(arguments) == 1
    assert "the state of fred is another one some time after 0 s" in capsys.readouterr().out


class _EntryPoint:
    def __init__(self, name: str, loaded: Any) -> None:
        self.name = name
        self.value = f"some_package:{name}"
        self._loaded = loaded

    def load(self) -> Any:
        if isinstance(self._loaded, Exception):
            raise self._loaded
        return self._loaded


@pytest.mark.parametrize(
    ("loaded", "why"),
    [(ImportError("no module"), "cannot be imported: no module"), (int, "is no Part with a kind")],
)
def test_parts_of_other_packages_are_known_and_bad_ones_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], loaded: Any, why: str
) -> None:
    table._entry_points.cache_clear()
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [_EntryPoint("moody", Moody)])
    assert run_command_line(["board", "parts", "moody"]) == 0
    assert "Differs each time" in capsys.readouterr().out
    table._entry_points.cache_clear()
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [_EntryPoint("bad", loaded)])
    assert run_command_line(["board", "parts"]) == 2
    assert why in capsys.readouterr().err
    table._entry_points.cache_clear()
    both = [_EntryPoint("bad", loaded), _EntryPoint("moody", Moody)]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: both)
    assert run_command_line(["board", "parts", "moody"]) == 0
    with pytest.raises(PartError, match=why):
        table.part_kind("bad")
    table._entry_points.cache_clear()


def test_a_run_has_the_parts_of_its_board(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run_command_line(
            ["run", PROGRAM, "--board", "hlk-w801-kit", "--expect", "board: ready", "--no-cache"]
        )
        == 0
    )
    assert "board: ready" in capsys.readouterr().out


OLED = """
[parts.oled]
kind = "ssd1306"
bus = "i2c"
[parts.lamp]
kind = "led"
pin = "PB0"
[parts.rom]
kind = "eeprom_24c"
bus = "i2c"
"""


def test_a_run_writes_what_a_display_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "oled.toml").write_text(OLED)
    picture = tmp_path / "out.png"
    arguments = [
        "run",
        PROGRAM,
        "--board",
        str(tmp_path / "oled.toml"),
        "--no-cache",
        "--expect",
        "board: ready",
    ]
    assert run_command_line([*arguments, "--screenshot", f"oled={picture}"]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run_command_line([*arguments, "--save-part", f"rom={tmp_path / 'rom.bin'}"]) == 0
    assert (tmp_path / "rom.bin").read_bytes() == b"\xff" * 256
    for wrong, code, why in (
        ("lcd=out.png", 2, "no part 'lcd' is attached: there are oled, lamp, rom"),
        (f"lamp={tmp_path}/lamp.png", 2, "lamp is a led, which shows no picture"),
        ("oled", 2, "NAME=FILE or NAME=FILE@TEXT is wanted"),
        ("oled=/no/such/folder/out.png", 2, "--screenshot: /no/such/folder is no folder"),
    ):
        assert run_command_line([*arguments, "--screenshot", wrong]) == code
        assert why in capsys.readouterr().err


class Broken(Part):
    """Fails at the first level that it hears of."""

    kind = "broken"
    wires = ("pin",)

    def _connect(self) -> None:
        self.place.wires["pin"].on_change(lambda is_high: self.missing)  # type: ignore[attr-defined]


def test_a_scenario_has_the_parts_used_and_a_broken_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "PARTS", (Led, Broken))
    monkeypatch.setattr("emu.machine.determinism.difference_of_processes", lambda *given: "")
    (tmp_path / "broken.toml").write_text('[parts.one]\nkind = "broken"\npin = "PB0"\n')
    use = tmp_path / "use.toml"
    use.write_text("[[steps]]\nwait-serial = 'ready'\n[[steps]]\nwrite-serial = 'lamp\\n'\nuart = 1\n")
    check = ["board", "check", str(tmp_path / "broken.toml"), "--run", PROGRAM, "--time", "150ms"]
    assert run_command_line(check) == 0
    assert run_command_line([*check, "--scenario", str(use)]) == 1
    assert "error: the part one, a broken, has failed, AttributeError" in capsys.readouterr().err
    use.write_text("[[steps]]\nexpect-pin = { PB7 = 1 }\n")
    assert run_command_line([*check, "--scenario", str(use)]) == 1
    assert "use.toml: step 1: PB7 is low, not high" in capsys.readouterr().err
    use.write_text("[[steps]]\n")
    assert run_command_line([*check, "--scenario", str(use)]) == 2
