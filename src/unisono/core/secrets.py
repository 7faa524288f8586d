"""Random keys that this installation made for itself, kept in the database."""

import secrets

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

KEY_BYTES = 32


async def secret(db: Db, name: str) -> bytes:
    """Return the 256-bit key of that name; the first to ask makes it."""
    await db.execute(sql.make, {"name": name, "value": secrets.token_bytes(KEY_BYTES)})
    value: bytes = await db.value(sql.read, {"name": name})
    return value
