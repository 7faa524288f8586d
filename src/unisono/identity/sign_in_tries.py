"""Wrong passwords slow an address down: for all processes, whether or not it is somebody's."""

import hashlib

from unisono.core import queries
from unisono.core.database import Db
from unisono.core.errors import UnisonoError

sql = queries.beside(__file__)

WAIT_SECONDS = (0, 0, 2, 4, 8, 16, 32, 60)
"""How long the next try has to wait, by the wrong ones in a row so far; the last for all more."""
FORGOTTEN_MINUTES = 15
"""Without a try for so long, an address begins anew. Trying is bounded by the hashing of passwords,
so this bounds the table as well."""


class SignInSlowed(UnisonoError):
    """There were several wrong passwords for this address, so the next try has to wait."""

    def __init__(self, seconds: int) -> None:
        """Keep for how many ``seconds`` it has to wait."""
        super().__init__(f"there were several wrong passwords; try again in {seconds} seconds")
        self.seconds = seconds


async def begin(db: Db, *, address: str) -> None:
    """Count a try, as a wrong one until ``succeed`` says otherwise.

    So tries at the same moment cannot slip through together. Raises SignInSlowed when this one
    comes too early: then it is not counted.
    """
    digest = _digest(address)
    bounds = {"waits": list(WAIT_SECONDS), "forgotten_minutes": FORGOTTEN_MINUTES}
    if await db.value(sql.count_try, {"address_hash": digest, **bounds}) is None:
        seconds = await db.value(
            sql.seconds_left, {"address_hash": digest, "waits": list(WAIT_SECONDS)}
        )
        # None: another one succeeded between the two looks.
        raise SignInSlowed(max(seconds or 0, 1))


async def succeed(db: Db, *, address: str) -> None:
    """Forget the wrong tries of an address."""
    await db.execute(sql.forget, {"address_hash": _digest(address)})


async def forget_old(db: Db) -> None:
    """Forget what counts no more."""
    await db.execute(sql.forget_old, {"forgotten_minutes": FORGOTTEN_MINUTES})


def _digest(address: str) -> bytes:
    """Return what is stored of an address: people type their password there now and then."""
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).digest()
