"""Steps about a board, from files and options."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line
from emu.cli.screenshot import parse_screenshot
from emu.host.script_steps import load_scenario

PROJECT = Path(__file__).parents[2]
PROGRAM = str(PROJECT / "tests/firmware/programs/board.elf")
BOARD = """\
[parts.key]
kind = "button"
pin = "PB5"
[parts.oled]
kind = "ssd1306"
bus = "i2c"
[parts.light]
kind = "bh1750"
bus = "i2c"
"""
STORY = """\
wait-serial = "board: ready"
---
set = { light.lux = 5 }
---
write-serial = 'oled\\n'
uart = 1
---
wait-serial = "oled: done"
---
expect-image = { oled = "oled.png" }
---
take-screenshot = { oled = "shot.png" }
---
write-serial = 'lamp\\n'
uart = 1
---
wait-serial = "lamp: ready"
---
press = "key"
---
at = "300ms"
---
expect-pin = { PB0 = 0, PB5 = 0 }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "board.toml").write_text(BOARD)
    (tmp_path / "oled.png").write_bytes((PROJECT / "tests/parts/pictures/oled.png").read_bytes())
    return tmp_path


def run(folder: Path, *arguments: str, story: str = "") -> int:
    more = list(arguments)
    if story:
        (folder / "story.toml").write_text("[[steps]]\n" + story.replace("---", "[[steps]]"))
        more += ["--scenario", str(folder / "story.toml")]
    board = ["--board", str(folder / "board.toml"), "--max-time", "5s", "--no-cache"]
    return run_command_line(["run", PROGRAM, *board, *more])


def test_a_story_with_a_board_is_told_and_replayed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = str(folder / "story.rec")
    assert run(folder, "--record", recording, story=STORY) == 0
    assert "lamp: on" in capsys.readouterr().out
    assert (folder / "shot.png").read_bytes().startswith(b"\x89PNG")
    assert run_command_line(["replay", recording, "--no-cache"]) == 0
    assert "the state is the same" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "code", "why"),
    [
        ("PB0 = 0", "PB0 = 1", 1, "step 11: PB0 is low, not high (after 0.3"),
        ("oled.png", "menu.png", 1, "menu.png: there is no such file yet; it shows"),
        (
            'press = "key"',
            'press = "kay"',
            2,
            "step 9: no part 'kay' is attached: there are key, oled, light",
        ),
        ('press = "key"', 'press = "oled"', 2, "step 9: do: 'press' cannot be done to oled"),
        ("lux = 5", 'lux = "dim"', 2, "step 2: set: light: lux: a number from 0 to "),
        (
            'press = "key"',
            "do = { key.press = 5 }",
            2,
            "step 9: do: key.press: too many positional arguments",
        ),
        ("light.lux", "light.luxx", 2, "step 2: set: light has no quantity 'luxx': there are lux"),
        ("PB5 = 0", "PC5 = 0", 2, "step 11: 'PC5' is no pin"),
        ("PB5 = 0", "PB5 = 2", 2, "step 11: PB5: 2 is no level: 0 or 1 is wanted"),
        ("set = { light.lux = 5 }", "set = 5", 2, "step 2: 5 is no table, such as { PB0 = 1 }"),
    ],
)
def test_what_is_otherwise_is_told_with_its_step(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, code: int, why: str
) -> None:
    assert old in STORY
    assert run(folder, story=STORY.replace(old, new)) == code
    assert why in capsys.readouterr().err


def test_a_picture_is_taken_at_a_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = ["--send", r"uart1:oled\n", "--on", "board: ready", "--expect", "oled: done"]
    first, never = folder / "first.png", folder / "never.png"
    assert run(folder, *draw, "--screenshot", f"oled={first}@board: ready") == 0
    assert first.read_bytes() != (folder / "oled.png").read_bytes()
    assert run(folder, *draw, "--screenshot", f"oled={never}@nowhere") == 1
    assert f"oled={never}: 'nowhere' has not come" in capsys.readouterr().err
    assert not never.exists()


def test_a_glass_is_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "board.toml").write_text((PROJECT / "docs/gallery/glass.toml").read_text(encoding="utf-8"))
    story = 'wait-serial = "board: ready"\n---\nwrite-serial = \'glass\\n\'\nuart = 1\n---\nwait-serial = "glass: done"\n'
    blank, shown = folder / "blank.txt", folder / "shown.txt"
    screenshots = ["--screenshot", f"clock={blank}@board: ready", "--screenshot", f"clock={shown}"]
    assert run(folder, *screenshots, story=story + '---\nexpect-text = { clock = "1234" }\n') == 0
    assert (blank.read_text(), shown.read_text()) == ("    \n\n", "1234\nCOLON\n")
    assert run(folder, story=story + '---\nexpect-text = { clock = "12:34" }\n') == 1
    assert "step 4: clock shows '1234', not '12:34'" in capsys.readouterr().err
    assert run(folder, story=story + '---\nexpect-image = { clock = "a.png" }\n') == 2
    assert "step 4: clock is a segment_lcd, which shows no picture, but a text" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--screenshot", "key={}/key.png"], "key is a button, which shows no picture"),
        (["--save-part", "key={}/key.bin"], "key: a button holds nothing for a file"),
    ],
)
def test_what_cannot_be_written_at_the_end_is_told_at_the_beginning(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    assert run(folder, *(each.format(folder) for each in arguments)) == 2
    captured = capsys.readouterr()
    assert (why in captured.err, captured.out) == (True, "")


def test_without_pillow_a_screenshot_is_refused_at_the_beginning(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emu.machine.pictures.find_spec", lambda name: None)
    assert run(folder, "--screenshot", f"oled={folder / 'out.png'}") == 2
    captured = capsys.readouterr()
    assert (
        captured.err.splitlines()[-1]
        == "w800emu: error: pictures need Pillow: pip install 'w800emu[pictures]'"
    )
    assert captured.out == ""


def test_the_forms_of_a_screenshot() -> None:
    found = parse_screenshot("oled=a/b.png@uart1:/x+/")
    assert (found.part, found.path, str(found.at)) == ("oled", Path("a/b.png"), str(found.at))
    assert found.at is not None
    assert (found.at.uart, found.at.is_regex, len(found.steps)) == (1, True, 2)
    assert parse_screenshot("oled=b.png").steps == ()
    for wrong in ("oled", "oled=", "=b.png", "oled=b.png@"):
        with pytest.raises(ValueError, match="NAME=FILE or NAME=FILE@TEXT"):
            parse_screenshot(wrong)


def test_a_script_of_a_uart_has_no_board(tmp_path: Path) -> None:
    from emu.host.script_steps import load_uart_script

    (tmp_path / "uart.toml").write_text('[[steps]]\npress = "key"\n')
    assert len(load_scenario(tmp_path / "uart.toml")) == 1
    with pytest.raises(ValueError, match="step 1: 'press' is none of wait-serial"):
        load_uart_script(tmp_path / "uart.toml", 1)
