"""One cut, to be looked at."""

from __future__ import annotations

from emu.regress.powercut.cut import Left
from emu.regress.powercut.device import Device


def told_of(left: Left, device: Device) -> str:
    """What is cut, and what that leaves."""
    operations = device.operations if left.cut.earlier is None else device.latest_operations
    one = next(each for each in operations if each.place.number == left.cut.number)
    place = one.place
    when = f"{(place.time_ns if left.cut.point != 'after' else place.ready_ns) / 1e9:.6f} s"
    lines = [f"cut {left.cut}: {left.cut.point.partition('-')[0]} {place}, at {when}"]
    if left.torn is not None:
        lines.append(f"torn: {left.torn.meaning} ({left.torn.source})")
    now, wanted = left.state.read(place.offset, place.size_bytes), one.contents[1]
    differing = sum(a != b for a, b in zip(now, wanted, strict=True))
    lines.append(f"left: {differing:,} of its {place.size_bytes:,} bytes are not what they should be")
    return "\n".join(lines)
