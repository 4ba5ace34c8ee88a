"""What the marker, the command line and the ini file say about the device of a test, in this order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emu.cache.translations import Translations
from emu.options import Option, declared_options, suggestion
from emu.pytest_plugin.seeds import seed_of

if TYPE_CHECKING:
    from emu.machine import Machine

Node = pytest.Item | pytest.Collector

RUN_ON_S = 0.1
BOOTED = "what UART 0 has sent when a device has booted, a regular expression: for the fixture booted_dut"
FIRMWARE = "firmware for the fixture dut, relative to the root directory"
OWN: dict[str, type] = {
    "firmware": object,
    "allow_crash": bool,
    "allow_reset": bool,
    "allow_flash_violation": bool,
    "run_on_s": float,
    "booted": str,
}
"""What the marker takes besides the options of `Machine.load`."""
PERMISSIONS = {"allow_crash", "allow_reset", "allow_flash_violation", "run_on_s"}
"""Of these, what every test may have for itself when it shares its device."""
FLAGS = {
    "allow_crash": "let tests pass although the firmware has crashed",
    "allow_reset": "let tests pass although the firmware has reset the chip",
    "allow_flash_violation": "let tests pass although the firmware has broken rules of the flash",
}
USUAL = {"flash_rules": "usual"}
"""Options of the machine that are others in tests, unless somebody says something else."""
RUN_ON = (
    f"how long the firmware runs on after a test, in virtual seconds; 0: not at all [default: {RUN_ON_S}]"
)
_SHARED = pytest.StashKey[dict[bool | str | Path, Translations]]()
"""By what is asked for as `cache`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The device of a test, and what it may do."""

    firmware: Path | None
    options: dict[str, Any]
    """For `Machine.load`."""
    allow_crash: bool
    allow_reset: bool
    allow_flash_violation: bool
    run_on_s: float
    booted: str
    """What UART 0 has sent when a device has booted, a regular expression; empty: nobody has said it."""

    @classmethod
    def of(cls, node: Node) -> Settings:
        """Those of a test or, for what it shares with others, of a module."""
        values = _configured(node.config)
        for marker in reversed(list(node.iter_markers("w800"))):
            values |= _given(marker)
        if (seed := seed_of(node)) is not None:
            values["seed"] = seed
        root = node.config.rootpath
        firmware = values.pop("firmware", None)
        text = values.pop("booted", "")
        permissions = {name: values.pop(name) for name in PERMISSIONS}
        kinds = {option.name: option for option in declared_options()}
        options = {name: _located(value, kinds[name], root) for name, value in values.items()}
        return cls(root / firmware if firmware else None, options, **permissions, booted=text)

    def load(self, config: pytest.Config) -> Machine:
        """Make the device; those of a session share their translations."""
        from emu.machine import Machine

        options = self.options.copy()
        cache: object = options.get("cache", True)
        if isinstance(cache, bool | str | Path):
            shared = config.stash.setdefault(_SHARED, {})
            if cache not in shared:
                shared[cache] = Translations(cache)
            options["cache"] = shared[cache]
        return Machine.load(self.firmware, **options)


def keeps_translations(config: pytest.Config) -> bool:
    """Whether anything is kept from run to run, as far as no marker says something else."""
    return bool(_configured(config).get("cache", True))


def add_options(group: pytest.OptionGroup, parser: pytest.Parser) -> None:
    """Declare all settings, as options and as ini values."""
    group.addoption("--w800-firmware", metavar="FILE", help=FIRMWARE)
    parser.addini("w800_firmware", FIRMWARE, default=None)
    group.addoption("--w800-booted", metavar="TEXT", help=BOOTED)
    parser.addini("w800_booted", BOOTED, default=None)
    for name, text in FLAGS.items():
        group.addoption(_option_name(name), action="store_true", default=None, help=text)
        parser.addini(f"w800_{name}", text, type="bool", default=None)
    group.addoption("--w800-run-on", metavar="SECONDS", help=RUN_ON)
    parser.addini("w800_run_on", RUN_ON, default=None)
    for option in declared_options():
        name, text = option.text_name, option.help
        if option.name in USUAL:
            text = text.replace(f"[default: {option.text.default}]", f"[default: {USUAL[option.name]}]")
        if option.text.meaning is not None:
            group.addoption(_option_name(name), action="store_true", default=None, help=text)
            parser.addini(_ini_name(name), text, type="bool", default=None)
            continue
        metavar = option.text.metavar or "|".join(option.choices)
        action = "append" if option.is_repeatable else "store"
        group.addoption(_option_name(name), metavar=metavar, action=action, help=text)
        if option.is_repeatable:
            parser.addini(_ini_name(name), text, type="linelist", default=None)
        else:
            parser.addini(_ini_name(name), text, default=None)


def check_options(config: pytest.Config) -> None:
    """UsageError, in one line, for a value that cannot be."""
    _configured(config)


def check_marker(item: pytest.Item, node: object, marker: pytest.Mark) -> Iterator[str]:
    """What is wrong with a marker, that of a test or of what the test is in."""
    if len(marker.args) > 1 or (marker.args and "firmware" in marker.kwargs):
        yield f"the marker w800 takes one firmware, not {', '.join(map(repr, _firmwares(marker)))}"
    kinds = {option.name: option for option in declared_options()}
    given = _given(marker)
    for name, value in given.items():
        if name not in (*OWN, *kinds):
            yield f"the marker w800 has no argument {name}{suggestion(name, (*OWN, *kinds))}"
        elif problem := _problem(name, value, kinds.get(name)):
            yield f"the marker w800: {problem}"
    fixtures = getattr(item, "fixturenames", ())
    if node is item and not {"dut", "booted_dut", "module_dut", "request"} & set(fixtures):
        yield "the marker w800 is for tests with the fixture dut, booted_dut or module_dut"
    elif node is item and "module_dut" in fixtures and "dut" not in fixtures and given.keys() - PERMISSIONS:
        names = ", ".join(sorted(given.keys() - PERMISSIONS))
        yield f"the marker w800 of a test cannot say {names} for module_dut: its module's (pytestmark) can"


def _problem(name: str, value: object, option: Option | None) -> str:
    if name == "firmware":
        return "" if isinstance(value, str | Path) and str(value) else f"firmware: {value!r} is no file name"
    if name == "booted":
        return "" if isinstance(value, str) and value else f"booted: {value!r} is no text"
    if name == "run_on_s":
        is_time = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9
        return "" if is_time else f"run_on_s: {value!r} is no number of seconds from 0 on"
    if name in FLAGS:
        return "" if isinstance(value, bool) else f"{name}: {value!r} is neither True nor False"
    assert option is not None
    try:
        option.check(value)
    except ValueError as error:
        return str(error)
    return ""


def _firmwares(marker: pytest.Mark) -> list[Any]:
    return [*marker.args, *(value for name, value in marker.kwargs.items() if name == "firmware")]


def _given(marker: pytest.Mark) -> dict[str, Any]:
    firmware = {"firmware": marker.args[0]} if marker.args else {}
    return {**firmware, **marker.kwargs}


def _configured(config: pytest.Config) -> dict[str, Any]:
    values: dict[str, Any] = {**dict.fromkeys(FLAGS, False), "run_on_s": RUN_ON_S, **USUAL}
    values |= _own(config)
    for option in declared_options():
        where, text = _written(config, option.text_name)
        if text is None or text is False or text == []:
            continue
        try:
            value = _parsed(option, text)
            option.check(value)
        except ValueError as error:
            raise pytest.UsageError(f"{where}: {error}") from None
        values[option.name] = value
    return values


def _own(config: pytest.Config) -> dict[str, Any]:
    values = {}
    for name in ("firmware", "booted", *FLAGS):
        _, text = _written(config, name)
        if text:
            values[name] = text
    where, text = _written(config, "run-on")
    if text:
        try:
            values["run_on_s"] = float(text)
        except ValueError:
            values["run_on_s"] = -1
        if _problem("run_on_s", values["run_on_s"], None):
            raise pytest.UsageError(f"{where}: {text!r} is no number of seconds from 0 on")
    return values


def _written(config: pytest.Config, name: str) -> tuple[str, Any]:
    """Where a setting is written, and what; None: nowhere."""
    text = config.getoption(_option_name(name))
    return (
        (_option_name(name), text) if text is not None else (_ini_name(name), config.getini(_ini_name(name)))
    )


def _parsed(option: Option, text: Any) -> Any:
    if option.text.meaning is not None:
        return option.text.meaning
    if option.is_repeatable:
        return option.joined([option.text.parse(one) for one in text])
    return option.text.parse(text)


def _located(value: Any, option: Option, root: Path) -> Any:
    """Files are looked for from the root directory on, wherever pytest was started."""
    if isinstance(value, list | tuple):
        return [_located(one, option, root) for one in value]
    is_file = option.text.metavar.split("|")[-1] == "FILE" or option.name == "cache"
    return root / value if is_file and isinstance(value, str | Path) and (root / value).exists() else value


def _option_name(name: str) -> str:
    return f"--w800-{name.replace('_', '-')}"


def _ini_name(name: str) -> str:
    return f"w800_{name.replace('-', '_')}"
