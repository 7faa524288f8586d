"""Tracking links: a token names an order, and nobody can make one without this installation's key.

A token is the order's id and the first 16 bytes of the HMAC-SHA256 of it, in base64url without
padding. It is not stored anywhere, so it can be given out before the order is read again.
"""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from unisono.core import secrets
from unisono.core.database import Database
from unisono.core.errors import UnisonoError

_SECRET = "tracking"  # noqa: S105 - the name under which the secret is kept
_ID_BYTES = 16
_MARK_BYTES = 16


class UnknownTracking(UnisonoError):
    """No order is tracked at this address."""


def unknown() -> UnknownTracking:
    """Return the one error of every token that leads nowhere: nobody learns why."""
    return UnknownTracking("no order is tracked at this address; check the link")


async def key(database: Database) -> bytes:
    """Return the key that tokens are made and checked with, remembered by this process.

    It opens a transaction of its own, because the first to ask makes the key.
    """
    remembered: bytes | None = database.memory.get(_SECRET)
    if remembered is None:
        async with database.transaction() as db:
            remembered = await secrets.secret(db, _SECRET)
        # Only what was committed may be remembered: a token must not outlive its key.
        database.memory[_SECRET] = remembered
    return remembered


def token(order_id: UUID, *, key: bytes) -> str:
    """Return the token of an order: 43 characters that may stand in an address."""
    mark = hmac.digest(key, order_id.bytes, hashlib.sha256)[:_MARK_BYTES]
    return base64.urlsafe_b64encode(order_id.bytes + mark).decode().rstrip("=")


def order_of(given: str, *, key: bytes) -> UUID:
    """Return the order that a token names; checking a wrong one takes as long as a right one.

    Raises UnknownTracking for everything that ``token`` would not make.
    """
    try:
        raw = base64.b64decode(given.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise unknown() from None
    if len(raw) != _ID_BYTES + _MARK_BYTES:
        raise unknown()
    order_id = UUID(bytes=raw[:_ID_BYTES])
    # The whole text is compared: the last character holds bits that decoding does not look at.
    if not hmac.compare_digest(token(order_id, key=key), given):
        raise unknown()
    return order_id
