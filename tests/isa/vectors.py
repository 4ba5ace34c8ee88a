"""Replay single-instruction vectors of a simulator: python -m tests.isa.vectors FILE..."""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emu.engine.exceptions import enter_exception
from emu.isa.decode import decode
from emu.isa.disasm import disassemble
from emu.isa.insn import Insn
from emu.isa.operands import BranchOffset, LiteralOffset
from emu.isa.state import Control, CpuState

from .drivers import DRIVERS, ChunkMemory, Driver
from .packing import unpack

SAMPLE = Path(__file__).parent / "data" / "vectors.jsonl.gz"
"""A few vectors for every row, in the short form of packing.py."""
VECTOR_TABLE = 0x2400_0000
HANDLERS = 0x2500_0000
CONTROLS = {"vbr": Control.VBR, "epsr": Control.EPSR, "epc": Control.EPC, "fesr": Control.FESR}


@dataclass(frozen=True)
class Vector:
    """One instruction with the state before and after it, and the exception it takes."""

    name: str
    form: str
    text: str
    code: bytes
    before: CpuState
    after: CpuState
    window: int
    bytes_before: bytes
    bytes_after: bytes
    exception: int | None = None

    @property
    def row(self) -> Insn | None:
        return decode(*self.halfwords)

    @property
    def halfwords(self) -> tuple[int, int]:
        padded = self.code.ljust(4, b"\0")
        return int.from_bytes(padded[:2], "little"), int.from_bytes(padded[2:], "little")


@dataclass
class Tally:
    """The verdicts on the vectors of one form."""

    passed: int = 0
    interpreted: int = 0
    failures: list[str] = field(default_factory=list)


def read_vectors(path: Path) -> Iterator[Vector]:
    """Read the format of the vectors' own README, or its short form."""
    with gzip.open(path, "rt") as lines:
        for record in map(json.loads, lines):
            yield parse(record if "in" in record else unpack(record))


def parse(record: dict[str, Any]) -> Vector:
    before, after = record["in"], record["out"]
    return Vector(
        name=record["id"],
        form=record["form"],
        text=record["dis"],
        code=bytes.fromhex(record["code"]),
        before=_state(before, record["pc"]),
        after=_state(after, after["pc"]),
        window=before["mem"]["addr"],
        bytes_before=bytes.fromhex(before["mem"]["bytes"]),
        bytes_after=bytes.fromhex(after["mem"]["bytes"]),
        exception=record.get("exc"),
    )


def _state(values: dict[str, Any], pc: int) -> CpuState:
    state = CpuState(r=list(values["r"]), pc=pc, fr=list(values["vr"]))
    state.full_psr = values.get("psr", 0x8000_0100) & ~1 | values["c"]
    state.control = {register: values[name] for name, register in CONTROLS.items() if name in values}
    return state


def problems(vector: Vector, driver: Driver) -> list[str]:
    """Replay a vector; say what differs."""
    if vector.row is None:
        return ["not declared"]
    state = deepcopy(vector.before)
    window = bytearray(vector.bytes_before)
    raised = driver.execute(state, {vector.window: window, state.pc: bytearray(vector.code)})
    found = [] if raised == vector.exception else [f"exception {raised}, not {vector.exception}"]
    if raised is not None:
        _take_exception(state, raised)
    return found + _differences(vector, state, window) + _text_differences(vector, vector.row)


def _take_exception(state: CpuState, vector: int) -> None:
    table = b"".join((HANDLERS + 16 * number).to_bytes(4, "little") for number in range(256))
    state.control.setdefault(Control.VBR, VECTOR_TABLE)
    enter_exception(state, ChunkMemory({VECTOR_TABLE: bytearray(table)}), vector)


def _differences(vector: Vector, state: CpuState, window: bytearray) -> list[str]:
    wanted = vector.after
    pairs = [("pc", state.pc, wanted.pc), ("c", state.c, wanted.c)]
    pairs += [(f"r{n}", state.r[n], wanted.r[n]) for n in range(32)]
    pairs += [(f"fr{n}", state.fr[n], wanted.fr[n]) for n in range(16)]
    if wanted.control:
        pairs.append(("psr", state.full_psr, wanted.full_psr))
        pairs += [(f"cr{key}", state.control.get(key, 0), value) for key, value in wanted.control.items()]
    found = [f"{name} = {is_:#x}, not {should:#x}" for name, is_, should in pairs if is_ != should]
    if window != vector.bytes_after:
        found.append(f"memory {window.hex()}, not {vector.bytes_after.hex()}")
    return found


def _text_differences(vector: Vector, row: Insn) -> list[str]:
    """Compare with objdump's text, which was printed at another address: without addresses."""
    if any(isinstance(operand.kind, LiteralOffset) for operand in row.operands):
        return []
    text, wanted = disassemble(*vector.halfwords, vector.before.pc), vector.text
    if any(isinstance(operand.kind, BranchOffset) for operand in row.operands):
        text, wanted = (re.sub("0x[0-9a-f]+", "ADDRESS", line) for line in (text, wanted))
    return [] if text == wanted else [f"text {text!r}, not {wanted!r}"]


def replay(vectors: Iterable[Vector], driver: Driver) -> dict[str, Tally]:
    """Replay vectors; give the verdicts by form."""
    forms: dict[str, Tally] = {}
    for vector in vectors:
        tally = forms.setdefault(vector.form, Tally())
        before = len(driver.interpreted)
        if found := problems(vector, driver):
            tally.failures.append(f"{vector.name} {vector.text}: {'; '.join(found)}")
        else:
            tally.passed += 1
        tally.interpreted += len(driver.interpreted) - before
    return forms


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.isa.vectors", description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", default=[SAMPLE], metavar="FILE")
    parser.add_argument("--backend", choices=sorted(DRIVERS), help="only this one; default: all, in turn")
    parser.add_argument("--only", metavar="REGEX", default="", help="forms to replay")
    parser.add_argument("--interpreted", action="store_true", help="list the forms left to the interpreter")
    options = parser.parse_args()
    failed = 0
    for file in options.files:
        try:
            vectors = [vector for vector in read_vectors(file) if re.search(options.only, vector.form)]
        except (OSError, EOFError, ValueError, KeyError) as error:
            parser.error(f"{file}: no file of vectors ({error})")
        for backend in [options.backend] if options.backend else sorted(DRIVERS):
            forms = replay(vectors, DRIVERS[backend]())
            failed += report(f"{file.name}, {backend}", forms, list_interpreted=options.interpreted)
    return 1 if failed else 0


def report(title: str, forms: dict[str, Tally], *, list_interpreted: bool) -> int:
    """Print the forms that failed, and the count of all; gives the number of failures."""
    for form, tally in forms.items():
        count = len(tally.failures)
        total = tally.passed + count
        if count:
            sys.stdout.write(f"{form}: {count} of {total} failed\n    {tally.failures[0]}\n")
        if list_interpreted and tally.interpreted:
            sys.stdout.write(f"{form}: {tally.interpreted} of {total} interpreted\n")
    failed = sum(len(tally.failures) for tally in forms.values())
    passed = sum(tally.passed for tally in forms.values())
    sys.stdout.write(
        f"{title}: {len(forms)} forms, {passed + failed} cases: {passed} passed, {failed} failed\n"
    )
    return failed


if __name__ == "__main__":
    sys.exit(main())
