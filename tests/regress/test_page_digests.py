"""Digests of pages are right, whatever is remembered of them."""

from __future__ import annotations

from hashlib import blake2b

import pytest

from emu.regress.powercut.page_digests import PageDigests
from peripherals.framework.page_copies import PAGE_BYTES


def test_no_more_pages_are_remembered_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emu.regress.powercut.page_digests.MOST_KNOWN", 4)
    digests, pages = PageDigests(), [bytes([number]) * PAGE_BYTES for number in range(10)]
    for page in (*pages, *pages):
        assert digests.of(page) == blake2b(page, digest_size=16).digest()
        assert len(digests._known) <= 4
