"""The read model is exact: whatever happens to orders, in whatever pieces it is heard of."""

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import OperationalError

from tests.analytics.listening import assert_exact, heard, overview, settled
from tests.fulfillment.floor import AUTHOR, STOCK, cancelled, captured, released, shipped
from tests.orders.shop import collected, open_shop, order
from unisono.analytics import facts, verify
from unisono.analytics import summary as analytics_summary
from unisono.analytics.follow import FOLLOWED, LISTENER, follow
from unisono.analytics.verify import Difference
from unisono.core import ids, positions
from unisono.core.database import Database
from unisono.core.errors import UnisonoError
from unisono.core.outbox import FACTS
from unisono.fulfillment.accept import accept
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.deliver import CarrierFact, record
from unisono.fulfillment.pack import pack
from unisono.fulfillment.pick import Picked, pick
from unisono.fulfillment.reassign import Reassignment, reassign
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.reject import reject
from unisono.fulfillment.ship import Labelled, ship
from unisono.orders.capture import capture
from unisono.orders.new_order import NewOrder, NewPayment
from unisono.orders.pay import NewReceipt, pay

WALK_STEPS = 140


class Walk:
    """A retailer to whom everything happens at random; refusals are part of it."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.chance = random.Random(seed)
        self.orders = 0
        self.labels = 0
        self.done: Counter[str] = Counter()

    async def step(self) -> None:
        """Do one thing, with one order or piece of work."""
        act = self.chance.choice(
            (
                self.sell,
                self.sell,
                self.sell,
                self.work,
                self.work,
                self.work,
                self.work,
                self.work,
                self.deliver,
                self.deliver,
                self.cancel,
                self.reassign,
                self.pay,
                self.listen,
                self.listen,
            )
        )
        try:
            await act()
            self.done[act.__name__] += 1
        except (UnisonoError, OperationalError):
            # Who waits too long for another's lock is refused as well.
            self.done["refused"] += 1

    async def sell(self) -> None:
        self.orders += 1
        chance = self.chance
        lines = [
            (sku, chance.randint(1, 3))
            for sku in chance.sample(["CUP", "LAMP", "CHAIR"], chance.randint(1, 3))
        ]
        reference = f"O-{self.orders}"
        kind = chance.choice(("web", "web", "market", "collect", "till", "unpaid"))
        new: NewOrder
        if kind == "collect":
            new = collected(reference, *lines, location=chance.choice(("S-LYON", "S-LILLE")))
        elif kind == "till":
            new = collected(
                reference,
                *lines,
                location="S-LYON",
                channel="till",
                delivery_option="in_store",
            )
        elif kind == "unpaid":
            new = order(reference, *lines, payment=NewPayment(status="pending"))
        else:
            new = order(reference, *lines, channel=kind)
        [answer] = await capture(self.database, [new])
        if isinstance(answer, Exception):
            raise answer

    async def work(self) -> None:
        rows = await self.rows(
            b"SELECT order_id, n, state, delivery_option FROM fulfillment.fulfillment_order"
            b" WHERE state NOT IN ('closed', 'shipped', 'rejected', 'incomplete', 'cancelled')"
        )
        if not rows:
            return
        order_id, n, state, option = self.chance.choice(rows)
        await self._work(FulfillmentRef(order_id=order_id, n=n), state, option)

    async def _work(self, ref: FulfillmentRef, state: str, option: str) -> None:
        chance = self.chance
        packages = await self.rows(
            b"SELECT n FROM fulfillment.package WHERE state = 'packed' AND order_id = %(order)s"
            b" AND fulfillment_order = %(n)s ORDER BY n",
            {"order": ref.order_id, "n": ref.n},
        )
        wanted = await self.rows(
            b"SELECT n, quantity FROM orders.allocation WHERE order_id = %(order)s"
            b" AND fulfillment_order = %(n)s AND state = 'released' ORDER BY n",
            {"order": ref.order_id, "n": ref.n},
        )
        said: dict[str, Any] = {"ref": ref, "version": None, "author": AUTHOR}
        async with self.database.transaction() as db:
            if state in ("open", "accepted", "picking") and chance.random() < 0.1:
                await reject(db, **said, reason="closed")
            elif state == "open":
                await accept(db, **said)
            elif state == "accepted":
                short = chance.random() < 0.3
                await pick(
                    db,
                    **said,
                    picked=[
                        Picked(allocation=n, quantity=chance.randint(0, quantity))
                        for n, quantity in wanted
                    ]
                    if short
                    else None,
                )
            elif state == "picking":
                await pack(db, **said)
            elif option == "home_standard":
                self.labels += 1
                numbers = [
                    Labelled(package=n, tracking_number=f"T{self.labels}-{n}") for (n,) in packages
                ]
                await ship(db, **said, packages=numbers)
            elif state == "packed":
                await ready_for_pickup(db, **said)
            else:
                await hand_over(db, **said)

    async def deliver(self) -> None:
        rows = await self.rows(
            b"SELECT tracking_number FROM fulfillment.package WHERE state = 'shipped'"
        )
        if rows:
            [label] = self.chance.choice(rows)
            milestone: Any = self.chance.choice(("delivered", "delivered", "in_transit"))
            now = datetime.now(UTC)
            fact = CarrierFact(carrier="post", tracking_number=label, milestone=milestone, at=now)
            async with self.database.transaction() as db:
                await record(db, facts=[fact])

    async def cancel(self) -> None:
        order_id = await self.an_order()
        if order_id is not None:
            lines: list[tuple[int, int | None]] = [(1, 1)] if self.chance.random() < 0.6 else []
            await cancelled(self.database, order_id, *lines)

    async def reassign(self) -> None:
        order_id = await self.an_order(b" WHERE state IN ('open', 'partially_fulfilled')")
        if order_id is not None:
            wish = Reassignment(
                reason="strike", location=self.chance.choice(("S-LYON", "W-ORLEANS", None))
            )
            async with self.database.transaction() as db:
                await reassign(
                    db, order_id=order_id, reassignment=wish, version=None, author=AUTHOR
                )

    async def pay(self) -> None:
        order_id = await self.an_order(b" WHERE state = 'on_hold'")
        if order_id is not None:
            [(total,)] = await self.rows(
                b"SELECT total_amount FROM orders.orders WHERE id = %(id)s", {"id": order_id}
            )
            receipt = NewReceipt(reference="pi", amount=f"{total // 100}.{total % 100:02}")
            async with self.database.transaction() as db:
                await pay(db, order_id=order_id, receipt=receipt)

    async def listen(self) -> None:
        """Any listener hears a few events, or all of them hear everything."""
        if self.chance.random() < 0.4:
            await settled(self.database)
        else:
            names = ("fulfillment.release", "orders.reroute", "fulfillment.withdraw", LISTENER)
            await heard(
                self.database,
                self.chance.choice(names),
                limit=self.chance.randint(1, 9),
                once=True,
            )

    async def an_order(self, condition: bytes = b"") -> UUID | None:
        rows = await self.rows(b"SELECT id FROM orders.orders" + condition)
        return self.chance.choice(rows)[0] if rows else None

    async def rows(
        self, query: bytes, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        async with self.database.read() as db:
            return await db.tuples(query, parameters)


async def test_figures_stay_exact_whatever_happens(database: Database) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    await open_shop(database, dict.fromkeys(STOCK, 12) | {("LAMP", "S-LILLE"): 3})
    walk = Walk(database, seed)
    for n in range(WALK_STEPS):
        await walk.step()
        if n % 20 == 0:
            await assert_exact(database)
    await settled(database)
    await assert_exact(database)
    assert walk.done["sell"] > 5, walk.done
    await assert_overview_is_the_summary(database)


async def test_figures_stay_exact_while_orders_change(database: Database) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    await open_shop(database, dict.fromkeys(STOCK, 12))
    walks = [Walk(database, seed), Walk(database, seed + 1)]
    walks[1].orders = walks[1].labels = 1000
    ended = asyncio.Event()

    async def go(walk: Walk) -> None:
        for _ in range(WALK_STEPS // 3):
            await walk.step()

    async def look() -> int:
        looks = 0
        while not ended.is_set():
            await heard(database, LISTENER, limit=7)
            await assert_exact(database)
            looks += 1
        return looks

    looking = asyncio.create_task(look())
    await asyncio.gather(*(go(walk) for walk in walks))
    ended.set()
    assert await looking > 3
    await settled(database)
    await assert_exact(database)


async def assert_overview_is_the_summary(database: Database) -> None:
    """The tallies tell what the views tell that count everything anew."""
    seen = await overview(database)
    async with database.read() as db:
        counted = await analytics_summary.summary(db)
    outcomes: Counter[tuple[str, str, str]] = Counter()
    for each in seen.orders:
        outcomes[each.channel, each.delivery_option, each.outcome] += each.orders
    assert outcomes == {
        (each.channel, each.delivery_option, each.outcome): each.orders for each in counted.outcomes
    }
    assert sorted((each.location, each.state, each.works) for each in seen.works) == sorted(
        (each.location, each.state, each.fulfillment_orders) for each in counted.works
    )
    assert seen.logistics_cost == sum(
        each.shipping_cost + each.handling_cost for each in counted.parcels
    )
    assert (
        sum(each.packed for each in seen.orders),
        sum(each.split for each in seen.orders),
        sum(each.of_several_locations for each in seen.orders),
    ) == (
        counted.splits.packed_orders,
        counted.splits.split_orders,
        counted.splits.orders_of_several_locations,
    )
    assert sum(each.short_units for each in seen.orders) == sum(
        each.units for each in counted.short_orders
    )
    assert (seen.as_of.behind, seen.as_of.lag_seconds) == (0, 0.0)


def test_every_event_of_an_order_is_followed_but_where_its_parcels_are() -> None:
    of_orders = ("order.", "sourcing_plan.", "fulfillment_order.", "shipment.")
    assert {name for name in FACTS if name.startswith(of_orders)} - FOLLOWED == {"shipment.tracked"}


async def test_hearing_the_same_again_changes_nothing(database: Database) -> None:
    await open_shop(database, STOCK)
    await shipped(database, await released(database, order("A-1", ("CUP", 2))))
    before = await overview(database)
    async with database.transaction() as db:
        events = (await positions.read(db, after=0, limit=1000)).events
        await follow(db, [event for event in events if event.type in FOLLOWED])
        await follow(db, [event for event in reversed(events) if event.type in FOLLOWED])
    after = await overview(database)
    assert (after.orders, after.works, after.parcels, after.hours) == (
        before.orders,
        before.works,
        before.parcels,
        before.hours,
    )
    await assert_exact(database)


async def test_what_was_never_heard_of_is_not_a_difference_but_what_is_wrong_is(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    first = await captured(database, order("A-1", ("CUP", 2)))
    await heard(database, LISTENER)
    await captured(database, order("A-2", ("CUP", 2)))
    await assert_exact(database)
    await heard(database, LISTENER)

    async def spoilt(statement: str) -> Difference | None:
        """Return what is found when something is spoilt, which is undone."""
        async with database.transaction() as db:
            await db.execute(b"SAVEPOINT unspoilt")
            await db.execute(statement.encode())
            found = await verify.verify(db)
            await db.execute(b"ROLLBACK TO unspoilt")
        return found

    assert await spoilt("SELECT 1") is None
    wrong = await spoilt("UPDATE analytics.order_tally SET orders = orders + 1")
    assert wrong is not None
    assert (wrong.table, wrong.held, wrong.truth) == (
        "order_tally",
        "(3,0,0,0,0,0,0,0,0)",
        "(2,0,0,0,0,0,0,0,0)",
    )
    missing = await spoilt(f"DELETE FROM analytics.order_fact WHERE order_id = '{first}'")
    assert missing is not None
    assert (missing.table, missing.key, missing.held) == ("order_fact", str(first), None)
    for table in ("work", "parcel", "flow", "lead"):
        filler = {
            "work": "(location, state, due_at, works) VALUES (1, 'open', now(), 1)",
            "parcel": "VALUES (1, 'post', 'packed', 1, 2, 3)",
            "flow": "VALUES ('2026-01-01', 1, 0, 0, 0)",
            "lead": "VALUES ('2026-01-01', 'home_standard', '', 0, 1, 2, 3)",
        }[table]
        wrong = await spoilt(f"INSERT INTO analytics.{table}_tally {filler}")
        assert wrong is not None
        assert (wrong.table, wrong.truth) == (f"{table}_tally", None)


async def test_rows_that_count_nothing_are_forgotten(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    await heard(database, LISTENER)
    await shipped(database, ref)
    await heard(database, LISTENER)
    async with database.read() as db:
        orders = await db.tuples(b"SELECT state, outcome, orders FROM analytics.order_tally")
        works = await db.tuples(b"SELECT state, works FROM analytics.work_tally")
    assert orders == [("fulfilled", "shipped", 1)]
    assert works == [("shipped", 1)]


async def test_orders_are_looked_at_through_their_keys(database: Database) -> None:
    # Under the settings of a writer, which is what the listener is.
    some = f"'{{{','.join(str(each) for each in ids.uuids7(500))}}}'::uuid[]"
    async with database.transaction() as db:
        for name, text in facts.sql.texts.items():
            if name.startswith("put_"):
                continue
            explained = "EXPLAIN (FORMAT JSON) " + text.replace("%(orders)s::uuid[]", some)
            [(plan,)] = await db.tuples(explained.encode())
            scans = [node for node in nodes(plan[0]["Plan"]) if "Relation Name" in node]
            assert scans, name
            for scan in scans:
                assert scan["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Heap Scan")
                assert "Index Cond" in scan or "Recheck Cond" in scan, (name, scan)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(each for below in plan.get("Plans", ()) for each in nodes(below))]
