"""A sweep on a Dask cluster comes to the same as here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emu.machine import MachineError
from emu.regress.powercut import cluster as cluster_of_dask
from emu.regress.powercut.device import Device
from emu.regress.powercut.options import CutOptions, SweepOptions
from emu.regress.powercut.report import SweepReport
from emu.regress.powercut.results import Nothing
from emu.regress.powercut.sweep import Sweep
from emu.regress.scenario import load_scenario

SCENARIO = r"""
from pathlib import Path
import roms

FIRMWARE = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"

def story(machine):
    machine.uart0.expect("init finished")
    machine.uart0.write('AT+SSID="my-lab"\r\n')
    machine.uart0.expect(r"\+OK")

def check(machine):
    machine.uart0.expect("init finished")
    assert b"my-lab" in machine.flash.contents[0x1f0000:].tobytes()
"""
Swept = Callable[[str], SweepReport]


@pytest.fixture
def swept(tmp_path: Path) -> Iterator[Swept]:
    """Sweeps on the cluster of an address; here, if there is none."""
    path = tmp_path / "settings.py"
    path.write_text(SCENARIO)
    device = Device(load_scenario(path), CutOptions(models=frozenset()))
    yield lambda address: Sweep(device, SweepOptions(cluster=address)).run(Nothing())
    device.close()


@pytest.fixture
def cluster() -> Iterator[Any]:
    """One with a worker, in this process."""
    dask = pytest.importorskip("distributed", reason="needs Dask: pip install w800emu[cluster]")
    place = {"host": "127.0.0.1", "processes": False, "protocol": "tcp", "dashboard_address": None}
    with dask.LocalCluster(n_workers=1, threads_per_worker=1, **place) as made:
        yield made


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_cluster_comes_to_the_same(swept: Swept, cluster: Any) -> None:
    here, there = swept(""), swept(cluster.scheduler_address)
    assert there.bad
    assert [(each.cut, each.outcome.verdict) for each in there.entries] == [
        (each.cut, each.outcome.verdict) for each in here.entries
    ]
    assert there.cpu_s > 0
    cluster.scale(0)
    cluster.sync(cluster._correct_state)
    with pytest.raises(MachineError, match=r"the cluster has no workers: start some, dask worker tcp://"):
        swept(cluster.scheduler_address)


def test_nobody_there_is_told(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs Dask: pip install w800emu[cluster]")
    monkeypatch.setattr(cluster_of_dask, "CONNECT_S", 1)
    with pytest.raises(MachineError, match=r"tcp://127.0.0.1:1: no Dask scheduler answers"):
        swept("tcp://127.0.0.1:1")


def test_without_dask_it_is_told_how_to_get_it(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MachineError, match=r"a cluster needs Dask: pip install w800emu\[cluster\]"):
        swept("tcp://127.0.0.1:8786")
