from __future__ import annotations

import pytest

from emu.cli.exit_code import ExitCode
from emu.cli.text_watch import TextWatch


def test_success_needs_all_texts_in_any_order() -> None:
    watch = TextWatch(["one", "two"], [])
    watch.feed(b"... two ...")
    assert watch.verdict is None
    watch.feed(b"... one ...")
    assert watch.verdict is ExitCode.SUCCESS


def test_a_text_may_arrive_byte_by_byte() -> None:
    watch = TextWatch(["ready"], ["panic"])
    for byte in b"it is read":
        watch.feed(bytes([byte]))
    assert watch.verdict is None
    watch.feed(b"y")
    assert watch.verdict is ExitCode.SUCCESS


def test_a_forbidden_text_wins_over_success() -> None:
    watch = TextWatch(["ready"], ["panic"])
    watch.feed(b"panic, not ready")
    assert watch.verdict is ExitCode.FAILURE
    assert str(watch.seen_forbidden) == "'panic'"


def test_without_texts_nothing_is_decided() -> None:
    watch = TextWatch([], [])
    watch.feed(b"anything")
    assert watch.verdict is None


def test_a_text_split_by_other_bytes_does_not_count() -> None:
    watch = TextWatch(["ready"], [])
    watch.feed(b"rea")
    watch.feed(b"-dy")
    assert watch.verdict is None


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_text_counts_in_utf_8_and_in_gbk(encoding: str) -> None:
    watch = TextWatch(["\u6210\u529f"], [])
    watch.feed("\u5347\u7ea7\u6210\u529f".encode(encoding))
    assert watch.verdict is ExitCode.SUCCESS


def test_bytes_of_the_command_line_that_are_no_text_are_looked_for_as_they_are() -> None:
    watch = TextWatch([b"gbk \xb3\xc9".decode(errors="surrogateescape")], ["\udcff\U0001f642"])
    watch.feed(b"gbk \xb3\xc9\xb9\xa6")
    assert watch.verdict is ExitCode.SUCCESS
