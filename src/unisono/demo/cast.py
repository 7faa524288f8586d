"""Everybody who takes part in the demo, each with a key of their own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx2

from unisono.demo.client import Client
from unisono.demo.customers import Customers
from unisono.demo.deliveries import Deliveries
from unisono.demo.floor import Floor, World
from unisono.demo.journal import Journal
from unisono.demo.opening import Keys
from unisono.demo.replay import Replay
from unisono.demo.restocking import Suppliers
from unisono.demo.retailer import locations
from unisono.demo.shelves import Shelves
from unisono.demo.tempo import Tempo


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The actors and the world that they share; ``team`` is customer care's client."""

    world: World
    floors: Sequence[Floor]
    customers: Customers
    replay: Replay
    suppliers: Suppliers
    team: Client

    @property
    def journal(self) -> Journal:
        """What was seen so far."""
        return self.world.journal

    @property
    def is_resting(self) -> bool:
        """Whether customers and carriers have nothing to do now."""
        return self.customers.are_content and self.world.deliveries.are_told

    def acting(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Let everybody act for ever; nobody sells by this."""
        actors = [group.create_task(each.work()) for each in self.floors]
        actors.append(group.create_task(self.world.deliveries.drive()))
        actors.append(group.create_task(self.customers.act()))
        return actors

    def change_tempo(self, tempo: Tempo, *, at: datetime) -> None:
        """Let everybody go on by another tempo from ``at`` on."""
        self.world.tempo = tempo
        self.world.deliveries.change_tempo(tempo, at=at)
        self.customers.change_tempo(tempo, at=at)
        for floor in self.floors:
            floor.change_tempo(tempo, at=at)


def gather(
    http: httpx2.AsyncClient,
    keys: Keys,
    *,
    tempo: Tempo,
    shelves: Shelves,
    journal: Journal,
    seed: int,
    left_since: datetime | None,
) -> Cast:
    """Bring everybody together; with ``keys`` they use the API like anybody else.

    Where nothing is left to visitors, ``left_since`` is None, and nobody but they act.
    """
    team = Client(http, keys.care)
    world = World(
        tempo=tempo,
        shelves=shelves,
        deliveries=Deliveries(Client(http, keys.carriers), tempo),
        journal=journal,
        seed=seed,
        left_since=left_since,
    )
    customers = Customers(team, tempo, seed=seed, journal=journal)
    return Cast(
        world=world,
        floors=[
            Floor(location, Client(http, keys.locations[location.code]), world)
            for location in locations()
        ],
        customers=customers,
        replay=Replay(
            channels={code: Client(http, key) for code, key in keys.channels.items()},
            customers=customers,
            shelves=shelves,
            journal=journal,
            visited=left_since is not None,
        ),
        suppliers=Suppliers(Client(http, keys.back_office), shelves, seed=seed),
        team=team,
    )
