"""A file for speedscope.app: for each context, how many instructions each stack of calls has executed.

Source of the form: file-format-schema.json of speedscope. Each stack is there once, in the order of the first
calls: every single call would make files that it does not open.
"""

from __future__ import annotations

import json
from typing import Any

from emu.trace.call_tree import CallNode, CallTree
from emu.trace.names import Function
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.view import Write


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    frames: dict[Function, int] = {}
    tree = CallTree(trace, selection)
    profiles = [_profile(trace.context_name(each), root, frames) for each, root in tree.contexts.items()]
    contents = {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": "w800emu",
        "shared": {"frames": [{"name": function.name} for function in frames]},
        "profiles": profiles,
    }
    write(json.dumps(contents) + "\n")


def _profile(name: str, root: CallNode, frames: dict[Function, int]) -> dict[str, Any]:
    nodes = [node for node in root.below() if node.own]
    return {
        "type": "sampled",
        "name": name,
        "unit": "none",  # instructions
        "startValue": 0,
        "endValue": sum(node.own for node in nodes),
        "samples": [[frames.setdefault(each, len(frames)) for each in node.stack()] for node in nodes],
        "weights": [node.own for node in nodes],
    }
