"""The people of the demo that a visitor can be, and the one screenful that tells about it all."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from unisono.core.database import Database
from unisono.demo import left
from unisono.demo.retailer import locations
from unisono.identity import people

PASSWORD_BYTES = 9
"""Twelve characters of base64: made anew at each start, and shown once."""
DOMAIN = "maison-unisono.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody a visitor can be; ``sees`` says what for."""

    email: str
    name: str
    role: str
    sees: str
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What a visitor is told; ``tracking`` is the path of an order on its way, if there is one."""

    address: str
    password: str
    reader: str
    tracking: str | None
    database: str
    per_minute: int


VISITORS = (
    Visitor(
        email=f"admin@{DOMAIN}", name="Camille Martin", role="administrator", sees="everything"
    ),
    Visitor(
        email=f"operations@{DOMAIN}",
        name="Karim Lefèvre",
        role="operations",
        sees="orders, stock, the work of all locations",
    ),
    Visitor(
        email=f"service@{DOMAIN}",
        name="Hélène Moreau",
        role="service",
        sees="customers and their orders",
    ),
    Visitor(
        email=f"rivoli@{DOMAIN}",
        name="Inès Garnier",
        role="store",
        sees=f"the work of one store, {left.STORE}",
        locations=(left.STORE,),
    ),
)


async def admit(database: Database) -> str:
    """Enter everybody, and return the password of them all."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    for each in VISITORS:
        async with database.transaction() as db:
            await people.add(
                db,
                email=each.email,
                name=each.name,
                password=password,
                role=each.role,
                locations=each.locations,
            )
    return password


def lines(welcome: Welcome) -> Iterator[str]:
    """Give the screenful: where everything is, how to sign in, and what to try."""
    names = {location.code: location.name for location in locations()}
    width = max(len(each.email) for each in VISITORS)
    yield ""
    yield f"  console        {welcome.address}/"
    label = "sign in as"
    for each in VISITORS:
        yield f"    {label:<12} {each.email:<{width}}  {each.sees}"
        label = ""
    yield f"    password     {welcome.password}"
    if welcome.tracking is not None:
        yield f"  tracking page  {welcome.address}{welcome.tracking}"
    yield f"  documentation  {welcome.address}/docs"
    yield f"  database       {welcome.database}"
    yield ""
    yield "What to try:"
    yield f"  - {names[left.STORE]} and {names[left.WAREHOUSE]} leave some of their work to you:"
    yield "    accept it, say that something is not there, pack it, ship it; the parcels travel on."
    yield "  - As service, find an order and cancel a part; see why it comes from where it comes."
    yield "  - Ask the API, with a key that may read everything:"
    header = f"Authorization: Bearer {welcome.reader}"
    yield f"    curl -H '{header}' '{welcome.address}/v1/orders?limit=3'"
    yield ""
    if welcome.per_minute:
        yield (
            f"It sells on, {welcome.per_minute} orders a minute (--pace), "
            "and a day of the carriers takes 5 minutes. Ctrl-C ends it."
        )
    else:
        yield "Nothing more is sold (--pace 0). Ctrl-C ends it."
