"""A machine is built from files and options, or says in one line why not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cpu.program import op
from support.home import NEEDS_PASSWD, without_home

import emu
from emu.loader import LoadError
from emu.machine import Machine, MachineError, RunEnd
from emu.machine.demo import BUILT_IN_FIRMWARE, BUILT_IN_PROGRAMS
from peripherals.absent import Absent

ATCMD_ELF = BUILT_IN_PROGRAMS[1]
FINISHED = "atcmd init finished"
RAM_LOOP = 0x2004_0000


def load(firmware: Path | str | None = None, **options: Any) -> Machine:
    return Machine.load(firmware, cache=False, **options)


def test_the_public_names_can_be_imported_from_the_package() -> None:
    assert emu.Machine is Machine
    assert all(hasattr(emu, name) for name in emu.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Machin'"):
        emu.Machin  # noqa: B018 - the access is the test


def test_a_lone_elf_starts_like_a_flashed_one() -> None:
    machine = load(ATCMD_ELF)
    machine.uart0.expect(FINISHED)
    assert not machine.uart0.text.startswith("start")
    assert machine.describe(machine.address_of("app_main")) == "app_main"


def test_an_image_next_to_its_elf_has_names() -> None:
    assert "app_main" in load(ATCMD_ELF.with_suffix(".img")).symbols


def test_names_of_a_program_that_is_not_in_the_flash_are_not_used() -> None:
    bare = load(BUILT_IN_FIRMWARE, elf=ATCMD_ELF)
    other = bare.symbols
    bare.flash.load(0xF400, b"\0\0")
    bare.reset()
    bare.run(0)
    assert "app_main" in other
    assert len(bare.symbols) == 0


@pytest.mark.parametrize("engine", ["translator", "interpreter"])
def test_the_engine_can_be_chosen(engine: str) -> None:
    with load(ATCMD_ELF, engine=engine) as machine:
        assert machine.run(1_000_000).end is RunEnd.TIME_UP


def test_cycles_per_instruction_make_it_slower() -> None:
    fast, slow = at_app_main(cycles_per_instruction=1), at_app_main(cycles_per_instruction=2)
    assert slow.now_ns > fast.now_ns


@pytest.mark.parametrize("engine", ["translator", "interpreter"])
def test_code_in_ram_has_cycles_of_its_own(engine: str) -> None:
    machine = at_app_main(cycles_per_instruction={"flash": 2, "ram": 5}, engine=engine)
    machine.write(RAM_LOOP, op("br", offset=0))
    machine.registers.update(pc=RAM_LOOP, psr=0x8000_0200)  # no interrupts
    before = machine.executed
    machine.run(1_000_000)
    assert machine.executed - before == machine.board.soc.cpu_hz // 1000 // 5


def test_cycles_are_one_and_a_third_unless_told_otherwise() -> None:
    assert at_app_main().now_ns == at_app_main(cycles_per_instruction=Fraction(4, 3)).now_ns


def at_app_main(**options: Any) -> Machine:
    machine = load(ATCMD_ELF, **options)
    machine.run_until_address("app_main")
    return machine


def test_translations_for_other_costs_are_kept_apart(tmp_path: Path) -> None:
    for cycles in (1, {"flash": 2, "ram": 1}, {"flash": 3, "ram": 1}, 2):
        with Machine.load(ATCMD_ELF, cache=tmp_path, cycles_per_instruction=cycles) as machine:
            machine.run_until_address("app_main")
    [file] = tmp_path.iterdir()
    with closing(sqlite3.connect(file)) as database:
        [(images,)] = database.execute("SELECT count(*) FROM images")
    assert images == 3  # 1 and 2 for all code make the same code


def test_a_chip_without_radio_has_none() -> None:
    machine = load(ATCMD_ELF, chip="w801s")
    assert not isinstance(machine.board.soc.devices["rf_spi"], Absent)
    machine = load(ATCMD_ELF, chip="w805", flash_size_bytes=0x20_0000)
    assert isinstance(machine.board.soc.devices["rf_spi"], Absent)


def test_psram_is_there_when_asked_for() -> None:
    machine = load(ATCMD_ELF, psram_size_bytes=0x80_0000)
    machine.write(0x307F_FFFC, b"end.")
    assert machine.read(0x307F_FFFC, 4) == b"end."


def test_above_a_small_psram_writes_are_lost() -> None:
    machine = load(ATCMD_ELF, psram_size_bytes=0x20_0000)
    machine.board.bus.write(0x307F_FFF8, 0x1234_5678, 4)
    assert (machine.read(0x307F_FFF8, 4), machine.read(0x301F_FFFC, 4)) == (bytes(4), bytes(4))
    assert list(machine.board.log.uses) == ["no_psram"]


def test_the_seed_makes_the_random_numbers() -> None:
    def random_number(seed: int) -> str:
        machine = load(ATCMD_ELF, seed=seed)
        machine.uart0.expect(FINISHED)
        machine.uart1.write("AT+QRAND\r\n")
        return machine.uart1.expect(r"\+OK=(\w+)")[1]

    assert random_number(1) == random_number(1) != random_number(2)


def test_a_flash_file_holds_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    first = load(ATCMD_ELF, flash_file=path)  # not there yet
    first.uart0.expect("set default wifi config")
    first.uart0.expect(FINISHED)
    first.save_flash(path)
    second = load(flash_file=path)
    second.uart0.expect(FINISHED)
    assert "set default" not in second.uart0.text
    assert "app_main" in second.symbols


def test_translations_are_kept_in_a_folder(tmp_path: Path) -> None:
    def translated() -> tuple[int, int]:
        with Machine.load(ATCMD_ELF, cache=tmp_path) as machine:
            machine.uart0.expect(FINISHED)
            statistics = machine.board.core.engine.statistics  # type: ignore[attr-defined]
            return statistics.regions_translated, statistics.regions_from_cache

    cold, warm, third = translated(), translated(), translated()
    assert cold[1] == 0
    assert warm[0] < cold[0] / 10  # some are entered elsewhere where those before are there at once
    assert third[0] == 0 < third[1] <= cold[0]  # some were translated again with guards


@NEEDS_PASSWD
@pytest.mark.parametrize("folder", [None, Path("~/.cache/w800emu")])
def test_without_a_home_directory_no_translations_are_kept(
    tmp_path: Path, folder: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second as platformdirs 4.0 answers."""
    without_home(monkeypatch)
    if folder is not None:
        monkeypatch.setattr("platformdirs.user_cache_path", lambda name: folder)
    monkeypatch.chdir(tmp_path)
    with Machine.load(ATCMD_ELF) as machine:
        machine.uart0.expect(FINISHED)
        assert "without a home directory no translations are kept" in machine.setup
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chip": "w900"}, "chip: 'w900' is none of w800, "),
        ({"engine": "jit"}, "engine: 'jit' is none of translator, interpreter"),
        ({"on_crash": "ignore"}, "on_crash: 'ignore' is none of stop, continue"),
        ({"flash_size_bytes": 3 << 20}, "flash_size_bytes: 3,145,728 bytes is none of 1M, 2M"),
        ({"psram_size_bytes": 1000}, "psram_size_bytes: 1,000 bytes is none of 2M, 4M, 8M"),
        ({"cycles_per_instruction": 0}, "cycles_per_instruction: 0 is no number of cycles above 0"),
        ({"cycles_per_instruction": "2"}, "cycles_per_instruction: '2' is none of int, float, Fraction"),
        ({"chip": 806}, "chip: 806 is none of str, None"),
        ({"flash_file": ""}, "flash_file: '' is none of str, Path, None"),
        ({"flash_file": b"flash.bin"}, "flash_file: b'flash.bin' is none of str, Path, None"),
        ({"elf": ["app.elf", 1]}, "is none of str, Path, a sequence of them"),
        ({"seed": -1}, "seed: -1 is none of int"),
        ({"seed": True}, "seed: True is none of int"),
        ({"recent_branches": 1}, "recent_branches: 1 is none of bool"),
        ({"base": 1 << 32}, "base: 0x100000000 is no 32-bit address"),
        ({"cycles_per_instruction": {"rom": 1}}, "cycles_per_instruction: 'rom' is none of flash, ram"),
        ({"cycles_per_instruction": {"flash": 20_000, "ram": 1}}, "no unit that both are up to 10000 of"),
    ],
)
def test_options_without_a_meaning_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(MachineError, match=message):
        load(**options)


def test_an_unknown_option_is_a_mistake_in_the_program() -> None:
    with pytest.raises(TypeError, match="'colour'; there are chip, board, base"):
        load(colour="red")


def test_a_flash_file_of_another_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(bytes(1000))
    with pytest.raises(LoadError, match="0x3e8 bytes, the flash has 0x200000"):
        load(flash_file=path)


def test_a_flash_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"missing.*flash.bin: cannot be written"):
        load(ATCMD_ELF).save_flash(tmp_path / "missing" / "flash.bin")


def test_a_file_that_is_no_firmware_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    with pytest.raises(LoadError, match=r"notes\.txt: offset 0x0: magic"):
        load(path)


def test_a_firmware_that_does_not_fit_the_chip_is_refused() -> None:
    with pytest.raises(LoadError, match="choose a larger flash"):
        load(chip="w806")


def test_a_real_bootloader_is_executed(sdk: Path) -> None:
    machine = load(bootloader=sdk / "components/bootloader/w80x/bootloader.bin")
    machine.uart0.expect(FINISHED)
    assert "[I] unxz succeed" in machine.uart0.text


def test_a_real_bootloader_that_gives_up_is_told(sdk: Path) -> None:
    machine = load(bootloader=sdk / "components/bootloader/w80x/bootloader.bin")
    machine.flash.load(0xF400, bytes(4))
    result = machine.run()
    assert result.end is RunEnd.DOWNLOAD
    assert "went back to it with the letter" in str(result)
