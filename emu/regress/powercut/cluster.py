"""The tasks of a sweep on a Dask cluster that is there already."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Final

from emu.machine import MachineError
from emu.regress.powercut.device import Device
from emu.regress.powercut.options import CutOptions
from emu.regress.powercut.task import Done, Task, entries_of
from emu.regress.scenario import load_scenario

PARTS_PER_THREAD: Final = 4
"""Each has to live through the story once; fewer would keep a fast worker waiting for a slow one."""
CONNECT_S: Final = 10


def do_on_cluster(
    address: str, source: Path | None, options: CutOptions, tasks: list[Task]
) -> Iterator[Done]:
    """Do tasks there, neighbours together; in any order.

    Workers read the scenario, and what it names, at the places where it is here. MachineError if nobody
    answers, or a worker cannot do it.
    """
    try:
        dask = import_module("distributed")
    except ModuleNotFoundError:
        raise MachineError("a cluster needs Dask: pip install w800emu[cluster]") from None
    try:
        client = dask.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise MachineError(f"{address}: no Dask scheduler answers: {error}") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise MachineError(f"{address}: the cluster has no workers: start some, dask worker {address}")
        count = min(PARTS_PER_THREAD * threads, len(tasks))
        bounds = [len(tasks) * number // count for number in range(count + 1)]
        parts = [tasks[begin:end] for begin, end in pairwise(bounds)]
        place = None if source is None else source.resolve()
        futures = [client.submit(_do_part, place, options, part, pure=False) for part in parts]
        try:
            for _, done in dask.as_completed(futures, loop=client.loop, with_results=True):
                yield done
        except (ImportError, OSError, RuntimeError) as error:
            why = "workers need this version of w800emu, and the files of the scenario at the same places"
            raise MachineError(f"{address}: {str(error) or type(error).__name__}: {why}") from None


def _do_part(source: Path | None, options: CutOptions, tasks: list[Task]) -> Done:
    """On a worker."""
    begin = time.thread_time()
    device = Device(load_scenario(source), options)
    try:
        entries = [entry for task in tasks for entry in entries_of(device, task)]
    finally:
        device.close()
    return Done(entries, time.thread_time() - begin)
