"""Unwinding by debug information: the calls that were made, and where the way ends."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from cpu.program import op
from machine.device import machine_of
from support.frame_builder import advance, base, common, elf_with, function, offset, saved

from emu.engine.interpreter_engine import InterpreterEngine
from emu.inspect.back_trace import BackTrace
from emu.inspect.program_view import ProgramView
from emu.inspect.symbol_choice import NamedProgram
from emu.inspect.unwind import MOST_FRAMES, Unwinder, Unwound
from emu.isa.insn import Flow
from emu.isa.state import LINK, SP
from emu.loader import CallFrames, Symbol, Symbols
from emu.machine import Machine
from emu.memory_map import FLASH_BASE, SRAM_BASE, SRAM_SIZE_BYTES

PROGRAMS = Path(__file__).parents[2]
ATCMD, TASKS = PROGRAMS / "roms/atcmd/atcmd.elf", PROGRAMS / "tests/firmware/programs/tasks.elf"


@dataclass(frozen=True)
class Call:
    """A call that has not returned: where, to where it returns, and what the caller's registers were."""

    address: int
    return_address: int
    registers: dict[str, int]


class CallRecorder:
    """Follows all calls and returns of a run, on each stack; now and then compares them with the stack."""

    def __init__(self, machine: Machine, seed: int) -> None:
        self._view = machine._views.now()
        self._state = machine.board.core.state
        self._calls: defaultdict[int, list[Call]] = defaultdict(list)
        self._instructions: dict[int, tuple[Flow, int]] = {}
        self._dice = random.Random(seed)
        self.deepest = self.instructions = 0
        self.functions: set[str] = set()

    def retired(self, pc: int) -> None:
        """See `Observer`."""
        self.instructions += 1
        is_new = pc not in self._instructions
        if is_new:
            self._instructions[pc] = self._decoded(pc)
        flow, size_bytes = self._instructions[pc]
        state = self._state
        pointer = state.r[SP]
        is_deeper = False
        if flow in (Flow.CALL, Flow.INDIRECT_CALL):
            registers = {f"r{number}": state.r[number] for number in (*range(4, 12), SP)}
            stack = self._stack()
            stack.append(Call(pc, pc + size_bytes, registers))
            is_deeper = len(stack) > self.deepest
        elif flow is not Flow.NEXT and (stack := self._stack()):
            last = stack[-1]
            if state.pc == last.return_address and pointer == last.registers["r14"]:
                stack.pop()
        is_chosen = self._dice.random() < (0.3 if is_new else 0.002) or is_deeper
        if is_chosen and self._view.frame_rules(state.pc) is not None:
            self._compare()

    def _decoded(self, pc: int) -> tuple[Flow, int]:
        instruction = self._view.instruction(pc)
        assert instruction is not None
        assert instruction.row is not None
        return instruction.row.flow, instruction.size_bytes

    def _stack(self) -> list[Call]:
        """The calls on the stack in use; those above its pointer were given up."""
        pointer = self._state.r[SP]
        array = self._view.symbol(pointer - 4)
        stack = self._calls[array.address if array else 0]
        while stack and stack[-1].registers["r14"] < pointer:
            stack.pop()
        return stack

    def _compare(self) -> None:
        state, calls = self._state, self._stack()[::-1]
        unwound = Unwinder(self._view).unwind(state.pc, dict(enumerate(state.r)))
        first, *callers = unwound.frames
        if self._view.frame_rules(unwound.frames[-1].address) is None:  # assembly, entered by an interrupt
            calls = calls[: len(callers)]
        assert [frame.address for frame in callers] == [call.address for call in calls]
        assert [frame.cfa for frame in unwound.frames][: len(calls)] == [
            call.registers["r14"] for call in calls
        ]
        for frame, call in zip(callers, calls, strict=True):
            assert frame.registers == call.registers | {"r15": call.return_address}
        self.deepest = max(self.deepest, len(callers))
        self.functions.add(first.name.partition("+")[0])


@pytest.mark.parametrize(
    ("program", "instructions", "functions"),
    [(ATCMD, 60_000, 30), (TASKS, 30_000, 20)],
    ids=["atcmd", "tasks"],
)
def test_the_calls_that_were_made_are_found_at_any_instruction(
    program: Path, instructions: int, functions: int
) -> None:
    with Machine.load(program, engine="interpreter", cache=False) as machine:
        machine.run_until_address("reset_handler")
        recorder = CallRecorder(machine, seed=instructions)
        engine = machine.board.core.engine
        assert isinstance(engine, InterpreterEngine)
        engine.observer = recorder
        while recorder.instructions < instructions:
            machine.run(max_time_ns=100_000)
    assert len(recorder.functions) >= functions
    assert recorder.deepest >= 5


# ---- a made-up program ------------------------------------------------------------------------------

OUTER, MIDDLE, INNER, BARE = (FLASH_BASE + offset for offset in (0, 0x40, 0x80, 0xC0))
STACK = SRAM_BASE + 0x8000
PROGRAM = b"".join(
    part.ljust(0x40, b"\0")
    for part in (
        op("bsr", offset=MIDDLE - OUTER),
        op("bsr", offset=INNER - MIDDLE) + op("bsr", offset=0),
        op("bsr", offset=0),
        op("jsr", rx=3) + op("bsr", offset=INNER - BARE - 2),
    )
)
SYMBOLS = Symbols(
    [
        Symbol(name, address, 0x40)
        for name, address in (("outer", OUTER), ("middle", MIDDLE), ("inner", INNER), ("bare", BARE))
    ]
)
LEAF = b""
SAVES_LINK = offset(8) + saved(LINK, 4)
ENDS = b"\x07\x0f"  # the return address is undefined


class Scene:
    """The program with rules for its functions, and words on the stack."""

    def __init__(self, words: dict[int, int], machine: Machine | None = None, **rules: bytes) -> None:
        machine = machine or machine_of(PROGRAM)
        for at, word in words.items():
            machine.write(STACK + at, word.to_bytes(4, "little"))
        section = common()
        for name, instructions in rules.items():
            section += function(SYMBOLS[name].address, 0x40, instructions)
        program = NamedProgram(FLASH_BASE, PROGRAM, SYMBOLS, call_frames=CallFrames(elf_with(section)))
        self.view = ProgramView(machine.board.bus, [program])

    def unwind(
        self, pc: int = INNER, pointer: int = STACK, end: int | None = None, **registers: int
    ) -> Unwound:
        """From a place in the program on; r3="..." and so on."""
        numbers = {int(name[1:]): value for name, value in registers.items()}
        return Unwinder(self.view).unwind(pc, {SP: pointer} | numbers, end)

    def trace(self, pc: int = INNER, pointer: int = STACK, **registers: int) -> list[str]:
        """With what is guessed."""
        numbers = {int(name[1:]): value for name, value in registers.items()}
        return [str(frame) for frame in BackTrace(self.view).find(pc, {SP: pointer} | numbers)]


def names(unwound: Unwound) -> list[str]:
    return [frame.name for frame in unwound.frames]


@pytest.mark.parametrize("nobody", [0, 0xFFFF_FFFE])
def test_the_stack_ends_where_nobody_is_returned_to(nobody: int) -> None:
    scene = Scene({4: OUTER + 4, 12: nobody, 16: MIDDLE + 4}, inner=LEAF, middle=SAVES_LINK, outer=SAVES_LINK)
    unwound = scene.unwind(r15=MIDDLE + 4)
    assert names(unwound) == ["inner", "middle", "outer"]
    assert [frame.cfa for frame in unwound.frames] == [STACK, STACK + 8, STACK + 16]
    assert unwound.is_whole
    assert scene.trace(r15=MIDDLE + 4)[2:] == ["  0x08000000 outer"], "and nothing above is guessed"


def test_a_function_may_say_that_it_does_not_return() -> None:
    unwound = Scene({}, inner=LEAF, middle=ENDS).unwind(r15=MIDDLE + 4)
    assert (names(unwound), unwound.is_whole) == (["inner", "middle"], True)


def test_registers_are_those_that_the_callers_had() -> None:
    saves = offset(16) + saved(4, 16) + saved(8, 12) + saved(LINK, 4) + advance(2) + b"\x07\x05"
    scene = Scene({0: 0x44, 4: 0x88, 12: MIDDLE + 4, 20: 0}, inner=saves, middle=SAVES_LINK)
    caller = scene.unwind(INNER, r1=1, r4=4, r5=5, r8=8, r15=7).frames[1]
    assert caller.registers == {
        "r4": 0x44, "r5": 5, "r8": 0x88, "r14": STACK + 16, "r15": MIDDLE + 4,
    }  # fmt: skip
    assert caller.to_dict()["registers"]["r8"] == 0x88
    assert "r5" not in scene.unwind(INNER + 2, r4=4, r5=5).frames[1].registers, "lost, it says"


def test_a_frame_pointer_finds_frames_of_any_size() -> None:
    moved = offset(8) + saved(8, 8) + saved(LINK, 4) + base(8)
    scene = Scene({0x100: 0x77, 0x104: MIDDLE + 4, 0x10C: 0}, inner=moved, middle=SAVES_LINK)
    unwound = scene.unwind(pointer=STACK + 0x20, r8=STACK + 0x100)
    assert names(unwound) == ["inner", "middle"]
    assert unwound.frames[1].registers["r8"] == 0x77
    assert names(scene.unwind(pointer=STACK + 0x20)) == ["inner"], "r8 is not known"


def test_a_call_to_where_no_code_is_has_a_caller() -> None:
    scene = Scene({4: 0}, bare=SAVES_LINK)
    assert names(scene.unwind(0x6000_0000, r3=0x6000_0001, r15=BARE + 2)) == ["", "bare"]
    assert names(scene.unwind(0x6000_0000, r3=0x6000_0008, r15=BARE + 2)) == [""], "by another way"
    assert names(scene.unwind(0x6000_0000, r15=0x6000_0000)) == [""]


def test_recursion_without_end_ends() -> None:
    words = dict.fromkeys(range(4, 8 * 2 * MOST_FRAMES, 8), INNER + 4)
    unwound = Scene(words, inner=SAVES_LINK).unwind()
    assert names(unwound) == ["inner"] * MOST_FRAMES


def test_a_frame_that_does_not_lie_above_the_last_one_is_none() -> None:
    scene = Scene({4: MIDDLE + 8}, inner=SAVES_LINK, middle=LEAF)
    assert names(scene.unwind()) == ["inner", "middle+0x4"], "it would call itself for ever"
    downwards = Scene({4: MIDDLE + 4}, inner=SAVES_LINK, middle=b"\x13\x02")
    assert names(downwards.unwind()) == ["inner", "middle"]
    assert downwards.unwind().frames[1].cfa is None


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (b"\x0e\x02", STACK),  # not at a word
        (SAVES_LINK, SRAM_BASE + SRAM_SIZE_BYTES - 4),
        (SAVES_LINK, 0x6000_0000),
        (SAVES_LINK, STACK + 8),  # above the end of the stack
        (b"\x0d\x03", STACK),  # r3 is not known
    ],
)
def test_a_frame_outside_the_stack_is_none(text: bytes, pointer: int) -> None:
    unwound = Scene({}, inner=text).unwind(pointer=pointer, end=STACK + 12)
    assert (names(unwound), unwound.is_whole) == (["inner"], False)
    assert unwound.frames[0].cfa is None


def test_where_the_rules_end_the_rest_is_guessed_and_marked() -> None:
    scene = Scene({4: BARE + 6, 8: 7, 12: BARE + 2, 16: OUTER + 4}, inner=SAVES_LINK, middle=SAVES_LINK)
    assert scene.trace() == [
        "  0x08000080 inner", "  0x080000c2 bare+0x2", "? 0x080000c0 bare", "? 0x08000000 outer",
    ]  # fmt: skip


def test_a_return_address_that_is_none_is_skipped_by_a_guess() -> None:
    scene = Scene({4: 0x4141_4141, 12: OUTER + 4}, inner=SAVES_LINK)
    assert scene.trace() == ["  0x08000080 inner", "? 0x08000000 outer"]


def test_a_task_that_returns_to_the_start_of_a_function_has_no_caller() -> None:
    end = [Symbol("ends_with_call", BARE, 6), Symbol("task_end", BARE + 6, 0x10)]
    scene = Scene({4: BARE + 6}, middle=SAVES_LINK)
    assert names(scene.unwind(MIDDLE)) == ["middle", "bare+0x2"]
    scene.view.symbols = Symbols([*(symbol for symbol in SYMBOLS if symbol.name != "bare"), *end])
    assert names(scene.unwind(MIDDLE)) == ["middle"]


def test_senseless_rules_do_not_raise() -> None:
    dice = random.Random(2)
    good, machine = SAVES_LINK + advance(2) + base(8), machine_of(PROGRAM)
    for _ in range(300):
        text = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            text[dice.randrange(len(text))] = dice.randrange(256)
        scene = Scene({4: MIDDLE + 4, 12: OUTER + 4}, machine, inner=bytes(text), middle=bytes(text))
        assert scene.trace(r8=dice.getrandbits(32))[0] == "  0x08000080 inner"


def test_code_that_nothing_is_known_about_is_searched_as_before() -> None:
    assert Scene({4: OUTER + 4}).trace(MIDDLE) == [
        "  0x08000040 middle", "  0x08000000 outer",
    ]  # fmt: skip
