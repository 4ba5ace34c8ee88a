"""Perfetto's files show what has happened, and when."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as proto
from perfetto.trace_processor import TraceProcessor, TraceProcessorConfig
from support.traces import shown

from emu.isa.ops import Vector
from emu.trace.layout import EventKind
from emu.trace.selection import ALL
from emu.trace.trace import Trace
from emu.trace.views import perfetto

TICK = "interrupt 25 (CORE_TIMER)"


class Lanes:
    """What a file says, read as Perfetto does: slices and instants by the names of lanes."""

    def __init__(self, data: bytes) -> None:
        self.slices: dict[str, list[tuple[str, int, int, int]]] = {}
        """Name, begin, end, depth."""
        self.instants: dict[str, list[str]] = {}
        self.process = ""
        self.order: list[str] = []
        self._tracks: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._open: dict[str, list[int]] = {}
        latest_ns = 0
        for packet in proto.Trace.FromString(data).packet:
            if packet.HasField("track_descriptor"):
                self._track(packet.track_descriptor)
            self._names.update({name.iid: name.name for name in packet.interned_data.event_names})
            if packet.HasField("track_event"):
                assert packet.timestamp >= latest_ns
                latest_ns = packet.timestamp
                self._event(latest_ns, packet.track_event)
        assert not any(self._open.values())

    def named(self, name: str) -> Iterator[tuple[str, int]]:
        """Lane and depth of the slices of a name."""
        for lane, slices in self.slices.items():
            yield from ((lane, depth) for found, _, _, depth in slices if found == name)

    def _track(self, track: Any) -> None:
        if track.HasField("process"):
            self.process = track.process.process_name
        else:
            self._tracks[track.uuid] = track.name
            self.order.append(track.name)

    def _event(self, time_ns: int, event: Any) -> None:
        lane = self._tracks[event.track_uuid]
        slices, still_open = self.slices.setdefault(lane, []), self._open.setdefault(lane, [])
        if event.type == proto.TrackEvent.TYPE_SLICE_END:
            number = still_open.pop()
            name, begin_ns, _, depth = slices[number]
            slices[number] = name, begin_ns, time_ns, depth
        elif event.type == proto.TrackEvent.TYPE_SLICE_BEGIN:
            slices.append((self._names[event.name_iid], time_ns, -1, len(still_open)))
            still_open.append(len(slices) - 1)
        else:
            self.instants.setdefault(lane, []).append(self._names[event.name_iid])


@pytest.fixture(scope="module")
def lanes(traced: Trace) -> Lanes:
    return Lanes(shown(traced, "perfetto"))


def test_each_task_and_handler_has_a_lane_with_its_calls(lanes: Lanes) -> None:
    assert set(lanes.order) == {
        "running", "main", "main task", "consumer", "producer", "IDLE", "exception 22", TICK, "asleep", "UART0", "flash",
    }  # fmt: skip
    assert lanes.order[0] == "main" or lanes.order[0] == "running"
    app_main = next(depth for _, depth in lanes.named("app_main"))
    depths = Counter(depth - app_main for lane, depth in lanes.named("branch") if lane == "main task")
    assert depths == {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32}
    assert Counter(lanes.named("produce")) == {("producer", 1): 4}
    assert Counter(lanes.named("consume")) == {("consumer", 1): 4}


def test_interrupts_are_slices_of_their_handlers(traced: Trace, lanes: Lanes) -> None:
    ticks = [
        event.time_ns
        for event in traced.events()
        if event.kind is EventKind.EXCEPTION and event.first == Vector.INTERRUPT0 + 25
    ]
    assert [begin for name, begin, _, depth in lanes.slices[TICK] if depth == 0] == ticks
    assert {name for name, _, _, depth in lanes.slices[TICK] if depth == 0} == {"interrupt_entry"}


def test_lines_and_flash_operations_are_instants(lanes: Lanes) -> None:
    assert lanes.instants == {
        "UART0": ["begin", "end"],
        "flash": ["erase 0x1f0000, 4,096 bytes", "program 0x1f0000, 256 bytes"],
    }  # the driver programs whole pages


def test_at_any_time_somebody_runs_or_all_sleep(traced: Trace, lanes: Lanes) -> None:
    running, asleep = lanes.slices["running"], lanes.slices["asleep"]
    assert sum(end - begin for _, begin, end, _ in asleep) == sum(
        end - begin for begin, end in traced.times.idle()
    )
    assert {depth for _, _, _, depth in running} == {0}
    for (_, _, end, _), (_, begin, _, _) in pairwise(running):
        assert end == begin or ("asleep", end, begin, 0) in asleep


def test_of_too_many_slices_the_longest_are_shown(traced: Trace, lanes: Lanes) -> None:
    written: list[bytes] = []
    remark = perfetto.show(traced, ALL, lambda data: written.append(bytes(data)), 100)  # type: ignore[arg-type]
    few = Lanes(b"".join(written))
    kept = [end - begin for slices in few.slices.values() for _, begin, end, _ in slices]
    every = sorted(end - begin for slices in lanes.slices.values() for _, begin, end, _ in slices)
    assert 0 < len(kept) <= 100
    assert sorted(kept) == every[-len(kept) :]
    assert remark == f"slices shorter than {every[-101] + 1:,} ns are left out"
    assert few.process == f"w800emu: {remark}"
    assert few.instants == lanes.instants


def test_perfettos_own_trace_processor_finds_the_slices(traced: Trace, tmp_path: Path) -> None:
    program = shutil.which("trace_processor_shell")
    if program is None:
        pytest.skip("needs Perfetto's trace_processor_shell in the PATH: no package has it")
    path = tmp_path / "x.pftrace"
    path.write_bytes(shown(traced, "perfetto"))
    processor = TraceProcessor(trace=str(path), config=TraceProcessorConfig(bin_path=program))
    with processor:
        rows = processor.query(
            "select track.name as lane, slice.name as name, count() as count, max(slice.depth) as depth "
            "from slice join track on slice.track_id = track.id group by track.name, slice.name"
        )
        found = {(row.lane, row.name): (row.count, row.depth) for row in rows}
        (failures,) = processor.query("select sum(value) as count from stats where severity = 'error'")
    assert failures.count == 0
    assert found["main task", "branch"][0] == 63
    assert found["producer", "produce"] == (4, 1)
    assert found["UART0", "begin"][0] == found["flash", "erase 0x1f0000, 4,096 bytes"][0] == 1
