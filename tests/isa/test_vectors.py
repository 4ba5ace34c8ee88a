from __future__ import annotations

import pytest
from isa.drivers import DRIVERS
from isa.packing import pack, unpack
from isa.vectors import SAMPLE, Vector, problems, read_vectors

from emu.isa.table import INSNS

VECTORS = list(read_vectors(SAMPLE))
UNCOVERED = {
    "flrws",  # illegal in the simulator
    "cprgr",  # without effect in the simulator
    "cpwgr",
    "cprcr",
    "cpwcr",
    "cprc",
    "cpop",
    "sce32",
    "wsc",
    "mfcr32_float",
    "mtcr32_float",
    "bkpt16",  # the simulator's debug port takes it
    "wait32",
    "doze32",
    "stop32",
    "rfi32",
    "idly32",  # only in the file of doubtful cases
    "psrset32",  # the vectors have it under its mnemonic alone
}


@pytest.mark.parametrize("backend", sorted(DRIVERS))
def test_every_sampled_vector_passes(backend: str) -> None:
    driver = DRIVERS[backend]()
    failures = {vector.name: found for vector in VECTORS if (found := problems(vector, driver))}
    assert failures == {}


def test_the_sample_covers_every_declared_instruction() -> None:
    covered = {vector.row.name for vector in VECTORS if vector.row}
    assert {row.name for row in INSNS} - covered <= UNCOVERED


def test_a_wrong_outcome_is_reported_with_both_values() -> None:
    vector = next(vector for vector in VECTORS if vector.form == "addu/16#0")
    vector.after.r[9] ^= 1
    (found,) = problems(vector, DRIVERS["interpreter"]())
    vector.after.r[9] ^= 1
    assert found == f"r9 = {vector.after.r[9]:#x}, not {vector.after.r[9] ^ 1:#x}"


def test_an_undeclared_form_counts_as_failed() -> None:
    vector = next(iter(VECTORS))
    undefined = Vector(**{**vars(vector), "code": b"\x00\xf0\x00\x00"})
    assert problems(undefined, DRIVERS["interpreter"]()) == ["not declared"]


def test_packing_a_vector_keeps_what_is_compared() -> None:
    registers = list(range(100, 132))
    before = {"r": registers, "vr": [0] * 16, "c": 1, "mem": {"addr": 0x2000_0000, "bytes": "00ff"}}
    after = {
        **before,
        "r": [0, *registers[1:]],
        "c": 0,
        "mem": {"addr": 0x2000_0000, "bytes": "01ff"},
        "pc": 18,
    }
    before["fesr"], after["fesr"] = 0, 0x9090
    after["vr"] = [0] * 15 + [7]
    record = {"form": "f", "dis": "d", "code": "0000", "pc": 16, "in": before, "out": after}
    restored = unpack(pack(record))
    assert restored["in"] == before
    assert restored["out"] == after
