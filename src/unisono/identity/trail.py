"""The audit trail of rights: who did what to whose access, written with the act itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from unisono.core import ids, paging, queries
from unisono.core.database import Db
from unisono.core.paging import Page

sql = queries.beside(__file__)

Act = Literal[
    "person_added",
    "person_changed",
    "person_switched_off",
    "person_switched_on",
    "password_set",
    "key_added",
    "key_rotated",
    "key_ended",
    "signed_in",
    "signed_out",
    "sessions_ended",
]
INSTALLATION = "unisono"
"""The author when nobody signed in acts: a command on the machine itself, or the demo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An act. ``actor`` is a name; ``subject`` an e-mail address, or the name of a key."""

    id: UUID
    at: datetime
    actor: str
    act: Act
    subject: str


async def write(db: Db, *, actor: str, act: Act, subject: str) -> None:
    """Enter an act in the transaction that does it."""
    await db.execute(
        sql.insert_entry, {"id": ids.uuid7(), "actor": actor, "act": act, "subject": subject}
    )


async def listing(db: Db, *, after: str | None, limit: int) -> Page[Entry]:
    """Return a page of acts, newest first; ``after`` is the cursor of the page before.

    Raises InvalidInput for a cursor of another listing.
    """
    last = None if after is None else paging.decode(after, UUID)
    rows = await db.rows(Entry, sql.newest, {"last": last, "limit": limit + 1})
    return paging.page(rows, limit=limit, key=lambda entry: entry.id)
