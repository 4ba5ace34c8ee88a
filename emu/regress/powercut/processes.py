"""The tasks of a sweep in several processes of this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from multiprocessing import Queue, get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import Empty

from emu.machine import MachineError
from emu.regress.powercut.device import Device
from emu.regress.powercut.options import CutOptions
from emu.regress.powercut.task import Done, Task, entries_of
from emu.regress.scenario import load_scenario


def do_in_processes(source: Path | None, options: CutOptions, jobs: int, tasks: list[Task]) -> Iterator[Done]:
    """Do tasks in several processes, each with a device of its own; in any order."""
    context = get_context("spawn")
    todo, done = context.Queue(), context.Queue()
    for task in (*tasks, *[None] * jobs):
        todo.put(task)
    workers = [context.Process(target=_work, args=(source, options, todo, done)) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    try:
        for _ in tasks:
            yield _next(done, workers)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _next(done: Queue[Done | MachineError], workers: list[SpawnProcess]) -> Done:
    while True:
        try:
            result = done.get(timeout=1)
        except Empty:
            if any(worker.exitcode for worker in workers):
                raise MachineError("a process of the sweep has ended: is there enough memory?") from None
            continue
        if isinstance(result, MachineError):
            raise result
        return result


def _work(
    source: Path | None, options: CutOptions, todo: Queue[Task | None], done: Queue[Done | MachineError]
) -> None:
    """In a process of its own."""
    try:
        device = Device(load_scenario(source), options)
        while (task := todo.get()) is not None:
            begin = time.process_time()
            entries = entries_of(device, task)
            done.put(Done(entries, time.process_time() - begin))
    except MachineError as error:
        done.put(MachineError(str(error)))
