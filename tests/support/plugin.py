"""How a pytest inside a test finds our plugin."""

from __future__ import annotations

from importlib.metadata import entry_points


def plugin_options() -> tuple[str, ...]:
    """Nothing where the project is installed: then pytest has loaded the plugin by itself."""
    is_installed = "w800emu" in entry_points(group="pytest11").names
    return () if is_installed else ("-p", "emu.pytest_plugin")
