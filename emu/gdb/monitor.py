"""The commands of `monitor`: one declared function each, with its help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from emu.gdb.target import Target
from emu.isa.state import Psr
from emu.loader import LoadError
from emu.machine import MachineError
from emu.report.phrases import vector_name
from emu.soc.irq import Irq
from peripherals.flash_operation import Phase
from peripherals.framework.register import Register

STALE: Final = "\ngdb does not know yet: maintenance flush register-cache"


class UsageError(Exception):
    """A command that is not understood."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: `run` gets the words behind its name, and gives what is printed."""

    name: str
    arguments: str
    help: str
    run: Callable[[Target, list[str]], str]


_COMMANDS: Final[list[Command]] = []
Function = Callable[[Target, list[str]], str]


def _command(name: str, arguments: str = "") -> Callable[[Function], Function]:
    def declare(function: Function) -> Function:
        _COMMANDS.append(Command(name, arguments, (function.__doc__ or "").strip(), function))
        return function

    return declare


class Monitor:
    """Finds commands by their words; `more` are those that whoever has made the server adds."""

    def __init__(self, target: Target, more: Iterable[Command] = ()) -> None:
        self._target = target
        self._commands = [*_COMMANDS, *more]

    def run(self, line: str) -> str:
        """Carry out a command, and give what is printed."""
        words = line.split()
        if not words or words == ["help"]:
            return self._help()
        for command in self._commands:
            name = command.name.split()
            if words[: len(name)] == name:
                try:
                    return command.run(self._target, words[len(name) :])
                except UsageError as error:
                    return f"{error} (usage: {command.name} {command.arguments})".replace(" )", ")")
                except (MachineError, LoadError, ValueError) as error:
                    return f"error: {error}"
        return f"{line!r} is no command: monitor help lists them"

    def _help(self) -> str:
        rows = [(f"{each.name} {each.arguments}".rstrip(), each.help) for each in self._commands]
        width = max(len(usage) for usage, _ in rows)
        return "\n".join(f"{usage:<{width}}  {text}" for usage, text in rows)


def _one(words: list[str], what: str) -> str:
    if len(words) != 1:
        raise UsageError(f"give {what}")
    return words[0]


def _number(text: str, what: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{text!r} is no {what}")
    return int(text)


def _switch(words: list[str]) -> bool:
    if words not in (["on"], ["off"]):
        raise UsageError("give on or off")
    return words == ["on"]


# ---- looking ---------------------------------------------------------------------------------------


@_command("time")
def tell_time(target: Target, words: list[str]) -> str:
    """Virtual time, instructions, and where the firmware is."""
    machine = target.machine
    past = target.control.heard_ns
    before = f", in the past: the latest known time is {past / 1e9:.9f} s" if past > machine.now_ns else ""
    at = f"{machine.now_ns / 1e9:.9f} s, {machine.executed:,} instructions{before}"
    return f"{at}\n{machine.whereabouts()}"


@_command("registers", "BLOCK[.REGISTER]")
def tell_registers(target: Target, words: list[str]) -> str:
    """Registers of a block of the chip with their fields, without side effects."""
    block, _, wanted = _one(words, "a block such as uart0").partition(".")
    soc = target.machine.board.soc
    if block not in soc.devices:
        raise UsageError(f"there is no block {block!r}: there are {', '.join(soc.devices)}")
    rows = []
    for register in soc.devices[block].registers():
        if wanted in ("", register.name):
            value = int.from_bytes(target.machine.peek(soc.rows[block].base + register.offset, 4), "little")
            rows.append(f"{register.name:<24} {value:#010x}  {_fields(register, value)}".rstrip())
    if not rows:
        raise UsageError(f"{block} has no register {wanted}")
    return "\n".join(rows)


def _fields(register: Register, value: int) -> str:
    shown = type(register)()
    shown.value = value
    return shown.describe()


@_command("tasks")
def tell_tasks(target: Target, words: list[str]) -> str:
    """The tasks of FreeRTOS and their stacks."""
    return str(target.machine.tasks()) or "there are no tasks that are known"


@_command("interrupts")
def tell_interrupts(target: Target, words: list[str]) -> str:
    """Which interrupts are enabled, pending and being served."""
    vic, core = target.machine.board.soc.vic, target.machine.board.core
    enabled, pending = vic.set_enable.lines, vic.set_pending.lines
    rows = [
        f"{irq:>3} {irq.name:<16} {'enabled' if enabled >> irq & 1 else 'disabled':<9}"
        f"{' pending' if pending >> irq & 1 else ''}"
        for irq in Irq
        if (enabled | pending) >> irq & 1
    ]
    are_on = core.state.psr & Psr.DELIVERY == Psr.DELIVERY
    served = ", ".join(map(vector_name, core.active_handlers)) or "none"
    rows.append(f"the CPU takes {'them' if are_on else 'none now'}; handlers not returned: {served}")
    return "\n".join(rows)


@_command("unmodeled")
def tell_unmodelled(target: Target, words: list[str]) -> str:
    """Hardware without a model that the firmware has used."""
    uses = sorted(target.machine.board.log.uses.items(), key=lambda item: -item[1].count)
    return "\n".join(f"{name}: {use}" for name, use in uses) or "none"


@_command("flash log")
def tell_flash_log(target: Target, words: list[str]) -> str:
    """The last programs and erases of the flash."""
    return "\n".join(target.flash_log.lines()) or "none since gdb is served"


# ---- changing --------------------------------------------------------------------------------------


@_command("uart", "N send TEXT")
def send(target: Target, words: list[str]) -> str:
    r"""Let a UART receive text; \r, \n and \xHH mean what they do in C."""
    if len(words) < 3 or words[1] != "send":
        raise UsageError("say what to send")
    number = _number(words[0], "number of a UART")
    if number >= len(target.machine.uarts):
        raise UsageError(f"there is no uart{number}")
    data = " ".join(words[2:]).encode("latin1").decode("unicode_escape").encode("latin1")
    target.machine.uarts[number].write(data)
    return f"uart{number} receives {len(data)} bytes when the target goes on"


@_command("snapshot", "NAME")
def take_snapshot(target: Target, words: list[str]) -> str:
    """Keep the whole machine as it is now."""
    name = _one(words, "a name")
    target.snapshots[name] = target.machine.snapshot()
    return f"{name} is {target.snapshots[name]}"


@_command("restore", "NAME")
def restore_snapshot(target: Target, words: list[str]) -> str:
    """Go back to such a snapshot; the history begins anew there."""
    name = _one(words, f"one of {', '.join(target.snapshots) or 'those taken: none'}")
    if name not in target.snapshots:
        raise UsageError(f"there is no snapshot {name!r}")
    target.machine.restore(target.snapshots[name])
    return f"the machine is as it was at {target.machine.now_ns / 1e9:.6f} s{STALE}"


@_command("reset")
def reset(target: Target, words: list[str]) -> str:
    """Reset the chip as its watchdog does, and stop at its first instruction."""
    target.machine.reset()
    target.control.boot()
    return f"the chip was reset{STALE}"


@_command("power-cycle")
def cycle_power(target: Target, words: list[str]) -> str:
    """Take the power away and give it back; only the flash stays."""
    target.restart()
    return f"the chip was without power{STALE}"


@_command("cut-power", "N [before|after]")
def cut_power(target: Target, words: list[str]) -> str:
    """Cut the power at the Nth flash program or erase from now on."""
    number, phase = (*words, "before")[:2] if words else ("", "")
    if phase not in [each.value for each in Phase] or len(words) > 2:
        raise UsageError("give the number of the operation")
    target.machine.cut_power_at_flash_operation(_number(number, "number"), Phase(phase))
    return f"the power will be cut {phase} flash operation {number} from now on; then: monitor power-cycle"


# ---- settings --------------------------------------------------------------------------------------


@_command("step-into-interrupts", "on|off")
def step_into_interrupts(target: Target, words: list[str]) -> str:
    """Whether single steps end in handlers of interrupts, both ways; off at first."""
    target.steps_into_interrupts = _switch(words)
    return f"steps {'end' if target.steps_into_interrupts else 'do not end'} in handlers of interrupts"


@_command("device-side-effects", "on|off")
def have_side_effects(target: Target, words: list[str]) -> str:
    """Whether looking at device registers has the effects that a read of the CPU has; off at first."""
    target.has_side_effects = _switch(words)
    return f"looking at device registers has {'side' if target.has_side_effects else 'no side'} effects"
