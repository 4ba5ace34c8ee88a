"""A trace for ui.perfetto.dev: lanes for each task and handler with its calls, and for what happens besides.

Source of the form: perfetto_trace.proto, which Perfetto's Python package has as classes, and the page
"Writing TrackEvent Protos Synthetically" of its documentation.
"""

from __future__ import annotations

from typing import Final

from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace as PacketList
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import TracePacket, TrackDescriptor, TrackEvent

from emu.trace.selection import Selection
from emu.trace.timeline import Mark, MarkKind, Timeline
from emu.trace.trace import Trace
from emu.trace.views.view import Write

MOST_SLICES: Final = 1_000_000
"""With more the page becomes slow."""
_MOST_PACKETS: Final = 10_000  # written at once
_SEQUENCE: Final = 1
_PROCESS: Final = 1
_FIRST_LANE: Final = 2
_KINDS: Final = {
    MarkKind.BEGIN: TrackEvent.TYPE_SLICE_BEGIN,
    MarkKind.END: TrackEvent.TYPE_SLICE_END,
    MarkKind.INSTANT: TrackEvent.TYPE_INSTANT,
}


def show(trace: Trace, selection: Selection, write: Write, most_slices: int = MOST_SLICES) -> str | None:
    """See `View.show`. Of more slices the longest are shown."""
    timeline = Timeline(trace, selection)
    least_ns = timeline.slices.least_ns(most_slices)
    remark = f"slices shorter than {least_ns:,} ns are left out" if least_ns else None
    packets = _Packets(write)
    packets.process("w800emu" + (f": {remark}" if remark else ""))
    for key, lane in timeline.lanes.items():
        packets.lane(lane, key if isinstance(key, str) else trace.context_name(key))
    for mark in timeline.marks(least_ns):
        packets.mark(mark)
    packets.flush()
    return remark


class _Packets:
    """Writes packets, which make one sequence: each name is written once, and has a number from then on."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting = PacketList()
        self._names: dict[str, int] = {}
        self._add().sequence_flags = TracePacket.SEQ_INCREMENTAL_STATE_CLEARED

    def process(self, name: str) -> None:
        """Tell what all lanes are below."""
        track = self._add().track_descriptor
        track.uuid = track.process.pid = _PROCESS
        track.process.process_name = name
        track.child_ordering = TrackDescriptor.EXPLICIT

    def lane(self, lane: int, name: str) -> None:
        """Tell of a lane, below those with lower numbers."""
        track = self._add().track_descriptor
        track.uuid, track.parent_uuid, track.name = _FIRST_LANE + lane, _PROCESS, name
        track.sibling_order_rank = lane
        track.sibling_merge_behavior = TrackDescriptor.SIBLING_MERGE_BEHAVIOR_NONE  # of the same name, too

    def mark(self, mark: Mark) -> None:
        """Write an event."""
        packet = self._add()
        packet.timestamp = mark.time_ns
        packet.sequence_flags = TracePacket.SEQ_NEEDS_INCREMENTAL_STATE
        event = packet.track_event
        event.type, event.track_uuid = _KINDS[mark.kind], _FIRST_LANE + mark.lane
        if mark.kind is MarkKind.END:
            return
        if mark.name not in self._names:
            self._names[mark.name] = len(self._names) + 1
            packet.interned_data.event_names.add(iid=self._names[mark.name], name=mark.name)
        event.name_iid = self._names[mark.name]

    def flush(self) -> None:
        """Write what waits."""
        self._write(self._waiting.SerializeToString())
        self._waiting = PacketList()

    def _add(self) -> TracePacket:
        if len(self._waiting.packet) == _MOST_PACKETS:
            self.flush()
        packet = self._waiting.packet.add()
        packet.trusted_packet_sequence_id = _SEQUENCE
        return packet
