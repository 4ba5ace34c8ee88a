"""Options of the device come from marker, command line and ini file, and wrong ones are refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.plugin import plugin_options

import roms
from emu.options import declared_options

pytest_plugins = ["pytester"]

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.img"


def result_of(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(f"import pytest\n{code}")
    return pytester.runpytest_inprocess(*plugin_options(), "--strict-markers", *options)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("'a.fls', 'W806'", "the marker w800 takes one firmware, not 'a.fls', 'W806'"),
        ("'a.fls', firmware='b.fls'", "the marker w800 takes one firmware, not 'a.fls', 'b.fls'"),
        ("firmwre='a.fls'", "the marker w800 has no argument firmwre; did you mean firmware[?]"),
        ("allow_resets=True", "the marker w800 has no argument allow_resets; did you mean allow_reset[?]"),
        ("timeout=5", "the marker w800 has no argument timeout; *"),
        ("firmware=5", "the marker w800: firmware: 5 is no file name"),
        ("allow_crash='no'", "the marker w800: allow_crash: 'no' is neither True nor False"),
        ("run_on_s=-1", "the marker w800: run_on_s: -1 is no number of seconds from 0 on"),
        ("engine='qemu'", "the marker w800: engine: 'qemu' is none of translator, interpreter"),
        ("seed='7'", "the marker w800: seed: '7' is none of int"),
    ],
)
def test_a_wrong_marker_is_refused_before_any_test(
    pytester: pytest.Pytester, marker: str, message: str
) -> None:
    result = result_of(pytester, f"@pytest.mark.w800({marker})\ndef test_it(dut): pass")
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *.py::test_it: {message.replace('[?]', '?')}"])


def test_a_marker_without_the_fixture_is_refused(pytester: pytest.Pytester) -> None:
    result = result_of(pytester, "@pytest.mark.w800('a.fls')\ndef test_it(): pass")
    result.stderr.fnmatch_lines(
        ["ERROR: *test_it: the marker w800 is for tests with the fixture dut, booted_dut or module_dut"]
    )


def test_a_test_cannot_choose_the_firmware_of_its_module(pytester: pytest.Pytester) -> None:
    result = result_of(pytester, "@pytest.mark.w800('a.fls')\ndef test_it(module_dut): pass")
    result.stderr.fnmatch_lines(
        ["ERROR: *test_it: the marker w800 of a test cannot say firmware for module_dut: *"]
    )


def test_a_marker_of_a_module_is_for_those_of_its_tests_that_have_the_fixture(
    pytester: pytest.Pytester,
) -> None:
    result_of(pytester, "pytestmark = pytest.mark.w800('a.fls')\ndef test_it(): pass").assert_outcomes(
        passed=1
    )


def test_a_test_adds_to_the_marker_of_its_class(pytester: pytest.Pytester) -> None:
    code = f"""
@pytest.mark.w800({str(ATCMD)!r}, seed=1, chip="W801")
class TestIt:
    @pytest.mark.w800(chip="W800")
    def test_it(self, dut):
        assert "W800" in dut.machine.setup[-1]
        dut.expect("atcmd init")
"""
    result_of(pytester, code).assert_outcomes(passed=1)


IS_CHOSEN = """
def test_it(dut):
    assert "W801" in dut.machine.setup[-1], dut.machine.setup
    assert dut.machine.board.core.engine.flow is not None
"""


def test_options_of_the_machine_are_options_of_pytest(pytester: pytest.Pytester) -> None:
    options = "--w800-chip=W801", "--w800-recent-branches", "--w800-no-cache", f"--w800-firmware={ATCMD}"
    result_of(pytester, IS_CHOSEN, *options).assert_outcomes(passed=1)


def test_options_of_the_machine_are_ini_values(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("more.elf").write_bytes(ATCMD.with_suffix(".elf").read_bytes())
    values = (
        "w800_chip = W801",
        "w800_recent_branches = true",
        "w800_flash_size = 4M",
        "w800_elf =\n    more.elf",
    )
    pytester.makeini("\n".join(["[pytest]", f"w800_firmware = {ATCMD}", *values]))
    more = (
        '    assert len(dut.machine.flash.contents) == 4 << 20\n    dut.machine.symbols["divide_by_zero"]\n'
    )
    result_of(pytester, IS_CHOSEN + more).assert_outcomes(passed=1)


def test_devices_of_a_session_share_their_translations(pytester: pytest.Pytester) -> None:
    engines = "[dut.machine.board.core.engine for dut in (dut, module_dut)]"
    test = f"def test_it(dut, module_dut):\n    one, two = {engines}\n    assert one._store is two._store"
    result = result_of(pytester, f"{test} is not None\n", f"--w800-firmware={ATCMD}")
    result.assert_outcomes(passed=1)


def test_every_option_of_the_machine_has_its_place(pytester: pytest.Pytester) -> None:
    shown = result_of(pytester, "", "--help").stdout.str()
    missing = [
        option.name
        for option in declared_options()
        if f"--w800-{option.text_name}" not in shown
        or f"w800_{option.text_name.replace('-', '_')} (" not in shown
    ]
    assert not missing


@pytest.mark.parametrize(
    ("option", "ini", "message"),
    [
        ("--w800-flash-size=3x", "", "--w800-flash-size: '3x' is not a size such as *"),
        ("--w800-engine=qemu", "", "--w800-engine: engine: 'qemu' is none of translator, interpreter"),
        ("--w800-run-on=soon", "", "--w800-run-on: 'soon' is no number of seconds from 0 on"),
        ("", "w800_crash_grace = 5", "w800_crash_grace: '5' is not a duration such as *"),
    ],
)
def test_a_wrong_value_is_refused_before_any_test(
    pytester: pytest.Pytester, option: str, ini: str, message: str
) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    result = result_of(pytester, "def test_it(): pass", *([option] if option else []))
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


@pytest.mark.parametrize(
    ("marker", "message"), [("'nowhere.fls'", "*nowhere.fls*"), ("chip='W999'", "*W999*")]
)
def test_a_device_that_cannot_be_made_is_told_in_one_line(
    pytester: pytest.Pytester, marker: str, message: str
) -> None:
    result = result_of(pytester, f"@pytest.mark.w800({marker})\ndef test_it(dut): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"the device cannot be made: {message}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*.py:*Error*")
