"""Whether the process lives, and whether it can serve: for load balancers, without a key."""

import msgspec
from litestar import get
from litestar.di import NamedDependency

from unisono.api.authentication import PUBLIC
from unisono.core import migrate
from unisono.core.database import Database
from unisono.core.errors import Unavailable


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """``live`` or ``ready``; what is not is told as a problem with status 503."""

    status: str


@get("/health/live", opt=PUBLIC, tags=["health"], sync_to_thread=False)
def live() -> Health:
    """Say that this process answers."""
    return Health(status="live")


@get("/health/ready", opt=PUBLIC, tags=["health"])
async def ready(database: NamedDependency[Database]) -> Health:
    """Say that the database can be used and has the newest schema."""
    async with database.read() as db:
        pending = await migrate.pending(db)
    if pending:
        message = f"the database still needs the migration {pending[0]}; run `unisono migrate`"
        raise Unavailable(message)
    return Health(status="ready")
