"""Recordings as files: a run that comes again, byte for byte, wherever it is replayed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emu.history.snapshot import Snapshot
from emu.history.state_file import FileKind, write_tree
from emu.machine.errors import MachineError
from emu.machine.inputs import Input
from emu.machine.recorder import Mark, Recorder


@dataclass(frozen=True, slots=True)
class Recording:
    """From the beginning to the end."""

    made_from: dict[str, Any]
    """See `setup`."""
    beginning: Snapshot
    inputs: list[Input]
    hash_every_ns: int | None
    marks: list[Mark]
    end: Mark
    ends_at_check_point: bool


def save_recording(path: Path, made_from: dict[str, Any] | None, recorder: Recorder) -> None:
    """Write what has been recorded until now, at once or not at all; MachineError if nothing was."""
    if recorder.beginning is None:
        raise MachineError("save_recording: nothing is recorded: call record() first")
    if made_from is None:
        raise MachineError("save_recording: this machine was not loaded: nobody could build it again")
    write_tree(path, FileKind.RECORDING, recording_tree(made_from, recorder.beginning, recorder))


def recording_tree(made_from: dict[str, Any], beginning: Snapshot, recorder: Recorder) -> dict[str, Any]:
    """What has been recorded since `beginning`, as plain data: see `recording_of`."""
    return {
        "made_from": made_from,
        "beginning": beginning.tree(),
        "inputs": [tuple(one) for one in recorder.inputs.recorded],
        "hash_every_ns": recorder.hash_every_ns,
        "marks": [tuple(mark) for mark in recorder.marks],
        "end": tuple(recorder.mark()),
        "ends_at_check_point": recorder.is_at_check_point,
    }


def recording_of(tree: Any) -> Recording:
    """The recording that a file holds as this tree; one of `saved_machine.UNFIT` for something else."""
    return Recording(
        tree["made_from"],
        Snapshot.of(tree["beginning"]),
        [Input(*one) for one in tree["inputs"]],
        tree["hash_every_ns"],
        [Mark(*mark) for mark in tree["marks"]],
        Mark(*tree["end"]),
        tree["ends_at_check_point"],
    )
