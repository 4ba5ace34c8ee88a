"""What is encoded comes back as it was; what is no text of a tree is refused."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.history.encoding import Encoder, StateEncodingError, decode, digest
from emu.isa.ops import Vector
from emu.report.crash import CrashKind, CrashReport
from peripherals.framework.reset import ResetCause

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.binary(), st.floats(allow_nan=False)
)
KEYS = st.one_of(st.text(), st.tuples(st.integers(), st.integers()))
TREES = st.recursive(
    st.one_of(LEAVES, st.sampled_from(ResetCause), st.sets(st.integers())),
    lambda trees: st.one_of(
        st.lists(trees),
        st.lists(trees).map(tuple),
        st.lists(trees).map(lambda items: deque(items, maxlen=len(items) + 1)),
        st.dictionaries(st.text(), trees),
        st.dictionaries(st.tuples(st.integers(), st.integers()), trees),
    ),
)


def same(left: Any, right: Any) -> bool:
    """Equal, and of equal types all the way down."""
    if type(left) is not type(right) or left != right:
        return False
    if isinstance(left, dict):
        return all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple | deque):
        return all(map(same, left, right))
    return True


@given(TREES)
def test_a_tree_comes_back(tree: Any) -> None:
    encoder = Encoder()
    text = encoder.text(tree)
    assert same(decode(text, encoder.blobs), tree)


@given(st.dictionaries(st.text(), TREES))
def test_the_order_of_a_dictionary_does_not_matter(tree: dict[str, Any]) -> None:
    assert digest(dict(reversed(tree.items()))) == digest(tree)


def test_equal_bytes_are_one_blob() -> None:
    encoder = Encoder()
    encoder.text([bytes(100), bytes(100), b"x"])
    assert encoder.blobs == [bytes(100), b"x"]


def test_reports_and_enumerations_come_back() -> None:
    report = CrashReport(CrashKind.LOCKED_UP, 7, 8, "main", registers={"r0": 1})
    encoder = Encoder()
    assert decode(encoder.text([report, ResetCause.WATCHDOG]), encoder.blobs) == [report, ResetCause.WATCHDOG]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        '{"$bytes": 0}',
        '{"$bytes": "x"}',
        '{"$unknown": []}',
        '{"$tuple": 1}',
        '{"$map": [[1]]}',
        '{"$set": [[]]}',
        '{"$deque": []}',
        '{"$enum": ["os.Name", "x"]}',
        '{"$enum": ["emu.report.crash.CrashKind", "x"]}',
        '{"$enum": ["emu.report.crash.FATAL", "x"]}',
        '{"$object": ["emu.report.crash.CrashReport", {}]}',
        '{"$object": ["subprocess.Popen", {"args": "true"}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(StateEncodingError):
        decode(text, [])


def test_what_no_tree_may_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="object in a state"):
        Encoder().text([object()])
    with pytest.raises(TypeError, match="Vector in a state"):
        Encoder().text({"vector": Vector.TRACE})
