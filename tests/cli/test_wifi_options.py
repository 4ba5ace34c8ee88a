"""Networks on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.tiny_firmware import write_firmware
from machine.device import SPIN

from emu.cli.__main__ import run_command_line


@pytest.fixture
def firmware(tmp_path: Path) -> str:
    return str(write_firmware(tmp_path / "tiny.elf", SPIN))


def run(*arguments: str) -> int:
    return run_command_line(["run", "--no-cache", "--max-time", "300ms", *arguments])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--wifi", "lobby:short"), "8 to 63 characters"),
        (("--wifi", ""), "1 to 32 bytes"),
        (("--wifi", "none.toml"), "none.toml: No such file"),
        (("--wifi-pcap", "x.pcapng"), "--wifi-pcap needs --wifi"),
        (("--wifi-allow", "localhost"), "--wifi-allow needs --wifi"),
        (("--wifi-forward", "8080:80"), "--wifi-forward needs --wifi"),
        (("--wifi", "lobby", "--wifi-forward", "80"), "no port from 1 to 65535"),
        (("--wifi", "lobby", "--wifi-pcap", "/none/x.pcapng"), "/none is no folder"),
        (("--wifi", "lobby", "--wifi-allow", "no-such-host.invalid"), "has no address"),
        (("--wifi", "lobby", "--chip", "w806"), "no radio"),
    ],
)
def test_wrong_usage_is_told_in_a_line(
    firmware: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], problem: str
) -> None:
    assert run(firmware, *arguments) == 2
    told = capsys.readouterr().err
    assert problem in told
    assert "Traceback" not in told


def test_several_networks_are_in_one_air(
    firmware: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "more.toml").write_text('[access_points.attic]\npassword = "correct horse"\n')
    capture = tmp_path / "air.pcapng"
    more = ("--wifi", "lobby", "--wifi", "cellar:correct horse", "--wifi", str(tmp_path / "more.toml"))
    assert run(firmware, *more, "--wifi-pcap", str(capture)) == 42
    assert capsys.readouterr().err.count("wifi") == 0


def test_a_capture_is_written_while_nobody_listens(firmware: str, tmp_path: Path) -> None:
    assert run(firmware, "--wifi", "lobby", "--wifi-pcap", str(tmp_path / "air.pcapng")) == 42
    assert (tmp_path / "air.pcapng").read_bytes().startswith(b"\x0a\x0d\x0d\x0a")


def scenario(folder: Path, *steps: str) -> str:
    path = folder / "scenario.toml"
    path.write_text("\n".join(f"[[steps]]\n{step}" for step in steps))
    return str(path)


def test_a_scenario_has_faults_of_the_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = scenario(
        tmp_path,
        'wifi = { fail_dns = { name = "update.test" } }',
        'wait-serial = "nobody knows"',
        'wifi = { mend_dns = { name = "update.test" } }',
        'wait-serial = "init finished"',
    )
    assert run_command_line(["run", "--demo", "ota_http", "--max-time", "60s", "--scenario", steps]) == 0
    assert "DNS: update.test: NO_SUCH_NAME" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("wifi = 1", "step 1: 1 is no action such as"),
        ('wifi = "add_host"', "step 1: 'add_host' is none of switch_off, "),
        ("wifi = { set_signal = -80 }", "step 1: set_signal: -80 is no table"),
        ("wifi = { set_signal = { dbm = -80 } }", "step 1: set_signal: "),
        ("wifi = { set_signal = { signal_dbm = 80 } }", "step 1: set_signal: signal_dbm: 80 is none of"),
        ("wifi = { set_signal = { signal_dbm = 'x' } }", "step 1: set_signal: signal_dbm: x is none of"),
        ("wifi = { switch_off = { ssid = 'attic' } }", "step 1: ssid: 'attic' is none of lobby"),
    ],
)
def test_steps_that_cannot_be(
    firmware: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str, problem: str
) -> None:
    assert run(firmware, "--wifi", "lobby", "--scenario", scenario(tmp_path, step)) != 0
    told = capsys.readouterr().err
    assert problem in told
    assert "Traceback" not in told


def test_a_step_about_networks_needs_some(
    firmware: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(firmware, "--scenario", scenario(tmp_path, 'wifi = "switch_off"')) != 0
    assert "step 1: " in capsys.readouterr().err
