"""Keyset cursors: an opaque text that says where the next page begins.

It holds the sort key of the last row that was shown, so a page is never shifted by rows that come
or go before it.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from unisono.core.errors import Fault, InvalidInput

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Rows, and the cursor of the next page; None on the last."""

    rows: tuple[T, ...]
    after: str | None


def encode(key: object) -> str:
    """Return the cursor of a sort key (anything that JSON can hold, UUIDs and times included)."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode(cursor: str, kind: type[K]) -> K:
    """Return the sort key in a cursor.

    Raises InvalidInput when the text is not a cursor of such a listing.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, UnicodeEncodeError, msgspec.MsgspecError, ValueError):
        detail = "this is not a cursor of this listing; start again without one"
        raise InvalidInput(Fault(pointer="/after", code="unknown_cursor", detail=detail)) from None


def page(rows: list[T], *, limit: int, key: Callable[[T], object]) -> Page[T]:
    """Return the first ``limit`` of rows that were asked for with one more than ``limit``."""
    shown = tuple(rows[:limit])
    return Page(rows=shown, after=encode(key(shown[-1])) if len(rows) > limit else None)
