"""The plugin, used by test files of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.plugin import plugin_options

import roms

pytest_plugins = ["pytester"]

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.img"
ASKS_FOR_THE_VERSION = """
    def test_version(dut):
        dut.expect("init finished")
        dut.write("AT+QVER\\r", uart=1)
        assert dut.expect(r"\\+OK=([0-9.]+),", uart=1)[1].count(".") == 2
"""


def result_of(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*plugin_options(), "--strict-markers", *options)


def test_the_fixture_runs_the_firmware_of_the_marker(pytester: pytest.Pytester) -> None:
    marker = f"    import pytest\n\n    @pytest.mark.w800(firmware={str(ATCMD)!r}, cache=False)"
    pytester.makepyfile(marker + ASKS_FOR_THE_VERSION)
    result_of(pytester).assert_outcomes(passed=1)


def test_the_marker_takes_the_firmware_without_its_name(pytester: pytest.Pytester) -> None:
    marker = f"    import pytest\n\n    @pytest.mark.w800({str(ATCMD)!r}, cache=False)"
    pytester.makepyfile(marker + ASKS_FOR_THE_VERSION)
    result_of(pytester).assert_outcomes(passed=1)


def test_the_fixture_runs_the_firmware_of_the_option(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ASKS_FOR_THE_VERSION)
    result_of(pytester, "--w800-firmware", str(ATCMD)).assert_outcomes(passed=1)


def test_the_fixture_runs_the_firmware_of_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("atcmd.img").write_bytes(ATCMD.read_bytes())
    pytester.makeini("[pytest]\nw800_firmware = atcmd.img\n")
    pytester.makepyfile(ASKS_FOR_THE_VERSION)
    result_of(pytester).assert_outcomes(passed=1)


def test_without_a_firmware_the_demo_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.w800(allow_reset=True)
        def test_demo(dut):
            dut.expect_exact("This example succeeds in running.", timeout=5)
            assert dut.machine.now_ns < 5_000_000_000
    """)
    result_of(pytester).assert_outcomes(passed=1)


def test_a_missing_text_shows_the_last_lines_and_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_missing(dut):
            dut.expect("main: ver")
            dut.expect("no such text", timeout=0.5)
    """)
    result = result_of(pytester, "--w800-firmware", str(ATCMD))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([
        '>   *dut.expect("no such text", timeout=0.5)',
        "E   *'no such text' did not appear on uart0: *",
        "E   *atcmd init finished.",
        "*- uart0 -*",
        "*atcmd init finished.",
    ])  # fmt: skip
    result.stdout.no_fnmatch_line("*uart_port.py*")


def test_every_test_gets_a_device_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.parametrize("number", [1, 2])
        def test_fresh(dut, number):
            assert dut.machine.now_ns == 0
            dut.expect("main: ver")
    """)
    result_of(pytester).assert_outcomes(passed=2)


@pytest.mark.parametrize("is_option", [True, False])
def test_the_sdk_is_where_the_option_or_the_variable_says(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, is_option: bool
) -> None:
    pytester.makepyfile("def test_sdk(sdk): assert sdk.name == 'wm_iot_sdk'")
    monkeypatch.setenv("WM_IOT_SDK_PATH", "elsewhere" if is_option else "somewhere/wm_iot_sdk")
    options = ["--sdk", "somewhere/wm_iot_sdk"] if is_option else []
    result_of(pytester, *options).assert_outcomes(passed=1)


def test_without_an_sdk_tests_of_it_are_skipped_and_say_why(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("def test_sdk(sdk): pass")
    monkeypatch.delenv("WM_IOT_SDK_PATH", raising=False)
    result = result_of(pytester, "-ra")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs the WM IoT SDK: --sdk DIR or WM_IOT_SDK_PATH*"])


def test_a_network_is_an_option_like_any_and_can_fail_in_the_middle(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        from emu import AccessPoint, HttpAnswer, Network
        from emu.machine.demo import OVER_THE_AIR_FIRMWARE, serve_update

        network = Network(AccessPoint("lobby"))
        serve_update(network)

        @pytest.mark.w800(OVER_THE_AIR_FIRMWARE, network=network, allow_reset=True)
        def test_update(dut):
            dut.expect("joined lobby")
            dut.wifi.deauthenticate()
            dut.expect("attempt 1 of 5 failed", timeout=60)
            dut.expect("init finished", timeout=60)
            assert dut.wifi.http_requests[-1].path == "/atcmd_ota.img"
    """)
    result_of(pytester).assert_outcomes(passed=1)


def test_devices_go_with_their_tests_and_shared_ones_with_the_last_of_them(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import gc
        import weakref

        import pytest

        known = []

        @pytest.fixture(autouse=True)
        def left(request):
            gc.collect()
            left = sum(each() is not None for each in known)
            for name in ("dut", "module_dut"):
                if name in request.fixturenames:
                    known.append(weakref.ref(request.getfixturevalue(name)))
            return left
    """)
    pytester.makepyfile(
        test_1="""
            def test_one(dut, left):
                assert left == 0

            def test_with_the_module(module_dut, dut, left):
                assert left == 0

            def test_with_the_module_again(module_dut, dut, left):
                assert left == 1
        """,
        test_2="""
            def test_last(module_dut, left):
                assert left == 0
        """,
    )
    result_of(pytester).assert_outcomes(passed=4)
