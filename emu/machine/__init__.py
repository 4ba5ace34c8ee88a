"""The whole machine: chip, flash, boot chain, and what a user does with them."""

from emu.machine.crash import CrashReport
from emu.machine.expectation import ExpectationError
from emu.machine.machine import Machine
from emu.machine.resets import ResetReport
from emu.machine.result import MachineError, RunEnd, RunResult
from emu.machine.tasks import Task, TaskList, TaskState
from emu.machine.uart_port import UartPort
from emu.machine.whereabouts import Activity, Whereabouts
from emu.options import MachineOptions

__all__ = [
    "Activity",
    "CrashReport",
    "ExpectationError",
    "Machine",
    "MachineError",
    "MachineOptions",
    "ResetReport",
    "RunEnd",
    "RunResult",
    "Task",
    "TaskList",
    "TaskState",
    "UartPort",
    "Whereabouts",
]
