"""One cut, to be looked at."""

from __future__ import annotations

from emu.regress.powercut.cut import Left
from emu.regress.powercut.device import Device
from emu.regress.powercut.report import Place


def told_of(left: Left, device: Device) -> str:
    """What is cut, and what that leaves."""
    operations = device.operations if left.cut.earlier is None else device.latest_operations
    one = next(each for each in operations if each.number == left.cut.number)
    when = f"{(one.time_ns if left.cut.point != 'after' else one.ready_ns) / 1e9:.6f} s"
    lines = [f"cut {left.cut}: {left.cut.point.partition('-')[0]} {Place.of(one)}, at {when}"]
    if left.torn is not None:
        lines.append(f"torn: {left.torn.meaning} ({left.torn.source})")
    now, wanted = (state.read(one.offset, one.size_bytes) for state in (left.state, one.after))
    differing = sum(a != b for a, b in zip(now, wanted, strict=True))
    lines.append(f"left: {differing:,} of its {one.size_bytes:,} bytes are not what they should be")
    return "\n".join(lines)
