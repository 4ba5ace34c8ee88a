"""What call-backs raise while the machine runs, kept until nothing is left halfway."""

from __future__ import annotations

from emu.cpu.core import Core


class KeptError:
    """Keeps the first exception of a call-back and lets the run end soon; outside a run it passes at once."""

    def __init__(self, core: Core) -> None:
        self.is_running = False
        """Whether a run is under way."""
        self._core = core
        self._error: BaseException | None = None

    def keep(self, error: BaseException) -> None:
        """Take what a call-back has raised."""
        if not self.is_running:
            raise error
        self._error = self._error or error
        self._core.stop()

    def raise_kept(self) -> None:
        """Raise what was kept."""
        error, self._error = self._error, None
        if error is not None:
            raise error
