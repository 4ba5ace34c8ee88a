"""The short form of a vector: registers as one hex string, and of the outcome only what changes.

Floating-point registers are kept of floating-point instructions only.
"""

from __future__ import annotations

from typing import Any

SCALARS = ("c", "psr", "vbr", "epsr", "epc", "fesr")


def pack(record: dict[str, Any]) -> dict[str, Any]:
    """Shorten a record of the vectors' own format."""
    before, after = record["in"], record["out"]
    short: dict[str, Any] = {
        key: record[key] for key in ("form", "dis", "code", "pc", "exc") if key in record
    }
    short["r"] = _hex(before["r"])
    if "fesr" in before:
        short["vr"] = _hex(before["vr"])
    short["mem"] = [before["mem"]["addr"], before["mem"]["bytes"]]
    short |= {key: before[key] for key in SCALARS if key in before}
    changes = {f"r{n}": after["r"][n] for n in range(32) if after["r"][n] != before["r"][n]}
    if "fesr" in before:
        changes |= {f"vr{n}": after["vr"][n] for n in range(16) if after["vr"][n] != before["vr"][n]}
    changes |= {key: after[key] for key in SCALARS if key in after and after[key] != before[key]}
    if after["mem"] != before["mem"]:
        changes["mem"] = after["mem"]["bytes"]
    return short | {"out": changes | {"pc": after["pc"]}}


def unpack(short: dict[str, Any]) -> dict[str, Any]:
    """Undo `pack`."""
    address, content = short["mem"]
    before = {key: short[key] for key in SCALARS if key in short} | {
        "r": _numbers(short["r"]),
        "vr": _numbers(short.get("vr", "00000000" * 16)),
        "mem": {"addr": address, "bytes": content},
    }
    changes = short["out"]
    after = before | {key: changes[key] for key in (*SCALARS, "pc") if key in changes}
    for file in ("r", "vr"):
        after[file] = [changes.get(f"{file}{n}", value) for n, value in enumerate(before[file])]
    after["mem"] = {"addr": address, "bytes": changes.get("mem", content)}
    return short | {"id": f"{short['form']}@{short['pc']:x}", "in": before, "out": after}


def _hex(registers: list[int]) -> str:
    return "".join(f"{value:08x}" for value in registers)


def _numbers(digits: str) -> list[int]:
    return [int(digits[at : at + 8], 16) for at in range(0, len(digits), 8)]
