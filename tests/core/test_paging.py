"""Cursors: opaque texts that hold the key of the last row shown."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.core import paging
from unisono.core.errors import Fault, InvalidInput

REFUSED = Fault(
    pointer="/after",
    code="unknown_cursor",
    detail="this is not a cursor of this listing; start again without one",
)


@given(key=st.tuples(st.integers(-(2**63), 2**63 - 1), st.text(), st.uuids()))
def test_a_cursor_holds_its_key(key: tuple[int, str, UUID]) -> None:
    cursor = paging.encode(key)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert paging.decode(cursor, tuple[int, str, UUID]) == key


def test_a_cursor_may_hold_a_time() -> None:
    at = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
    assert paging.decode(paging.encode(at), datetime) == at


@given(text=st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        key = paging.decode(text, tuple[int, UUID])
    except InvalidInput:
        return
    assert paging.decode(paging.encode(key), tuple[int, UUID]) == key


@pytest.mark.parametrize(
    "cursor",
    ["", "!", "é", "AAAA", paging.encode("a"), paging.encode((1, "no id")), paging.encode((1,))],
)
def test_a_cursor_of_another_listing_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        paging.decode(cursor, tuple[int, UUID])
    assert refusal.value.faults == (REFUSED,)


@given(rows=st.lists(st.integers(), unique=True).map(sorted), limit=st.integers(1, 7))
def test_pages_show_every_row_once_in_order(rows: list[int], limit: int) -> None:
    shown: list[int] = []
    rest = rows
    while rest or not shown:
        page = paging.page(rest[: limit + 1], limit=limit, key=lambda row: row)
        assert len(page.rows) <= limit
        shown += page.rows
        if page.after is None:
            break
        last = paging.decode(page.after, int)
        rest = [row for row in rows if row > last]
    assert shown == rows


def test_a_full_last_page_has_no_next_one() -> None:
    page = paging.page([1, 2, 3], limit=3, key=lambda row: row)
    assert page.rows == (1, 2, 3)
    assert page.after is None
