"""Passwords: their one rule, which is length, and their slow hash, a few at a time.

Hashing takes a tenth of a second or so, and 64 MB, on purpose. It runs in threads, AT_ONCE of them
in a process, with at most PLACES_MAX sign-ins and changes under way; more are told to come again.
"""

import asyncio
import base64
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import argon2

from unisono.core.errors import Fault, Overloaded

T = TypeVar("T")

LENGTH_MIN = 12
LENGTH_MAX = 1000
"""A limit, because hashing a password of megabytes would occupy the process."""
AT_ONCE = 2
PLACES_MAX = 64
"""Worked off in seconds, on a busy machine in a quarter of a minute."""

_hasher = argon2.PasswordHasher()
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
_places = threading.BoundedSemaphore(PLACES_MAX)


def fault_of(password: str) -> Fault | None:
    """Return what is wrong with a new password, if anything."""
    if LENGTH_MIN <= len(password) <= LENGTH_MAX:
        return None
    detail = f"a password has {LENGTH_MIN} to {LENGTH_MAX} characters"
    return Fault(pointer="/password", code="wrong_length", detail=detail)


@contextmanager
def place() -> Iterator[None]:
    """Take a place among those who may wait for hashing. Raises Overloaded when all are taken."""
    if not _places.acquire(blocking=False):
        message = "too many passwords are being checked already; try again shortly"
        raise Overloaded(message)
    try:
        yield
    finally:
        _places.release()


async def hashed(password: str) -> str:
    """Return what to store of a password; call it in a ``place``."""
    hasher = _hasher
    return await _in_turn(lambda: hasher.hash(_encoded(password)))


async def matches(password: str, *, stored: str | None) -> bool:
    """Return whether this is the password that was stored; call it in a ``place``.

    None, for nobody's, takes as long as a wrong password, so that time does not tell who exists.
    """
    return await _in_turn(lambda: _matches(password, stored))


def is_outdated(stored: str) -> bool:
    """Return whether a password was stored with other costs than are used today."""
    return _hasher.check_needs_rehash(stored)


async def _in_turn(work: Callable[[], T]) -> T:
    """Do this in one of the threads; who stops waiting frees none that has begun."""
    return await asyncio.wrap_future(_threads.submit(work))


def _matches(password: str, stored: str | None) -> bool:
    # A longer text is nobody's password, and stays so when it is cut.
    given = _encoded(password[: LENGTH_MAX + 1])
    try:
        return _hasher.verify(stored or _nobodys(), given)
    except argon2.exceptions.VerifyMismatchError:
        return False


def _nobodys() -> str:
    """Return the stored form of no password, at today's costs."""
    salt, digest = (
        base64.b64encode(os.urandom(length)).decode().rstrip("=")
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    costs = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _encoded(password: str) -> bytes:
    # A terminal hands over bytes that are no UTF-8 as surrogates; they are as good as any.
    return password.encode("utf-8", "surrogatepass")
