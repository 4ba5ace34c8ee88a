"""Base band of the WLAN radio. Layout: debug information and code of librf; see docs/radio.md."""

from __future__ import annotations

from peripherals.framework.fields import ro, rw, unmodelled
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at


class BaseBand(Peripheral):
    """Keeps the settings of a modem that is not there; its DC calibration succeeds at once."""

    # fmt: off
    class Setting(Register):
        word          = rw(31, 0)

    class DcCalibration(Register):
        late_setting  = rw(31, 25)
        start         = rw(24)
        setting       = rw(23, 0)

    class Status(Register):
        dc_calibrated = ro(20)

    class LoopBack(Register):
        mode          = unmodelled(31, 0, "samples are neither played nor captured")

    settings       = at(0x00,  Setting, "of modem and gain control, from tables in the firmware", count=19)
    dc_calibration = at(0x4C,  DcCalibration)
    status         = at(0x84,  Status)
    iq_adjustment  = at(0x100, Setting)
    transmit_phase = at(0x104, Setting)
    loop_back      = at(0x108, LoopBack)
    # fmt: on

    @on_write(DcCalibration)
    def _calibrate(self, _: int) -> None:
        # GUESS: it takes no time; librf asks every 10 us, up to 1000 times. The flag has to outlive the start
        # bit: librf takes that back, looks once more, and prints `dc-offset failed` if there is no flag.
        if self.dc_calibration.start:
            self.status.dc_calibrated = 1
