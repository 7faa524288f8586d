"""What the PostgreSQL is that holds everything: ours, or one that the retailer runs."""

from dataclasses import dataclass
from pathlib import Path

from unisono.core.database import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A PostgreSQL; ``version`` is as its makers write it, such as 17.2."""

    version: str
    is_embedded: bool


def of(db: Db) -> Server:
    """Return the server of a transaction, as its connection tells; nothing is asked."""
    facts = db.connection.info
    major, minor = divmod(facts.server_version, 10_000)
    # Only the embedded server has its socket in the directory of its data.
    is_embedded = Path(facts.host, "PG_VERSION").is_file()
    return Server(version=f"{major}.{minor}", is_embedded=is_embedded)
