"""A test fails for rules of the flash that its firmware breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.plugin import plugin_options

pytest_plugins = ["pytester"]

PROGRAM = Path(__file__).resolve().parent.parent / "regress" / "programs" / "flash_rules.elf"


def result_of(pytester: pytest.Pytester, marker: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(f"""
        import pytest

        @pytest.mark.w800({marker})
        def test_it(dut):
            dut.machine.run_until_address("finished", 5)
    """)
    return pytester.runpytest_inprocess(*plugin_options(), f"--w800-firmware={PROGRAM}", *options)


def test_a_broken_rule_fails_the_test(pytester: pytest.Pytester) -> None:
    result = result_of(pytester, "")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["flash 0x1e0000 in partition user: *bits_stay_0*", "(a test may allow_flash_violation)"]
    )


@pytest.mark.parametrize("marker", ["allow_flash_violation=True", "flash_rules='off'"])
def test_it_may_be_allowed_or_not_looked_for(pytester: pytest.Pytester, marker: str) -> None:
    result_of(pytester, marker).assert_outcomes(passed=1)


def test_it_may_be_allowed_for_all_tests(pytester: pytest.Pytester) -> None:
    result_of(pytester, "", "--w800-flash-rules=off").assert_outcomes(passed=1)
    result_of(pytester, "", "--w800-allow-flash-violation").assert_outcomes(passed=1)
