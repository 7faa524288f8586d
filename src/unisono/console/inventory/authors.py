"""Who wrote a movement: keys are often named by the code of a location or a channel."""

from collections.abc import Mapping

from unisono.channels import channels
from unisono.core.database import Db
from unisono.network import network


async def names_of_authors(db: Db) -> Mapping[str, str]:
    """Return the names of locations and channels by code; of equal codes the location's."""
    known = (await channels.all(db)).by_code
    places = (await network.of(db)).by_code
    return {
        **{code: each.name for code, each in known.items()},
        **{code: each.name for code, each in places.items()},
    }
