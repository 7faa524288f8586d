"""Channels: where sales are made, from which locations, and what happens when stock is short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from unisono.core import ids, paging, queries, versions
from unisono.core import revision as revisions
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.outbox import Event, Fact, add
from unisono.core.paging import Page
from unisono.core.revision import Copy
from unisono.core.texts import Code, Currency, Line
from unisono.network import locations

sql = queries.beside(__file__)

AREA = "channels"

Kind = Literal["web_site", "app", "store_till", "marketplace", "call_centre"]
Status = Literal["active", "closed"]


class UnknownChannel(UnisonoError):
    """There is no such channel."""

    def __init__(self, channel: str) -> None:
        """Keep the code that was asked for."""
        super().__init__(f"there is no channel {channel}")
        self.channel = channel


class NewChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel as it is told.

    ``when_short`` says whether an order without stock is refused or, because it is sold already,
    accepted. ``safety_stock`` units of every SKU are left at each location. ``locations`` are the
    codes of the only ones that it sells from; none means all.
    """

    code: Annotated[Code, Meta(examples=["web"])]
    name: Annotated[Line, Meta(examples=["Web shop"])]
    kind: Kind
    currency: Currency
    when_short: Literal["refuse", "accept"]
    status: Status = "active"
    safety_stock: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    locations: Annotated[tuple[Code, ...], Meta(max_length=10_000)] = ()
    brand: Line | None = None
    legal_entity: Line | None = None


class ToldChannel(NewChannel, frozen=True, kw_only=True):
    """A channel as others see it; ``version`` counts its changes from 1."""

    version: int


class Channel(ToldChannel, frozen=True, kw_only=True):
    """A channel as it is held, with the id that stays inside."""

    id: int


class ChannelChanged(Fact, frozen=True, kw_only=True):
    """A channel was made or changed; it is told whole."""

    name: ClassVar = "channel.changed"
    channel: NewChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """Every channel at one revision."""

    by_code: Mapping[str, Channel]
    by_id: Mapping[int, Channel]


async def put(db: Db, *, channel: NewChannel) -> Channel:
    """Make or change a channel; as it already is, it keeps its version and tells nothing.

    Raises InvalidInput naming each location that is not known or is given twice.
    """
    missing = await locations.unknown(db, codes=channel.locations)
    faults = [*_faults(channel, missing)]
    if faults:
        raise InvalidInput(*faults)
    version = await db.value(
        sql.put,
        {
            "code": channel.code,
            "name": channel.name,
            "kind": channel.kind,
            "status": channel.status,
            "currency": channel.currency,
            "when_short": channel.when_short,
            "safety_stock": channel.safety_stock,
            "locations": list(channel.locations),
            "brand": channel.brand,
            "legal_entity": channel.legal_entity,
        },
    )
    if version is not None:
        await revisions.bump(db, AREA)
        aggregate = ids.named("channel", channel.code)
        fact = ChannelChanged(channel=channel)
        await add(db, [Event(aggregate=aggregate, sequence=version, fact=fact)])
    return await get(db, code=channel.code)


async def replace(db: Db, *, code: str, channel: NewChannel, version: int | None) -> Channel:
    """Make this channel (``version`` None) or change the version that was read, and return it.

    ``code`` is where it is put. Raises VersionRequired, VersionMismatch, and InvalidInput as
    ``put`` does.
    """
    return await versions.replaced(
        db,
        what="channel",
        addressed=code,
        given=channel.code,
        version=version,
        lock=sql.lock,
        put=lambda: put(db, channel=channel),
    )


async def get(db: Db, *, code: str) -> Channel:
    """Return a channel. Raises UnknownChannel."""
    for row in await db.tuples(sql.by_code, {"code": code}):
        return _channel(row)
    raise UnknownChannel(code)


async def listing(
    db: Db, *, after: str | None, limit: int, status: Status | None = None
) -> Page[Channel]:
    """Return channels by code, ``limit`` after the cursor ``after``.

    Raises InvalidInput when ``after`` is not a cursor of this listing.
    """
    rows = await db.tuples(
        sql.listing,
        {
            "after": None if after is None else paging.decode(after, str),
            "status": status,
            "limit": limit + 1,
        },
    )
    held = [_channel(row) for row in rows]
    return paging.page(held, limit=limit, key=lambda channel: channel.code)


async def all(db: Db, revision: int | None = None) -> Channels:  # noqa: A001 - `channels.all` says it
    """Return every channel; ``revision`` is that of the area, when the caller has just read it."""
    if revision is None:
        revision = (await revisions.current(db))[AREA]
    return await _COPY.at(db, revision)


async def _load(db: Db) -> Channels:
    held = [_channel(row) for row in await db.tuples(sql.every)]
    return Channels(
        by_code={channel.code: channel for channel in held},
        by_id={channel.id: channel for channel in held},
    )


def _channel(row: Sequence[Any]) -> Channel:
    id_, code, name, kind, status, currency, when_short, safety_stock, sold_from, *owners, n = row
    brand, legal_entity = owners
    return Channel(
        id=id_,
        code=code,
        name=name,
        kind=kind,
        status=status,
        currency=currency,
        when_short=when_short,
        safety_stock=safety_stock,
        locations=tuple(sold_from),
        brand=brand,
        legal_entity=legal_entity,
        version=n,
    )


_COPY = Copy(AREA, _load)


def told(channel: Channel) -> ToldChannel:
    """Return a channel as others see it."""
    fields = {field: getattr(channel, field) for field in ToldChannel.__struct_fields__}
    return ToldChannel(**fields)


def _faults(channel: NewChannel, missing: set[str]) -> list[Fault]:
    faults = []
    seen: set[str] = set()
    for n, code in enumerate(channel.locations):
        pointer = f"/locations/{n}"
        if code in seen:
            detail = f"location {code} is given twice"
            faults.append(Fault(pointer=pointer, code="repeated", detail=detail))
        elif code in missing:
            detail = f"there is no location {code}"
            faults.append(Fault(pointer=pointer, code="unknown_location", detail=detail))
        seen.add(code)
    return faults
