"""The version that a change was made against: nobody overwrites what he has not seen."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, VersionMismatch, VersionRequired


class Versioned(Protocol):
    """Anything that counts its changes."""

    @property
    def version(self) -> int:
        """How often it was changed, from 1."""


V = TypeVar("V", bound=Versioned)


def require(*, held: int | None, given: int | None, what: str) -> None:
    """Let a change through that is made against the version that is held; None: there is none.

    Raises VersionRequired when the thing exists and no version was given, VersionMismatch when
    another version was given than the one that is held.
    """
    if held == given:
        return
    if given is None:
        message = f"{what} exists in version {held}; say which version you change"
        raise VersionRequired(message)
    if held is None:
        message = f"{what} does not exist, so it has no version {given}"
        raise VersionMismatch(message)
    message = f"{what} is in version {held}, not {given}; read it again"
    raise VersionMismatch(message)


async def replaced(
    db: Db,
    *,
    what: str,
    addressed: str,
    given: str,
    version: int | None,
    lock: bytes,
    put: Callable[[], Awaitable[V]],
) -> V:
    """Put a thing at its code by the version that was read (None: it is new); return it as held.

    ``addressed`` is the code where it is put and ``given`` the one that it says it has; ``lock`` is
    the query that locks the code and returns its version. Raises InvalidInput when the codes
    differ, VersionRequired, VersionMismatch, and what ``put`` raises.
    """
    if addressed != given:
        detail = f"this is put at {addressed}, but says that its code is {given}"
        raise InvalidInput(Fault(pointer="/code", code="differs", detail=detail))
    held = await db.value(lock, {"code": addressed})
    named = f"{what} {addressed}"
    require(held=held, given=version, what=named)
    stored = await put()
    if held is None and stored.version != 1:
        # Somebody made it since this transaction looked, so it was changed instead of made.
        require(held=stored.version - 1, given=None, what=named)
    return stored
