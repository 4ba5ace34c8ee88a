"""Any instruction of the SDK's own programs is a place to come back to, and a session with them replays."""

from __future__ import annotations

from pathlib import Path

from support.atcmd import AtDevice
from support.going_back import check_random_places

from emu import Machine
from emu.machine.replay import Replay
from emu.options import EngineName


def test_atcmd_from_power_on_to_its_prompt(atcmd_image: Path, translations: Path, tmp_path: Path) -> None:
    def make(engine: EngineName) -> Machine:
        return Machine.load(atcmd_image, cache=translations, engine=engine)

    check_random_places(make, 1_300_000, places=200, on_ns=500_000, folder=tmp_path)


def test_the_real_bootloader_and_the_update(
    real_bootloader: Path, atcmd_ota: bytes, atcmd_image: Path, translations: Path, tmp_path: Path
) -> None:
    def make(engine: EngineName) -> Machine:
        machine = Machine.load(atcmd_image, bootloader=real_bootloader, cache=translations, engine=engine)
        machine.flash.load(0x13_1000, atcmd_ota)
        return machine

    check_random_places(make, 20_000_000, places=200, on_ns=200_000, folder=tmp_path)


def test_a_session_with_atcmd_replays(atcmd_image: Path, translations: Path, tmp_path: Path) -> None:
    with Machine.load(atcmd_image, cache=translations) as machine:
        machine.record(0.1)
        device = AtDevice(machine)
        device.boot()
        assert device.ask("AT+CIPSTAMAC?")[1] == "OK"
        machine.save_recording(tmp_path / "session.rec")
    replay = Replay.load(tmp_path / "session.rec", cache=translations)
    assert replay.run().difference == ""
    assert replay.machine.uart1.data == machine.uart1.data


def test_who_listens_changes_neither_the_run_nor_where_its_limits_end_it(
    atcmd_image: Path, translations: Path
) -> None:
    marks = []
    for listens in (False, True):
        machine = Machine.load(atcmd_image, cache=translations)
        if listens:
            machine.uart0.listen(lambda _time_ns, _byte: None)
        machine.record(0.0002)
        machine.run(170_000_000)
        marks.append(machine._recorder.marks)
    assert marks[0] == marks[1]
