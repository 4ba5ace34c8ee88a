"""A search in a growing text stops where one that reads everything again would."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from emu.machine.match_outlook import LiteralOutlook, outlook_of
from emu.machine.text_search import KEPT, TextSearch

FILLER = b"[I] sensor 7: temperature 21.5 C, humidity 40 %\r\n" * 8


def stop_of(pattern: re.Pattern[Any], data: bytes) -> tuple[int, str | bytes] | None:
    """After how many bytes there is a match, and what it is."""
    search = TextSearch(pattern)
    for n in range(len(data)):
        if search.feed(data[n : n + 1]):
            return n + 1, search.match(data[: n + 1])[0]
    return None


def simple_stop_of(pattern: re.Pattern[Any], data: bytes) -> tuple[int, str | bytes] | None:
    is_text = isinstance(pattern.pattern, str)
    for n in range(1, len(data) + 1):
        match = pattern.search(data[:n].decode() if is_text else data[:n])
        if match:
            return n, match[0]
    return None


@pytest.mark.parametrize(
    "pattern",
    [
        r"all done",
        r"main: ver: (\S+)\r",
        r"(?s)BEGIN(.*)END",
        r"BEGIN [^!]*!",
        r"^all done",
        r"(?m)^all done$",
        r"done\r\n$",
        r"done\Z",
        r"(?<=all )done",
        r"(?<! )all|(?<=%\r\n)all",
        r"\ball\b",
        r"\bdone\B",
        r"%\r\n\b",
        r"(?<=\r\n)\ball (?=do)done",
        r"BEGIN(?!\w)",
        r"(?!\bBEGIN)B",
        r"(\w)\1 d",
        r"(?i)ALL DONE",
        r"(?:x|all (?>d+)one)",
        r"a{2,}|\{\"n\": 5\}",
        r"\{ ?\"n{1}\": {9}|{\"n\":",
        r"[:[]all|[]x]all| all",
        "(?x) all\\  # [\n \\b done # ]",
        r"all (?#[)\b(?#])done",
        r"(a)?(?(1)ll done|never)",
        r"x*",
        r"x[z[:digit:]]a",
        r"x+(?<=xx)all|{e}|(?<=a{2})b",
        r"a{i<=1}b",
        r"never",
        re.escape(' {"n": 5} BEGIN'),
        r"BEGIN\_\ B",
        "5} BEGIN END!\r\n",
    ],
)
@pytest.mark.parametrize("is_text", [True, False])
@pytest.mark.parametrize("kept", [0, KEPT])
def test_it_stops_at_the_first_byte_that_makes_a_match(
    monkeypatch: pytest.MonkeyPatch, pattern: str, is_text: bool, kept: int
) -> None:
    monkeypatch.setattr("emu.machine.text_search.KEPT", kept)
    compiled = re.compile(pattern) if is_text else re.compile(pattern.encode())
    for tail in (
        b'BEGIN 12\r\n all done\r\nall dones {"n": 5} BEGIN END!\r\n',
        b"all done",
        b"doner BEGIN_ B! xxall xd]a a{i<=1}b",
    ):
        data = FILLER[-100:] + tail
        assert stop_of(compiled, data) == simple_stop_of(compiled, data)


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [("ready", True), (re.escape("[I] a.b (1)\n"), True), (r"\d", False), ("a.c", False), ("(?i)a", False)],
)
def test_a_mere_text_needs_no_regular_expressions(pattern: str, literal: bool) -> None:
    for compiled in (re.compile(pattern), re.compile(pattern.encode())):
        assert isinstance(outlook_of(compiled), LiteralOutlook) is literal


ATOMS = ["a", "b", " ", ".", "[ab]", "[^a]", r"\w", r"\n", "(?s:.)"]
ASSERTIONS = [r"\b", r"\B", "$", "^", r"\Z", r"\A", "(?m:$)", "(?m:^)", "(?<=a)", r"(?<!b\b)"]


def random_pattern(choose: random.Random, depth: int) -> str:
    if depth == 0:
        return choose.choice(ATOMS)

    def part() -> str:
        return random_pattern(choose, depth - 1)

    forms = [
        lambda: choose.choice(ATOMS),
        lambda: choose.choice(ASSERTIONS),
        lambda: part() + part(),
        lambda: part() + part(),
        lambda: f"(?:{part()}|{part()})",
        lambda: f"(?:{part()}){choose.choice(['*', '+', '?', '{1,2}', '*?', '{2}'])}",
        lambda: f"(?={part()})",
        lambda: f"(?!{part()})",
    ]
    return choose.choice(forms)()


def test_so_it_does_for_random_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emu.machine.text_search.KEPT", 0)  # forgets at every byte
    choose = random.Random(5)
    late = 0
    for _ in range(1500):
        pattern = re.compile(random_pattern(choose, 4))
        for _ in range(4):
            data = bytes(choose.choice(b"abx \n") for _ in range(choose.randrange(1, 14)))
            expected = simple_stop_of(pattern, data)
            assert stop_of(pattern, data) == expected, (pattern.pattern, data)
            late += expected is not None and expected[0] > 2
    assert late > 500


class CountingPattern:
    """A pattern that knows how much text it has been shown."""

    def __init__(self, pattern: str) -> None:
        self._compiled = re.compile(pattern)
        self.pattern = pattern
        self.flags = self._compiled.flags
        self.shown = 0

    def search(self, text: str, start: int) -> re.Match[str] | None:
        self.shown += len(text) - start
        return self._compiled.search(text, start)


@pytest.mark.parametrize(
    "pattern", ["all done", r"ver: (\S+)\n", r"\bdone\b$", r"(?m)^C=\d+, D$", "(?<=x)done"]
)
def test_a_byte_is_not_looked_at_again_for_ever(pattern: str) -> None:
    counting: Any = CountingPattern(pattern)
    search, data = TextSearch(counting), FILLER * 100
    for byte in data:
        assert not search.feed(bytes((byte,)))
    assert counting.shown <= 2 * KEPT * len(data)


def test_half_a_character_is_none() -> None:
    search = TextSearch(re.compile("."))
    assert [search.feed(bytes((byte,))) for byte in "\u00e9".encode()] == [False, True]


def test_bytes_that_are_no_text_are_characters_of_their_own() -> None:
    assert stop_of(re.compile("\\udcff.ok"), b"caf\xc3\xa9 \xff\xb0ok") == (10, "\udcff\udcb0ok")
    assert stop_of(re.compile(b"\xff.ok"), b"caf\xc3\xa9 \xff\xb0ok") == (10, b"\xff\xb0ok")
