"""How a pytest inside a test finds our plugin.

Such a pytest forgets at its end what it has imported, and the next one imports it again: but for what was there before.
So the emulator is imported here, and numpy, which cannot be imported twice.
"""

from __future__ import annotations

from importlib.metadata import entry_points

import emu.cache.database
import emu.dbt.engine
import emu.machine.flash_checker
import emu.regress.powercut.sweep
import emu.trace.coverage.counting  # noqa: F401 - and numpy with it


def plugin_options() -> tuple[str, ...]:
    """Nothing where the project is installed: then pytest has loaded the plugin by itself."""
    is_installed = "w800emu" in entry_points(group="pytest11").names
    return () if is_installed else ("-p", "emu.pytest_plugin")
