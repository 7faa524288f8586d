"""Channels, to read: where sales are made, from which stock, and what happens when it is short."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from unisono.channels import channels
from unisono.channels.channels import UnknownChannel
from unisono.console.area import Pages
from unisono.console.guard import needs
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.texts import folded
from unisono.network import network


@get("/channels", opt=needs("channels:read"))
async def list_channels(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every channel, by name; those that are closed come last."""
    async with visit.database.read() as db:
        known = await channels.all(db)
        everywhere = await network.of(db)
    return page(
        visit,
        "channels/list.html",
        channels=sorted(
            known.by_code.values(), key=lambda each: (each.status != "active", folded(each.name))
        ),
        sold_from={
            each.code: [everywhere.by_code[code].name for code in each.locations]
            for each in known.by_code.values()
        },
    )


@get("/channels/{code:str}", opt=needs("channels:read"))
async def show_channel(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """One channel."""
    async with visit.database.read() as db:
        channel = (await channels.all(db)).by_code.get(code)
        everywhere = await network.of(db)
    if channel is None:
        raise UnknownChannel(code)
    return page(
        visit,
        "channels/channel.html",
        channel=channel,
        places=sorted(
            (everywhere.by_code[each] for each in channel.locations),
            key=lambda each: folded(each.name),
        ),
        total=len(everywhere.locations),
    )


pages = Pages(name="channels", routes=(list_channels, show_channel))
