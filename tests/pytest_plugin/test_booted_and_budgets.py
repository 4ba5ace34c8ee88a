"""Devices that have booted once for all tests, budgets, seeds, and power cuts of a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.plugin import plugin_options

import roms

pytest_plugins = ["pytester"]

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"
OPTIONS = (*plugin_options(), f"--w800-firmware={ATCMD}", "--w800-booted=init finished")


def test_all_tests_share_one_boot_and_nothing_else(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(r"""
        boots = []

        def test_one(booted_dut):
            boots.append(booted_dut.machine.now_ns)
            booted_dut.write('AT+SSID="one"\r\n')
            booted_dut.expect(r"\+OK")

        def test_two(booted_dut):
            boots.append(booted_dut.machine.now_ns)
            assert boots[0] == boots[1] > 0
            assert "one" not in booted_dut.machine.uart0.text
            booted_dut.write("AT+SSID\r\n")
            assert booted_dut.expect(r"\+OK=(.*)\r\n")[1] != '"one"'

        def test_three(booted_dut):
            booted_dut.machine.write("lines", b"x")  # its own RAM

        def test_four(booted_dut):
            assert booted_dut.machine.read("lines", 1) != b"x"
    """)
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=4)


def test_it_works_with_several_processes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(r"""
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it(booted_dut, number):
            booted_dut.write("AT+QVER\r\n")
            booted_dut.expect(r"\+OK=1.1.0")
    """)
    pytester.runpytest_subprocess("-n", "2", *OPTIONS).assert_outcomes(passed=6)


def test_without_the_text_it_is_told_what_to_say(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(booted_dut): pass")
    result = pytester.runpytest_inprocess(*OPTIONS[:-1])
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the device cannot be made: booted_dut: say w800(booted=TEXT)*"])
    result = pytester.runpytest_inprocess(*OPTIONS[:-1], "--w800-booted=never comes")
    result.stdout.fnmatch_lines(["*the device cannot be made: *never comes*"])


def test_budgets_are_assertions(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(r"""
        import pytest
        from emu import MachineError

        def test_it(booted_dut):
            with booted_dut.spent("settings_store_wifi") as spent:
                booted_dut.write('AT+SSID="net"\r\n')
                booted_dut.expect(r"\+OK")
            assert 0 < spent.time_s < 0.1
            assert spent.instructions > 1000
            assert (spent.flash_erases, spent.flash_programs) == (0, 2)
            [count] = spent.calls["settings_store_wifi"]
            assert 1000 < count < spent.instructions
            assert spent.unmodelled == []
            assert 0.07 < booted_dut.boot_time_s < 0.2
            assert 100 < booted_dut.stack_use("main_stack") < 1024
            assert 100 < booted_dut.stack_use("stack") < 1024  # of the AT interpreter
            with pytest.raises(MachineError, match="heap_left: there is no heap"):
                booted_dut.heap_left()

        def test_again(booted_dut):
            with booted_dut.spent("settings_store_wifi") as spent:
                booted_dut.machine.run_for(0.05)
            assert spent.calls == {"settings_store_wifi": []}
            assert abs(spent.time_s - 0.05) < 0.002
    """)
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=2)


def test_the_flash_is_there_by_partition(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(r"""
        import pytest
        from emu import MachineError

        def test_it(booted_dut, dut_flash):
            assert {"nvs", "user"} <= set(dut_flash.partitions)
            nvs, before = dut_flash["nvs"], dut_flash.contents
            booted_dut.write('AT+SSID="net"\r\n')
            booted_dut.expect(r"\+OK")
            assert b'net' in nvs.contents
            assert (nvs.erases, nvs.programs, nvs.wear) == (0, 2, 0)
            assert (dut_flash.programs, dut_flash["user"].programs) == (2, 0)
            assert dut_flash.contents != before
            dut_flash["user"].put(b"mine", at=16)
            assert dut_flash["user"].contents[16:20] == b"mine"
            with pytest.raises(ValueError, match="do not fit"):
                nvs.put(b"x", at=nvs.size_bytes)
            with pytest.raises(MachineError, match="no partition 'nvz'; did you mean nvs"):
                dut_flash["nvz"]

        def test_of_a_device_that_is_asked_for_by_nobody_else(dut_flash):
            assert dut_flash.erases == dut_flash.wear == 0
    """)
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=2)


def test_a_network_is_there_for_those_who_ask_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        from emu.network import AccessPoint, Network

        def test_it(dut, dut_network):
            assert dut.machine.has_wifi
            assert [ap.ssid for ap in dut_network.access_points] == ["w800emu"]

        def test_other(dut):
            assert not dut.machine.has_wifi

        class TestOfOurOwn:
            @pytest.fixture
            def dut_network(self):
                return Network(AccessPoint("lobby"))

            @pytest.mark.parametrize("number", range(2))
            def test_it(self, booted_dut, dut_network, number):
                assert booted_dut.machine.has_wifi
                assert dut_network.access_points[0].ssid == "lobby"
    """)
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=4)


def test_stacks_of_tasks(pytester: pytest.Pytester) -> None:
    program = Path(__file__).resolve().parents[1] / "firmware" / "programs" / "tasks.elf"
    pytester.makepyfile("""
        import pytest
        from emu import MachineError

        @pytest.mark.w800(allow_crash=True)
        def test_it(dut):
            dut.machine.run_for(0.2)
            assert 0 < dut.stack_use("idle") <= 512
            with pytest.raises(MachineError, match="'nobody' is none of .*idle"):
                dut.stack_use("nobody")
    """)
    options = (*plugin_options(), f"--w800-firmware={program}")
    pytester.runpytest_inprocess(*options).assert_outcomes(passed=1)


def test_tests_can_be_repeated_with_other_seeds(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(r"""
        seen = set()

        def test_it(booted_dut, request):
            booted_dut.write("AT+QRAND\r\n")
            seen.add(booted_dut.expect(r"\+OK=(.*)\r\n")[1])

        def test_other():
            assert len(seen) == 3
    """)
    result = pytester.runpytest_inprocess(*OPTIONS, "--w800-repeat-seeds=3", "-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*test_it[[]seed2[]] PASSED*"])


@pytest.mark.parametrize("count", ["0", "-2", "many"])
def test_a_number_of_seeds_is_one(pytester: pytest.Pytester, count: str) -> None:
    result = pytester.runpytest_inprocess(*OPTIONS, f"--w800-repeat-seeds={count}")
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*argument --w800-repeat-seeds: '{count}' is no number of seeds"])


POWER_CUTS = r"""
    import pytest

    def check(dut):
        dut.expect("init finished")
        {more}

    @pytest.mark.power_cuts(check=check{arguments})
    def test_it(dut):
        dut.expect("init finished")
        dut.write('AT+SSID="net"\r\n')
        dut.expect(r"\+OK")
"""


def test_a_test_is_cut_at_each_of_its_flash_operations(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(POWER_CUTS.format(more="", arguments=", torn=['bits']"))
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=1)


def test_a_device_that_does_not_come_back_fails_it(pytester: pytest.Pytester) -> None:
    more = r"""dut.write("AT+SSID\r\n"); assert dut.expect(r"\+OK=(.*)\r\n")[1] == '"net"', "no net" """
    pytester.makepyfile(POWER_CUTS.format(more=more, arguments=", torn=[]"))
    result = pytester.runpytest_inprocess(*OPTIONS)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*flash operations, *cuts*",
            "1. BROKEN: *",
            "*When: from operation 1 *",
            "*Seen: no net*",
            "* broken",
        ]
    )


@pytest.mark.parametrize(
    ("marker", "arguments", "message"),
    [
        ("torn=[]", "dut", "needs check=: a function that gets the device"),
        ("check=print, models=3", "dut", "has no argument models"),
        ("check=print", "", "is for tests with the fixture dut"),
        (
            "check=print, torn=['bitz']",
            "dut",
            "takes a list of prefix, bits, unstable, zeros as torn, not ?'bitz'?",
        ),
        (
            "check=print, torn='bits'",
            "dut",
            "takes a list of prefix, bits, unstable, zeros as torn, not 'bits'",
        ),
    ],
)
def test_a_wrong_marker_is_refused(
    pytester: pytest.Pytester, marker: str, arguments: str, message: str
) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.power_cuts({marker})\ndef test_it({arguments}): pass")
    result = pytester.runpytest_inprocess(*OPTIONS)
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *::test_it: the marker power_cuts {message}"])
