"""All views: a new one is a file and a row."""

from __future__ import annotations

from typing import Final

from emu.trace.views.view import View

VIEWS: Final = {
    view.name: view
    for view in (
        View("events", "interrupts, switches of tasks, sleep, UARTs, flash, resets", tells_code=False),
        View("calls", "an indented line for each call"),
        View("blocks", "a line for each straight line of instructions"),
        View("instructions", "every instruction, with its time and function"),
        View("text", "the same with the registers that change; the run comes again for that"),
        View("memory", "the same with accesses to memory, by variable"),
        View("accesses", "the same with accesses to registers of devices, too"),
        View("profile", "a table of functions: instructions, calls, depth"),
        View("flamegraph", "an SVG picture: who has executed how much, by stacks"),
        View("collapsed", "stacks and their instructions, for flame graphs"),
        View("speedscope", "the same for speedscope.app"),
        View("lcov", "coverage for lcov and genhtml: lines, functions, branches"),
        View("gcovr", "coverage as gcovr's JSON"),
        View("perfetto", "lanes over time for ui.perfetto.dev"),
        View("jsonl", "a JSON object a line: calls and events"),
        View("jsonl_instructions", "a JSON object a line: each instruction"),
        View(
            "vcd",
            "waveforms of handlers, tasks, sleep, pins and variables",
            tells_code=False,
            tells_signals=True,
        ),
    )
}
"""By name."""
LEVELS: Final = {
    "events": "events",
    "calls": "calls",
    "blocks": "blocks",
    "instructions": "instructions",
    "registers": "text",
    "memory": "memory",
    "devices": "accesses",
}
"""How much is told as text, from little to all, and the view that does it."""
