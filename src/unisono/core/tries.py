"""Changes that are done once more when their transaction met another one."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from psycopg import errors

T = TypeVar("T")

TRIES_MAX = 3
"""How often a change is tried whose transaction met another one."""

# What another transaction can cause, and what is gone when everything is done once more.
_COLLISIONS = (
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.SerializationFailure,
)


async def settled(change: Callable[[], Awaitable[T]]) -> T:
    """Return what ``change`` returns: it is started up to TRIES_MAX times.

    Each start is a transaction of its own; all but the last leave nothing behind.
    """
    tries = 1
    while True:
        try:
            return await change()
        except _COLLISIONS:
            if tries == TRIES_MAX:
                raise
            tries += 1
