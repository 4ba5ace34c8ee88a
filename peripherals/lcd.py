"""Driver of a segment LCD. Layout: wm_seg_lcd_reg_struct.h; use: wm_hal_seg_lcd.c (wm_iot_sdk)."""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.environment import Environment
from peripherals.framework.fields import rw, unmodelled
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

COMMON_LINES = 8


class Lcd(Peripheral):
    """Holds what is shown; whoever looks sees the picture, not the waveform that drives it."""

    # fmt: off
    class Control(Register):
        high_drive = unmodelled(12, doc="nothing is driven: which segments are on can be read")
        power_down = rw(9)
        enable     = rw(8)
        bias       = unmodelled(7, 6, "nothing is driven: which segments are on can be read")
        voltage    = unmodelled(5, 3, "nothing is driven: which segments are on can be read")
        duty       = unmodelled(2, 0, "nothing is driven: which segments are on can be read")

    class Frame(Register):
        clocks     = unmodelled(10, 0, "nothing is driven: which segments are on can be read")

    class Segments(Register):
        on         = rw(31, 0)

    class CommonEnable(Register):
        lines      = rw(7, 0)

    class SegmentEnable(Register):
        lines      = rw(31, 0)

    control        = at(0x00, Control)
    frame          = at(0x04, Frame)
    segments       = at(0x08, Segments, "of each common line", count=COMMON_LINES)
    common_enable  = at(0x28, CommonEnable)
    segment_enable = at(0x2C, SegmentEnable)
    # fmt: on

    def __init__(self, name: str, environment: Environment) -> None:
        super().__init__(name, environment)
        self.on_change: Callable[[list[int]], None] = lambda shown: None
        """Told what is `shown` whenever that may be something else."""

    @on_write(Control, CommonEnable, SegmentEnable)
    def _changed(self, _: int = 0) -> None:
        self.on_change(self.shown)

    @on_write(Segments)
    def _segments_changed(self, _line: int, _data: int) -> None:
        self._changed()

    def _on_reset(self, cause: ResetCause) -> None:
        self._changed()

    @property
    def shown(self) -> list[int]:
        """The segments to be seen, a bit each, of every common line."""
        is_on = self.control.enable and not self.control.power_down
        return [
            segments.on & self.segment_enable.lines if is_on and self.common_enable.lines >> line & 1 else 0
            for line, segments in enumerate(self.segments)
        ]
