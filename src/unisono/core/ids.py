"""Identifiers: time-ordered UUIDs made by the application, and stable ones for named things."""

import os
import threading
import time
import uuid
from datetime import UTC, datetime

_NAMES = uuid.UUID("6f1d8f0a-53b1-5d0e-9a53-0c1f8e5b7d21")
_COUNTER_BITS = 42
_COUNTER_MASK = (1 << _COUNTER_BITS) - 1
_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """Return a UUIDv7 (RFC 9562), strictly increasing within this process.

    Layout: 48 bits of milliseconds, then 42 bits that start random in every millisecond and count
    up (12 of them in ``rand_a``), then 32 random bits.
    """
    return uuids7(1)[0]


def uuids7(count: int) -> list[uuid.UUID]:
    """Return ``count`` increasing UUIDv7; one look at the clock serves all."""
    global _last  # noqa: PLW0603 - the last value is what makes the ids of a process increase
    noise = os.urandom(4 * count + 5)
    with _lock:
        tick = (time.time_ns() // 1_000_000) << _COUNTER_BITS
        fresh = tick | int.from_bytes(noise[-5:], "big")
        first = max(fresh, _last + 1)
        _last = first + count - 1
    return [
        _compose(first + i, int.from_bytes(noise[4 * i : 4 * i + 4], "big")) for i in range(count)
    ]


def _compose(stamp: int, noise: int) -> uuid.UUID:
    milliseconds = stamp >> _COUNTER_BITS
    counter = stamp & _COUNTER_MASK
    high, low = counter >> 30, counter & 0x3FFFFFFF
    return uuid.UUID(
        int=(milliseconds << 80) | (7 << 76) | (high << 64) | (2 << 62) | (low << 32) | noise
    )


def made_at(identifier: uuid.UUID) -> datetime:
    """Return when a UUIDv7 was made, to the millisecond, in UTC."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def named(kind: str, code: str) -> uuid.UUID:
    """Return the UUID of a named thing (``named("sku", "85123A")``): the same on every machine."""
    return uuid.uuid5(_NAMES, f"{kind}:{code}")
