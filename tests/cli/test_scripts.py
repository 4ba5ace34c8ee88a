"""Runs that are told and asked without Python: options, a scenario file, standard input, the result as JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from emu.cli.__main__ import run_command_line
from emu.host.script_steps import load_scenario
from emu.host.text_pattern import parse_pattern, parse_sent
from emu.machine.demo import BUILT_IN_PROGRAMS

ATCMD = str(BUILT_IN_PROGRAMS[1])


def run(*arguments: str) -> int:
    return run_command_line(["run", *arguments, "--no-cache", "--max-time", "20s"])


def scenario(folder: Path, *steps: str) -> str:
    path = folder / "scenario.toml"
    path.write_text("".join(f"[[steps]]\n{step}\n" for step in steps))
    return str(path)


def test_what_is_sent_waits_for_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = tmp_path / "result.json"
    told = [
        "--send",
        r"uart1:AT+QVER\r",
        "--on",
        "init finished",
        "--send",
        r"uart1:AT\r",
        "--on",
        "uart1:+OK=",
    ]
    assert (
        run(
            ATCMD,
            *told,
            "--expect",
            r"uart1:/\+OK=1\.\d/",
            "--expect",
            r"uart1:/ERR=-\d/",
            "--json",
            str(result),
        )
        == 0
    )
    tree = json.loads(result.read_text())
    assert (tree["exit_code"], tree["missing"], tree["crash"]) == (0, [], None)
    assert tree["found"][0]["text"] == r"\+OK=1\.\d"
    assert 0 < tree["found"][0]["time_s"] <= tree["virtual_time_s"]
    assert tree["statistics"]["instructions"] > 1000
    assert all(use["count"] and use["name"] for use in tree["not_modelled"])


def test_what_does_not_come_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    assert (
        run(ATCMD, "--send", "x", "--on", "uart1:never", "--expect", "nor this", "--json", str(result)) == 42
    )
    assert "'nor this' has not appeared; the script waits for 'never'" in capsys.readouterr().err
    assert json.loads(result.read_text())["missing"] == ["nor this"]


def test_a_forbidden_expression_on_another_uart_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ATCMD, "--send", r"uart1:AT+NONSENSE\r", "--fail-on", r"uart1:/\+ERR=-?\d/") == 1
    assert r"error: /\+ERR=-?\d/ appeared on uart1 after" in capsys.readouterr().err


def test_the_end_of_a_scenario_is_the_end_of_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [
        'wait-serial = "init finished"',
        'delay = "250ms"',
        "write-serial = 'AT+QVER\\r'\nuart = 1",
        "wait-serial = '/\\+OK=[0-9.]+/'\nuart = 1",
        "power-cut = true",
        'wait-serial = "init finished"',
        "reset = true",
        'wait-serial = "init finished"',
    ]
    assert run(ATCMD, "--scenario", scenario(tmp_path, *steps)) == 0
    assert capsys.readouterr().out.count("init finished") == 3


def test_power_is_cut_at_a_flash_operation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the update of the demo, which is made again then."""
    steps = [
        'wait-serial = "example: This example succeeds"',
        "power-cut = 20",
        'wait-serial = "init finished"',
    ]
    assert run("--scenario", scenario(tmp_path, *steps)) == 0
    assert capsys.readouterr().out.count("start unxz") == 2


def test_each_uart_may_have_a_script_at_its_other_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They go on beside each other and beside that of the run, in virtual time."""
    log, commands = tmp_path / "log.toml", tmp_path / "commands.toml"
    log.write_text("[[steps]]\nwait-serial = 'init finished'\n[[steps]]\nwrite-serial = 'heard by nobody'\n")
    commands.write_text(
        "[[steps]]\ndelay = '2s'\n"
        "[[steps]]\nwrite-serial = 'AT+QVER\\r'\n"
        "[[steps]]\nwait-serial = '+OK='\n"
        "[[steps]]\nwrite-serial = 'AT+NONSENSE\\r'\n"
    )
    result = tmp_path / "result.json"
    told = ["--uart0", f"script:{log}", "--uart1", f"script:{commands}", "--uart1", "stdio"]
    assert run(ATCMD, *told, "--expect", "uart1:+ERR", "--json", str(result)) == 0
    assert re.search(r"\+OK=1[.\d]+.*\+ERR", capsys.readouterr().out, re.DOTALL)
    assert 2 < json.loads(result.read_text())["virtual_time_s"] < 2.1
    steps = scenario(tmp_path, "wait-serial = '+ERR'\nuart = 1")
    assert run(ATCMD, *told, "--scenario", steps) == 0


def test_scripts_of_uarts_do_not_end_runs_and_tell_what_they_wait_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = scenario(tmp_path, "wait-serial = 'init finished'", "wait-serial = 'never'")
    assert run(ATCMD, "--uart0", f"script:{script}", "--uart0", "none") == 42
    assert "the script waits for 'never'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("wait-serial = 'x'\nuart = 1", "step 1: uart: a script of one UART has no other"),
        ("write-serial = 'uart2:x'", "step 1: uart2: a script of one UART has no other"),
        ("reset = true", "step 1: 'reset' is none of wait-serial, write-serial, delay"),
        ("delay = 'soon'", "step 1: 'soon' is not a duration"),
    ],
)
def test_a_script_of_a_uart_is_about_that_only(
    tmp_path: Path, step: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ATCMD, "--uart1", f"script:{scenario(tmp_path, step)}") != 0
    assert f"scenario.toml: {message}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps", "scenario.toml: "),
        ("", "a scenario is a list of [[steps]]"),
        ("other = 1\n[[steps]]\nreset = true", "a scenario is a list of [[steps]]"),
        (
            "[[steps]]\nreset = true\n[[steps]]\nsleep = 1",
            "step 2: 'sleep' is none of wait-serial, write-serial",
        ),
        ("[[steps]]\ndelay = 5", "step 1: 5 is no text"),
        ("[[steps]]\ndelay = '5'", "step 1: '5' is not a duration"),
        ("[[steps]]\nreset = true\ndelay = '1s'", "step 1: it does 2 things"),
        ("[[steps]]\nwait-serial = '/(/'", "step 1: /(/ is no regular expression"),
        ("[[steps]]\nwait-serial = 'x'\nuart = 6", "step 1: uart: 6 is none of 0 to 5"),
        ("[[steps]]\npower-cut = 0", "step 1: 0 is neither true"),
        ("[[steps]]\nreset = 1", "step 1: 1: a reset is made with true"),
        ("[[steps]]\nwrite-serial = '\\q'", "\\q is none of"),
    ],
)
def test_the_step_that_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        load_scenario(path)


def test_a_scenario_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ATCMD, "--scenario", str(tmp_path / "none.toml")) == 2
    assert "none.toml: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--send", "a", "--send", "b", "--on", "c"], "2 times --send and 1 times --on"),
        (["--on", "c"], "0 times --send and 1 times --on"),
        (["--scenario", "x", "--send", "a"], "--scenario has its own steps"),
        (["--expect", ""], "an empty text is everywhere"),
        (["--expect", "uart1:"], "an empty text is everywhere"),
        (["--send", "uart1:"], "an empty text cannot be sent"),
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ATCMD, *options) == 2
    assert message in capsys.readouterr().err


def test_forms_of_texts() -> None:
    assert parse_sent(r"uart3:a\r\n\t\x1b\\") == (3, b"a\r\n\t\x1b\\")
    assert parse_sent("uart9:x") == (0, b"uart9:x")
    assert str(parse_pattern("/a+/")) == "/a+/"
    assert not parse_pattern("/").is_regex
    assert parse_pattern("a.c").is_in(b"xa.cx")
    assert not parse_pattern("a.c").is_in(b"abc")
    assert parse_pattern("/a.c/").is_in(b"abc")


def piped(text: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [
        sys.executable,
        "-m",
        "emu.cli",
        "run",
        ATCMD,
        "--no-cache",
        "--uart0",
        "none",
        "--uart1",
        "stdio",
    ]
    return subprocess.run([*command, *options], input=text, capture_output=True, timeout=60)


def test_standard_input_is_answered_and_its_end_is_that_of_the_run() -> None:
    done = piped(b"AT+QVER\r")
    assert (done.returncode, b"+OK=1.1.0" in done.stdout) == (0, True)


def test_what_has_not_come_by_then_is_told() -> None:
    done = piped(b"AT+QVER\r", "--expect", "uart1:never", "--quiet-end", "300ms")
    assert done.returncode == 1
    assert b"error: standard input has ended after" in done.stderr
    assert b"'never' has not appeared" in done.stderr


def test_nothing_at_standard_input_does_not_end_runs() -> None:
    command = [
        sys.executable,
        "-m",
        "emu.cli",
        "run",
        ATCMD,
        "--no-cache",
        "--uart1",
        "stdio",
        "--max-time",
        "3s",
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.returncode == 42
