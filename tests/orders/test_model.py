"""A random walk through everything that happens to stock, beside a simple model of it.

The model keeps on_hand and unavailable by level, and for each order units by line, place and state.
Where units go is sourcing's choice: the model takes it over, and checks that they were free there.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from tests.fulfillment.floor import AUTHOR
from tests.orders.shop import collected, count, level, open_shop, order
from unisono.core.database import Database
from unisono.fulfillment import records
from unisono.fulfillment.accept import accept
from unisono.fulfillment.pack import pack
from unisono.fulfillment.pick import Picked, pick
from unisono.fulfillment.records import FulfillmentRef, Held
from unisono.fulfillment.reject import reject
from unisono.fulfillment.release import release
from unisono.fulfillment.ship import Labelled, ship
from unisono.fulfillment.withdraw import withdraw
from unisono.inventory import stock
from unisono.inventory.audit import audit as audit_stock
from unisono.inventory.stock import AdjustmentRow
from unisono.orders import recipients
from unisono.orders.audit import audit as audit_orders
from unisono.orders.cancel import Cancellation, CancelledLine, NothingToCancel, cancel
from unisono.orders.capture import capture
from unisono.orders.deciding import StockShort
from unisono.orders.entries import Captured
from unisono.orders.new_order import NewPayment
from unisono.orders.pay import NewReceipt, pay
from unisono.orders.reroute import reroute
from unisono.orders.states import ALLOCATION, rolled_up

STEPS = 160
CHECKED_EVERY = 5
SKUS = ("CUP", "LAMP")
PLACES = ("S-LYON", "S-LILLE", "W-ORLEANS")
CLAIMED = ("allocated", "released", "picked", "packed")
# In this order units are cancelled: what is nearest to the shelf first.
CANCELLED_FIRST = ("open", "allocated", "released", "picked", "packed")

Place = str | None
Units = Counter[tuple[int, Place, str]]
"""How many units by (line, place, state)."""


@dataclass(slots=True)
class Sold:
    """An order as the model knows it."""

    id: UUID
    skus: list[str]
    total: str
    on_hold: bool
    units: Units = field(default_factory=Counter)

    def move(self, line: int, place: Place, state: str, to: tuple[Place, str], n: int) -> None:
        self.units[line, place, state] -= n
        self.units[line, *to] += n
        self.units = +self.units


@dataclass(slots=True)
class World:
    """The database, the model beside it, and what is drawn."""

    database: Database
    draw: random.Random
    on_hand: Counter[tuple[str, str]] = field(default_factory=Counter)
    unavailable: Counter[tuple[str, str]] = field(default_factory=Counter)
    orders: list[Sold] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def committed(self, sku: str, place: str) -> int:
        return sum(
            n
            for sold in self.orders
            for (line, at, state), n in sold.units.items()
            if at == place and state in CLAIMED and sold.skus[line - 1] == sku
        )

    def free(self, sku: str, place: str) -> int:
        key = sku, place
        return self.on_hand[key] - self.unavailable[key] - self.committed(*key)

    async def places(self, sold: Sold) -> Units:
        """Where the units of an order are, as the database says."""
        found: Units = Counter()
        async with self.database.read() as db:
            rows = await db.tuples(
                b"SELECT a.line, l.code, a.state, a.quantity FROM orders.allocation AS a"
                b" LEFT JOIN network.location AS l ON l.id = a.location"
                b" WHERE a.order_id = %(id)s",
                {"id": sold.id},
            )
        for line, place, state, n in rows:
            # Where something was cancelled does not matter to stock.
            found[line, None if state == "cancelled" else place, state] += n
        return found

    async def take_over(self, sold: Sold) -> None:
        """Take over what sourcing chose, all of which must have been free."""
        before = {(sku, at): self.free(sku, at) for sku in SKUS for at in PLACES}
        had = {(sku, at): self.committed(sku, at) for sku in SKUS for at in PLACES}
        sold.units = await self.places(sold)
        for key, free in before.items():
            assert self.committed(*key) - had[key] <= max(0, free)

    async def work(self, state: str) -> Held | None:
        """Draw a fulfillment order that is in a state."""
        async with self.database.read() as db:
            every = await records.of_orders(db, order_ids=[sold.id for sold in self.orders])
        fitting = [held for held in every if held.state == state]
        return self.draw.choice(fitting) if fitting else None

    def sold(self, ref: FulfillmentRef) -> Sold:
        return next(sold for sold in self.orders if sold.id == ref.order_id)

    async def asked(self, held: Held) -> list[tuple[int, int, int]]:
        """Return allocation, line and units that the work still wants."""
        async with self.database.read() as db:
            return [
                (each.n, each.line, each.quantity)
                for each in await recipients.allocations(db, order_ids=[held.order_id])
                if each.fulfillment_order == held.n and each.state != "cancelled"
            ]

    async def place_of(self, held: Held) -> str:
        async with self.database.read() as db:
            code: str = await db.value(
                b"SELECT code FROM network.location WHERE id = %(id)s", {"id": held.location}
            )
        return code

    async def sell(self) -> None:
        lines = [
            (self.draw.choice(SKUS), self.draw.randint(1, 4))
            for _ in range(self.draw.randint(1, 3))
        ]
        on_hold = self.draw.random() < 0.2
        payment = NewPayment(status="pending") if on_hold else None
        new = order(f"A-{self.done['sell']}-{self.done['short']}", *lines, payment=payment)
        wanted: Counter[str] = Counter()
        for sku, n in lines:
            wanted[sku] += n
        enough = all(
            sum(max(0, self.free(sku, place)) for place in PLACES) >= n for sku, n in wanted.items()
        )
        [answer] = await capture(self.database, [new])
        assert isinstance(answer, Captured if enough else StockShort)
        if not isinstance(answer, Captured):
            self.done["short"] += 1
            return
        sold = Sold(
            id=answer.id, skus=[sku for sku, _ in lines], total=answer.total, on_hold=on_hold
        )
        self.orders.append(sold)
        await self.take_over(sold)
        for line, (_, n) in enumerate(lines, 1):
            placed = [units for (at, *_), units in sold.units.items() if at == line]
            assert sum(placed) == n
        self.done["sell"] += 1

    async def pay(self) -> None:
        waiting = [sold for sold in self.orders if sold.on_hold]
        if waiting:
            sold = self.draw.choice(waiting)
            receipt = NewReceipt(reference="pi", amount=sold.total)
            async with self.database.transaction() as db:
                await pay(db, order_id=sold.id, receipt=receipt)
            sold.on_hold = False
            self.done["pay"] += 1

    async def release(self) -> None:
        async with self.database.transaction() as db:
            await release(db, order_ids=[sold.id for sold in self.orders])
        for sold in self.orders:
            if not sold.on_hold:
                for (line, place, state), n in list(sold.units.items()):
                    if state == "allocated":
                        sold.move(line, place, state, (place, "released"), n)
        self.done["release"] += 1

    async def reroute(self) -> None:
        async with self.database.transaction() as db:
            await reroute(db, order_ids=[sold.id for sold in self.orders])
        for sold in self.orders:
            if any(state == "open" for _, _, state in sold.units):
                await self.take_over(sold)
                self.done["reroute"] += 1

    async def cancel(self) -> None:
        if not self.orders:
            return
        sold = self.draw.choice(self.orders[-8:])
        line, n = self.draw.randint(1, len(sold.skus)), self.draw.randint(1, 3)
        able = [
            (state, place, units)
            for (at, place, state), units in sold.units.items()
            if at == line and "cancelled" in ALLOCATION.transitions[state]
        ]
        cancellation = Cancellation(
            reason="not wanted", lines=(CancelledLine(line=line, quantity=n),)
        )
        if sum(units for *_, units in able) < n:
            with pytest.raises(NothingToCancel):
                await self._cancel(sold, cancellation)
            return
        await self._cancel(sold, cancellation)
        now = await self.places(sold)
        left = n
        for state in CANCELLED_FIRST:
            for _, place, units in [each for each in able if each[0] == state]:
                # Of one state, the model takes over from which place units were cancelled.
                gone = units - now[line, place, state]
                sold.move(line, place, state, (None, "cancelled"), gone)
                left -= gone
            if any(now[line, place, state] for at, place, _ in able if at == state):
                break
        assert left == 0
        self.done["cancel"] += 1

    async def _cancel(self, sold: Sold, cancellation: Cancellation) -> None:
        async with self.database.transaction() as db:
            await cancel(db, order_id=sold.id, cancellation=cancellation, version=None)
            await withdraw(db, order_ids=[sold.id])

    async def reject(self) -> None:
        if (held := await self.work("open")) is None:
            return
        place, asked = await self.place_of(held), await self.asked(held)
        async with self.database.transaction() as db:
            await reject(db, ref=held.ref, version=None, author=AUTHOR, reason="no hands")
        for _, line, n in asked:
            self.sold(held.ref).move(line, place, "released", (None, "open"), n)
        self.done["reject"] += 1

    async def pick(self) -> None:
        if (held := await self.work("open")) is None:
            return
        place, asked = await self.place_of(held), await self.asked(held)
        found = [
            Picked(
                allocation=n,
                quantity=self.draw.choice((units, units, units, units - 1)),
                reason=self.draw.choice(("not_found", "damaged")),
            )
            for n, _, units in asked
        ]
        async with self.database.transaction() as db:
            await accept(db, ref=held.ref, version=None, author=AUTHOR)
            await pick(db, ref=held.ref, version=None, author=AUTHOR, picked=found)
        sold = self.sold(held.ref)
        for (_, line, units), picked in zip(asked, found, strict=True):
            missing = units - picked.quantity
            sold.move(line, place, "released", (place, "picked"), picked.quantity)
            sold.move(line, place, "released", (None, "open"), missing)
            self.unavailable[sold.skus[line - 1], place] += missing
            self.done["short_pick"] += bool(missing)
        self.done["pick"] += 1

    async def pack(self) -> None:
        if (held := await self.work("picking")) is None:
            return
        place, asked = await self.place_of(held), await self.asked(held)
        async with self.database.transaction() as db:
            await pack(db, ref=held.ref, version=None, author=AUTHOR, packages=None)
        for _, line, n in asked:
            self.sold(held.ref).move(line, place, "picked", (place, "packed"), n)
        self.done["pack"] += 1

    async def ship(self) -> None:
        if (held := await self.work("packed")) is None:
            return
        place, asked = await self.place_of(held), await self.asked(held)
        async with self.database.transaction() as db:
            [package] = [
                each.n
                for each in await records.packages_of_orders(db, order_ids=[held.order_id])
                if each.fulfillment_order == held.n
            ]
            labels = [Labelled(package=package, tracking_number=f"T-{held.ref}")]
            await ship(db, ref=held.ref, version=None, author=AUTHOR, packages=labels)
        sold = self.sold(held.ref)
        for _, line, n in asked:
            sold.move(line, place, "packed", (place, "shipped"), n)
            self.on_hand[sold.skus[line - 1], place] -= n
        self.done["ship"] += 1

    async def count(self) -> None:
        key = self.draw.choice(SKUS), self.draw.choice(PLACES)
        # At times less is found than is claimed: the claims stay, and are short.
        figure = max(0, self.on_hand[key] + self.draw.randint(-4, 9))
        await count(self.database, {key: figure})
        self.on_hand[key] = figure
        self.done["count"] += 1

    async def adjust(self) -> None:
        sku, place = self.draw.choice(SKUS), self.draw.choice(PLACES)
        row = AdjustmentRow(sku=sku, location=place, change=self.draw.randint(-2, 3))
        async with self.database.transaction() as db:
            await stock.adjust(db, rows=[row], author=AUTHOR, source=None)
        self.on_hand[sku, place] += row.change
        self.done["adjust"] += 1

    async def till_sale(self) -> None:
        sku, place, n = (
            self.draw.choice(SKUS),
            self.draw.choice(PLACES[:2]),
            self.draw.randint(1, 2),
        )
        sale = collected(
            f"T-{self.done['till_sale']}",
            (sku, n),
            location=place,
            delivery_option="in_store",
            channel="till",
        )
        [answer] = await capture(self.database, [sale])
        assert isinstance(answer, Captured)
        self.on_hand[sku, place] -= n
        self.done["till_sale"] += 1

    async def step(self) -> None:
        steps: list[tuple[Any, int]] = [
            (self.sell, 6),
            (self.pay, 2),
            (self.release, 3),
            (self.pick, 5),
            (self.pack, 5),
            (self.ship, 5),
            (self.reroute, 2),
            (self.cancel, 3),
            (self.reject, 1),
            (self.count, 2),
            (self.adjust, 1),
            (self.till_sale, 1),
        ]
        [step] = self.draw.choices([step for step, _ in steps], [weight for _, weight in steps])
        await step()

    async def check(self) -> None:
        """Database and model say the same, and the database agrees with itself."""
        for sku in SKUS:
            for place in PLACES:
                held = await level(self.database, sku, place)
                committed = self.committed(sku, place)
                there = self.on_hand[sku, place] - self.unavailable[sku, place]
                assert (held.on_hand, held.unavailable, held.committed, held.shortfall) == (
                    self.on_hand[sku, place],
                    self.unavailable[sku, place],
                    committed,
                    max(0, committed - there),
                ), (sku, place)
        for sold in self.orders:
            assert await self.places(sold) == sold.units
            async with self.database.read() as db:
                state = await db.value(
                    b"SELECT state FROM orders.orders WHERE id = %(id)s", {"id": sold.id}
                )
            assert state == rolled_up((each[2] for each in sold.units), on_hold=sold.on_hold)
        async with self.database.read() as db:
            assert await audit_stock(db) == []
        assert await audit_orders(self.database) == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_stock_is_what_a_simple_model_says(database: Database, seed: int) -> None:
    start = {(sku, place): 12 for sku in SKUS for place in PLACES}
    await open_shop(database, start)
    world = World(database=database, draw=random.Random(seed), on_hand=Counter(start))
    for n in range(STEPS):
        await world.step()
        if n % CHECKED_EVERY == 0:
            await world.check()
    await world.check()
    # A walk that met nothing would prove nothing.
    wanted = {name for name, _ in vars(World).items() if name in world.done} | {"short"}
    assert all(world.done[name] for name in wanted | {"short_pick", "reroute", "cancel", "ship"})
