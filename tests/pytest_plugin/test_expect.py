"""What users of pytest-embedded and pexpect know, on the fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.plugin import plugin_options

import roms

pytest_plugins = ["pytester"]

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.img"


def result_of(pytester: pytest.Pytester, code: str) -> pytest.RunResult:
    pytester.makepyfile(code)
    return pytester.runpytest_inprocess(*plugin_options(), f"--w800-firmware={ATCMD}")


def test_patterns_are_text_bytes_compiled_or_several(pytester: pytest.Pytester) -> None:
    result_of(
        pytester,
        r"""
        import re

        def test_it(dut):
            assert dut.expect(b"ver: (\\S+) ")[1].startswith(b"1.")
            assert dut.expect([re.compile("never"), "at(cmd)"])[1] == "cmd"
            assert dut.match_index == 1 and "build at" in dut.before
            assert dut.match[0] == "atcmd"
            assert dut.expect_exact(["(nothing)", b"default"], timeout=None)[0] == b"default"
            before = dut.expect("finished", return_what_before_match=True)
            assert before.endswith("init ")
            dut.write(b"AT+QVER\r\n")
            ok, echo = dut.expect([r"\+OK", "AT"], expect_all=True, not_matching=["ERR"])
            assert (ok[0], echo[0]) == ("+OK", "AT")
            assert dut.expect_exact("1.1", 2, 0)[0] == "1.1"
        """,
    ).assert_outcomes(passed=1)


def test_what_must_not_appear_fails_the_test_at_its_line(pytester: pytest.Pytester) -> None:
    result = result_of(
        pytester,
        """
        def test_it(dut):
            dut.expect("finished", not_matching=["panic", "atcmd: set"])
        """,
    )
    result.stdout.fnmatch_lines([
        '>   *dut.expect("finished", not_matching=*',
        "E   *'atcmd: set' appeared on uart0, after 0.* s, before 'finished'",
    ])  # fmt: skip
    result.stdout.no_fnmatch_line("*uart_port.py*")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("expect('(')", "pattern: '(' is no regular expression: missing ), unterminated subpattern at position 0"),
        ("expect('a', timeout=-1)", "timeout: -1 is no number of seconds from 0 on"),
        ("expect('a', uart=6)", "uart: 6 is none of 0 to 5"),
        ("expect('a', uart=-1)", "uart: -1 is none of 0 to 5"),
        ("write('a', uart='uart1')", "uart: 'uart1' is none of 0 to 5"),
        ("expect_exact('a', not_maching='b')", "expect_exact: there is no argument not_maching; did you mean not_matching[?]"),
        ("expect('a', expect_all=True, return_what_before_match=True)", "return_what_before_match: with expect_all there is more than one match"),
        ("write(7)", "write: 7 is neither text nor bytes"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named_in_one_line(pytester: pytest.Pytester, call: str, message: str) -> None:
    result = result_of(pytester, f"def test_it(dut): dut.{call}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E   *MachineError: {message.replace('[?]', '?')}"])
    for file in ("dut.py", "uart_port.py", "expectation.py"):
        result.stdout.no_fnmatch_line(f"*{file}:*")
