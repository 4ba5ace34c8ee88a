"""The whole machine: chip, flash, boot chain, and what a user does with them."""

from emu.machine.errors import MachineError
from emu.machine.expectation import ExpectationError
from emu.machine.machine import Machine
from emu.machine.uart_port import UartPort
from emu.options import MachineOptions
from emu.report.crash import CrashReport
from emu.report.reset import ResetReport
from emu.report.run_result import RunEnd, RunResult
from emu.report.tasks import Task, TaskList, TaskState
from emu.report.whereabouts import Activity, Whereabouts

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
