"""What is there when the commands of a page are carried out, and what is done otherwise than it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Stage:
    """Commands and blocks are told by how they begin. One that is named here and not on the page is a mistake."""

    files: Mapping[str, str] = field(default_factory=dict)
    """Names in the folder, and what of the project is there."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The same, by contents."""
    saved: Mapping[str, str] = field(default_factory=dict)
    """Blocks that are files, or parts of them: added to what `files` and `texts` have put there."""
    shorter: Mapping[str, str] = field(default_factory=dict)
    """Parts of commands, and what stands there instead, to be over sooner."""
    codes: Mapping[str, int] = field(default_factory=dict)
    """Of commands that end with another exit code than 0."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What is not carried out here: why not, or the test that does."""


_PROGRAMS: Final = "tests/regress/programs"
_ATCMD: Final = "roms/atcmd/atcmd.elf"
_PASSES: Final = """
def test_it(dut):
    dut.expect("init finished")
    dut.write('AT+SSID="one"\\r\\n')
    dut.expect("OK")
"""
_FAILS: Final = """
def test_it(dut):
    dut.expect("init finished")
    assert not "as it should be"
"""
_READY: Final = """
def story(machine):
    machine.uart0.expect("ready")
"""
_INI: Final = "[pytest]\nw800_firmware = app.elf\n"
_CI: Final = "tests/test_example_project.py::test_the_commands_of_its_ci_are_green"
_GUIDE_IN_GDB: Final = "tests/gdb/test_uses.py::test_the_real_client_shows_what_the_guide_shows"

# fmt: off
STAGES: Final = {
    "README.md": Stage(
        files=dict.fromkeys(("app.elf", "app.fls", "build/app.fls"), _ATCMD),
        texts={"code.bin": 64 * "\0\5\1\b" + "\0\4"},  # vectors, and br . behind them
        shorter={
            "rfc2217:4000": "rfc2217:0 --max-time 10ms",
            "pty:/tmp/ttyW800": "pty --max-time 10ms",
            "tcp:5000": "tcp:0 --max-time 10ms",
            "--base 0x08010400": "--base 0x08010400 --max-time 1ms",
            '--wifi "workshop:correct horse"': '--wifi "workshop:correct horse" --max-time 10ms',
            "--hash-every 100ms": "--hash-every 10ms --max-time 30ms",
            "--load-state booted.state": "--load-state booted.state --max-time 200ms",
        },
        codes={
            "w800emu run --flash-file": 42,
            "w800emu run app.fls --uart": 42,
            "w800emu run code.bin": 42,
            "w800emu run app.fls --wifi": 42,
            "w800emu run app.fls --record": 42,
            "w800emu run --load-state": 42,
        },
        left_out={
            "python3 start.py": ".ci/run does",
            "pip install": ".ci/run does, with a wheel",
            "w800emu wm": "tests/sdk/test_real_tools.py::test_flash_py_brings_up_a_board_from_nothing",
            "echo": "tests/cli/test_scripts.py::test_standard_input_is_answered_and_its_end_is_that_of_the_run",
            "w800emu run build/ota_ops.elf": "tests/sdk/test_real_update.py::test_the_whole_story_with_the_example_as_the_sdk_builds_it",
            "w800emu run W806.fls": "tests/cli/test_run.py::test_a_run_says_which_chip_and_bootloader_it_has",
            "w800emu trace-diff": "tests/trace/test_trace_diff.py::test_the_command_tells_it_by_text_json_page_and_exit_code",
            "w800emu coverage": "docs/coverage.md has the same",
            "$ w800emu run app.elf --gdb": _GUIDE_IN_GDB,
            "from emu import Machine": "tests/test_documents.py::test_the_api_example_of_the_readme_runs",
        },
    ),
    "docs/testing.md": Stage(
        files={
            "build/app.fls": _ATCMD,
            "build/ota_http.fls": "roms/ota_http/ota_http.fls",
            "build/atcmd_ota.img": "roms/atcmd/atcmd_ota.img",
            "roms": "roms",  # sources
        },
        texts={"test_of_mine.py": _PASSES, "test_update.py": _FAILS},
        saved={"[pytest]": "pytest.ini"},
        shorter={
            "pytest --w800-recordings": "pytest test_update.py --w800-recordings",
            "pytest --w800-coverage": "pytest test_of_mine.py --w800-coverage",
        },
        codes={"pytest --w800-recordings": 1},
        left_out={
            "w800emu replay w800-recordings/test_update.py-test_it.rec --gdb": "tests/gdb/test_uses.py::test_a_replay_comes_with_all_that_came_in",
        },
    ),
    "docs/compare.md": Stage(
        files={
            **{f"{name}.elf": f"{_PROGRAMS}/{name}.elf" for name in ("builds", "extra_page", "deeper")},
            "old.elf": f"{_PROGRAMS}/builds.elf",
            "new.elf": f"{_PROGRAMS}/builds.elf",
        },
        texts={"scenario.py": _READY},
        saved={"size ignore": "limits.txt"},
        codes={"w800emu compare builds.elf": 1},
        left_out={
            "w800emu compare old.elf new.elf --expect": "so do the sessions of the page",
            "w800emu bisect v1.elf": "tests/regress/test_bisect.py::test_images_are_bisected",
            "w800emu bisect --git": "tests/regress/test_bisect.py::test_commits_are_built_and_bisected",
        },
    ),
    "docs/coverage.md": Stage(
        files={"app.elf": _ATCMD, "roms": "roms"},  # sources
        texts={"test_of_mine.py": _PASSES, "pytest.ini": _INI},
        shorter={'-r "$WM_IOT_SDK_PATH"': "-r ."},
        left_out={"diff-cover": "tests/pytest_plugin/test_coverage_of_tests.py::test_diff_cover_tells_what_of_a_change_is_not_reached"},
    ),
    "docs/power-cuts.md": Stage(
        files={"build/app.elf": f"{_PROGRAMS}/loader.elf"},
        saved={"FIRMWARE": "scenario.py"},
        shorter={"--jobs 8": "--torn none --shard 1/4", "314-after": "1-after"},
        left_out={
            "w800emu powercut    ": "tests/regress/test_power_cuts.py::test_all_operations_of_the_story_are_cut_before_amid_and_after",
            "1. BRICK": "tests/regress/test_power_cuts.py::test_the_text_says_so",
        },
    ),
    "docs/explore.md": Stage(
        files={"console.elf": f"{_PROGRAMS}/console.elf", "scenario.py": "tests/regress/scenarios/console.py"},
        saved={"def alive": "scenario.py", "def install": "scenario.py"},
        shorter={
            "--time 10m --jobs 2": "--faults line --executions 12 --seed 6",
            "--time 10m -o": "--executions 8 --seed 2 -o",
        },
        codes={"w800emu explore": 1, "w800emu fuzz": 1},
    ),
    "docs/flash-rules.md": Stage(
        files={"app.fls": f"{_PROGRAMS}/flash_rules.elf", "app.elf": _ATCMD},
        texts={"test_of_mine.py": _PASSES, "pytest.ini": _INI},
        shorter={"--flash-rules usual": "--flash-rules usual --max-time 100ms"},
        codes={"w800emu run": 42},
    ),
    "docs/ci.md": Stage(left_out={"name: Firmware": _CI, "firmware:": _CI}),
    "docs/bug-report.md": Stage(
        files={"app.fls": _ATCMD, "app.elf": _ATCMD},
        shorter={
            "bug.rec        #": "bug.rec --max-time 200ms  #",
            "--hash-every 100ms --max-time 10s": "--hash-every 100ms --max-time 300ms",
        },
        codes={"w800emu run": 42},
    ),
    "examples/firmware-tests/README.md": Stage(
        files={name: f"examples/firmware-tests/{name}" for name in ("baseline.json", "scenario.py", "limits.txt")}
        | {"roms/atcmd.elf": _ATCMD},
        shorter={"../../roms/atcmd": "roms"},
        left_out={"pip install": "the tests are run without being installed", "pytest": _CI},
    ),
}
OTHER_PAGES: Final = {
    "docs/gallery.md": "tests/cli/test_gallery.py",
    "docs/gdb.md": "tests/gdb/test_real_client.py",
    "docs/isa-exceptions.md": "tests/isa",
    "docs/machine.md": "tests/test_documents.py",
    "docs/network.md": "tests/cli/test_wifi_options.py",
    "docs/parts.md": "tests/parts/test_parts_page.py",
    "docs/serial.md": "tests/cli/test_scripts.py",
    "docs/time.md": "tests/cli/test_run.py",
    "docs/trace-diff.md": "tests/trace/test_trace_diff.py",
    "docs/traces.md": "tests/trace/test_traces_page.py",
    "examples/w800emu-thermistor/README.md": "tests/parts/test_parts_page.py",
}
"""Pages about something else than regression tests, and the tests of what they tell."""
# fmt: on
