"""A test fails for what its firmware should not have done, whenever that was."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.plugin import plugin_options

import roms

pytest_plugins = ["pytester"]

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
BOOT = 'dut.expect("init finished")'
CRASH = r'dut.write("AT+CRASH\r\n")'
RESET = r'dut.write("AT+Z\r\n")'


def result_of(
    pytester: pytest.Pytester, marker: str, *lines: str, options: tuple[str, ...] = ()
) -> pytest.RunResult:
    body = "\n".join(f"    {line}" for line in lines)
    pytester.makepyfile(f"import pytest\n@pytest.mark.w800({marker})\ndef test_it(dut):\n{body}")
    return pytester.runpytest_inprocess(*plugin_options(), f"--w800-firmware={ATCMD}", *options)


@pytest.mark.parametrize(
    "lines",
    [
        (BOOT, CRASH),
        (BOOT, CRASH, "dut.machine.run_for(1)"),
        (BOOT, CRASH, 'dut.expect("CPU Exception")'),
    ],
    ids=["after the test", "while it runs on", "before a text that is expected"],
)
def test_a_crash_fails_the_test_and_is_shown_whole(pytester: pytest.Pytester, lines: tuple[str, ...]) -> None:
    result = result_of(pytester, "", *lines)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        "the firmware crashed: division by zero at pc 0x* (divide_by_zero+*)*",
        "  r0 *",
        "code:",
        "(a test may allow_crash)",
        "*- whereabouts -*",
        "*- uart0 -*",
        "*init finished*",
    ])  # fmt: skip
    result.stdout.no_fnmatch_line("*Traceback*")
    assert result.stdout.str().count("code:") == 1


@pytest.mark.parametrize("marker", ["allow_crash=True", "run_on_s=0"])
def test_a_crash_may_be_allowed_or_left_unseen(pytester: pytest.Pytester, marker: str) -> None:
    result_of(pytester, marker, BOOT, CRASH).assert_outcomes(passed=1)


def test_a_crash_may_be_allowed_for_all_tests(pytester: pytest.Pytester) -> None:
    result_of(pytester, "", BOOT, CRASH, options=("--w800-allow-crash",)).assert_outcomes(passed=1)
    pytester.makeini("[pytest]\nw800_allow_crash = true\n")
    result_of(pytester, "", BOOT, CRASH).assert_outcomes(passed=1)
    result_of(pytester, "allow_crash=False", BOOT, CRASH).assert_outcomes(failed=1)


def test_a_reset_that_nobody_ordered_fails_the_test(pytester: pytest.Pytester) -> None:
    result = result_of(pytester, "", BOOT, RESET, BOOT)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the chip was reset: reset 1 after 0.* s: *", "(a test may allow_reset)"])
    result_of(pytester, "allow_reset=True", BOOT, RESET, BOOT).assert_outcomes(passed=1)


def test_resets_by_the_test_and_from_standby_are_expected(pytester: pytest.Pytester) -> None:
    lines = (BOOT, "dut.machine.reset()", BOOT, "dut.machine.power_cycle()", BOOT)
    standby = (r'dut.write("AT+ENTS=2,1\r\n")', BOOT, "dut.machine.reset()", BOOT)
    result_of(pytester, "", *lines, *standby).assert_outcomes(passed=1)


def test_a_device_without_power_does_not_run_on(pytester: pytest.Pytester) -> None:
    lines = (
        BOOT,
        "dut.machine.cut_power_at_flash_operation(1)",
        r'dut.write("AT+PMTF\r\n")',
        "dut.machine.run_for(1)",
    )
    result_of(pytester, "", *lines, "dut.machine.power_cycle()").assert_outcomes(passed=1)


def test_a_test_that_has_failed_fails_once(pytester: pytest.Pytester) -> None:
    result = result_of(pytester, "", BOOT, CRASH, "dut.machine.run_for(0.5)", "assert dut is None")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E * assert *", "*- crash -*", "division by zero at pc *", "*- uart0 -*"])


def test_what_happens_at_tear_down_is_an_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(rf"""
        import pytest

        @pytest.fixture
        def booted(dut):
            {BOOT}
            yield dut
            {CRASH}
            dut.machine.run_for(0.1)

        def test_it(booted): pass
    """)
    result = pytester.runpytest_inprocess(*plugin_options(), f"--w800-firmware={ATCMD}")
    result.assert_outcomes(passed=1, errors=1)


def test_a_failure_tells_where_the_firmware_is_and_junit_xml_tells_it_too(pytester: pytest.Pytester) -> None:
    options = "--junitxml=out.xml", "--w800-recent-branches"
    result = result_of(pytester, "", BOOT, 'dut.expect("never", timeout=0.1)', options=options)
    sections = ["*never*, at pc 0x*", "*- last branches -*", "  *->*", "*- uart0 -*", "*init finished*"]
    result.stdout.fnmatch_lines(sections)
    [failure] = ElementTree.parse(pytester.path / "out.xml").iter("failure")
    pytest.LineMatcher((failure.text or "").splitlines()).fnmatch_lines(sections)


def test_a_crash_is_in_junit_xml(pytester: pytest.Pytester) -> None:
    result_of(pytester, "", BOOT, CRASH, options=("--junitxml=out.xml",))
    [failure] = ElementTree.parse(pytester.path / "out.xml").iter("failure")
    lines = ["*division by zero at pc *", "code:", "*- uart0 -*"]
    pytest.LineMatcher((failure.text or "").splitlines()).fnmatch_lines(lines)


def test_tests_of_a_module_may_share_a_device_that_boots_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(rf"""
        import pytest

        pytestmark = pytest.mark.w800(firmware={str(ATCMD)!r}, seed=3)

        @pytest.fixture(scope="module")
        def booted(module_dut):
            module_dut.{BOOT.partition(".")[2]}
            return module_dut

        def test_first(booted):
            booted.write("AT+QVER\r\n")
            booted.expect(r"\+OK=1")

        def test_crash(booted):
            booted.write("AT+CRASH\r\n")

        @pytest.mark.w800(allow_reset=True)
        def test_last(booted):
            booted.machine.run_for(1)
            assert booted.machine.uart0.text.count("init finished") == 1
    """)
    result = pytester.runpytest_inprocess(*plugin_options())
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*_ test_crash _*", "the firmware crashed: *"])
