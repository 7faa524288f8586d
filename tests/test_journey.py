"""From nothing to the door, by HTTP alone: what a retailer's systems and people send and see."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from tests.api.connecting import connected
from unisono import app
from unisono.core.database import Database
from unisono.identity import keys
from unisono.identity.scopes import SCOPES
from unisono.inventory.audit import audit as audit_stock
from unisono.orders.audit import audit as audit_orders

PATIENCE_SECONDS = 30
LOCATIONS = {
    "W-ORLEANS": ("warehouse", "Orléans", "45000", 47.90, 1.90),
    "S-LYON": ("store", "Lyon", "69001", 45.76, 4.83),
    "S-LILLE": ("store", "Lille", "59000", 50.63, 3.06),
}
PRICES = (("near", 1000, "4.00"), ("near", 30_000, "9.00"), ("far", 30_000, "12.00"))
STOCK = {
    ("CUP", "S-LYON"): 10,
    ("LAMP", "S-LYON"): 4,
    ("CUP", "W-ORLEANS"): 20,
    ("CUP", "S-LILLE"): 1,
}
ZOE = {
    "name": "Zoé Martin",
    "street": "1 rue Bât",
    "postal_code": "69001",
    "city": "Lyon",
    "country": "FR",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retailer:
    """A retailer's systems: each request must get the status that is expected."""

    http: httpx.AsyncClient

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON is any of its types
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def put(self, path: str, body: object) -> None:
        answer = await self.http.put(path, json=body)
        assert answer.status_code == 200, answer.text

    async def post(self, path: str, body: object, status: int = 200) -> Any:  # noqa: ANN401
        answer = await self.http.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def until(self, path: str, condition: Callable[[Any], bool]) -> Any:  # noqa: ANN401
        """Read again until the workers have done what follows."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition(shown := await self.get(path)):  # noqa: ASYNC110 - workers change it
                await asyncio.sleep(0.01)
        return shown

    async def work(self, location: str, state: str = "open") -> Any:  # noqa: ANN401
        """Wait for the one fulfillment order that the location has to do."""
        path = f"/v1/fulfillment-orders?location={location}&state={state}"
        [found] = (await self.until(path, lambda queue: bool(queue["items"])))["items"]
        return found

    async def do(self, work: Any, *steps: tuple[str, object, str]) -> None:  # noqa: ANN401
        """Take these steps (verb, body, state afterwards) on some work."""
        for verb, body, state in steps:
            done = await self.post(f"/v1/fulfillment-orders/{work['id']}/{verb}", body)
            assert done["state"] == state

    async def sell(self, reference: str, units: dict[str, int], **more: object) -> Any:  # noqa: ANN401
        return await self.post(
            "/v1/orders",
            {
                "channel": "web",
                "reference": reference,
                "currency": "EUR",
                "delivery_option": "home_standard",
                "customer": {"name": "Zoé Martin", "email": "zoe@example.org"},
                "destination": ZOE,
                "delivery_price": "4.90",
                "lines": [
                    {"sku": sku, "quantity": quantity, "unit_price": "10.00"}
                    for sku, quantity in units.items()
                ],
                **more,
            },
            201,
        )

    async def figures(self, sku: str, location: str) -> tuple[int, int, int, int]:
        """On hand, unavailable, committed and available."""
        level = await self.get(f"/v1/stock/{sku}/{location}")
        return level["on_hand"], level["unavailable"], level["committed"], level["available"]

    async def tracked(self, order_id: str, milestone: str) -> Any:  # noqa: ANN401
        """Look at the customer's page, without any key, until it shows the milestone."""
        link = await self.get(f"/v1/orders/{order_id}/tracking-link")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                request = self.http.build_request("GET", link["path"])
                del request.headers["Authorization"]
                answer = await self.http.send(request)
                assert answer.status_code == 200, answer.text
                page = answer.json()
                if milestone in [step["milestone"] for step in page["steps"]]:
                    return page
                await asyncio.sleep(0.01)


@asynccontextmanager
async def open_retailer(database: Database) -> AsyncIterator[Retailer]:
    """A retailer who told unisono all about himself, with workers at work."""
    async with database.transaction() as db:
        key = (await keys.add(db, name="everything", scopes=list(SCOPES))).key
    built = app.build(replace(database.settings, drain_pause_ms=10), database, workers=True)
    async with connected(built, key=key) as client:
        made = Retailer(http=client)
        await tell_everything(made)
        yield made
    async with database.read() as db:
        assert await audit_stock(db) == []
        assert await db.tuples(b"SELECT * FROM core.dead_letter") == []
    assert await audit_orders(database) == []


async def tell_everything(retailer: Retailer) -> None:
    """Send the reference data and the first count."""
    hours = [{"opens": "00:00", "closes": "24:00"}]
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    await retailer.put(
        "/v1/calendars/ALWAYS",
        {"code": "ALWAYS", "name": "Always", "weekly": dict.fromkeys(days, hours)},
    )
    for code, (kind, city, postal_code, latitude, longitude) in LOCATIONS.items():
        place = {"postal_code": postal_code, "latitude": latitude, "longitude": longitude}
        await retailer.put(
            f"/v1/locations/{code}",
            {
                "code": code,
                "name": f"{kind.title()} {city}",
                "kind": kind,
                "street": "1 rue des Essais",
                "city": city,
                "country": "FR",
                "time_zone": "Europe/Paris",
                "calendar": "ALWAYS",
                "ships": True,
                "collects": kind == "store",
                "line_cost": "0.45",
                "parcel_cost": "0.70",
                **place,
            },
        )
        await retailer.put("/v1/places", {"places": [{"country": "FR", "name": city, **place}]})
    standard = {
        "code": "standard",
        "name": "Standard",
        "delivery_option": "home_standard",
        "parcel_weight_g_max": 30_000,
        "cut_off": "16:00",
        "zones": [
            {"code": "near", "country": "FR", "distance_km_max": 100, "transit_days": 1},
            {"code": "far", "country": "FR", "transit_days": 2},
        ],
    }
    await retailer.put(
        "/v1/carriers/post", {"code": "post", "name": "Post", "services": [standard]}
    )
    rates = [
        {"service": "standard", "zone": zone, "weight_g_max": weight_g, "price": price}
        for zone, weight_g, price in PRICES
    ]
    answer = await retailer.http.put("/v1/carriers/post/rates", json={"rates": rates})
    assert answer.status_code == 200, answer.text
    await retailer.put(
        "/v1/channels/web",
        {
            "code": "web",
            "name": "Web",
            "kind": "web_site",
            "currency": "EUR",
            "when_short": "refuse",
        },
    )
    skus = [{"code": "CUP", "name": "Cup", "weight_g": 200}]
    await retailer.put(
        "/v1/skus", {"skus": [*skus, {"code": "LAMP", "name": "Lamp", "weight_g": 900}]}
    )
    counted = [
        {"sku": sku, "location": location, "on_hand": units}
        for (sku, location), units in STOCK.items()
    ]
    report = await retailer.post("/v1/stock/counts", {"items": counted, "source": "stocktake"})
    assert [row["outcome"] for row in report["items"]] == ["applied"] * len(STOCK)


def carried(number: str, *milestones: str) -> dict[str, Any]:
    """What the carrier reports of a package."""
    return {
        "events": [
            {
                "carrier": "post",
                "tracking_number": number,
                "milestone": milestone,
                "at": f"2026-03-0{day}T09:30:00Z",
            }
            for day, milestone in enumerate(milestones, 2)
        ]
    }


SHIP = ("ship", {"packages": [{"package": 1, "tracking_number": "T1"}]}, "shipped")


async def test_an_order_is_paid_picked_packed_shipped_and_delivered(database: Database) -> None:
    async with open_retailer(database) as retailer:
        sold = await retailer.sell("WEB-1", {"CUP": 2, "LAMP": 1}, payment={"status": "pending"})
        assert (sold["total"], sold["created"]) == ("34.90", True)
        order = f"/v1/orders/{sold['id']}"
        held = await retailer.get(order)
        assert (held["state"], held["holds"]) == ("on_hold", ["payment"])
        assert await retailer.figures("CUP", "S-LYON") == (10, 0, 2, 8)
        paid = await retailer.post(
            f"{order}/payments", {"reference": "pi-1", "amount": "34.90"}, 201
        )
        assert (paid["state"], paid["holds"]) == ("open", [])
        work = await retailer.work("S-LYON")
        assert (work["carrier"], work["destination"]["city"]) == ("post", "Lyon")
        await retailer.do(
            work,
            ("accept", None, "accepted"),
            ("pick", {}, "picking"),
            ("pack", {}, "packed"),
            SHIP,
        )
        assert (await retailer.get(order))["state"] == "fulfilled"
        page = await retailer.tracked(sold["id"], "carrier_picked_up")
        assert (page["order_number"], page["city"]) == (sold["number"], "Lyon")
        told = carried("T1", "in_transit", "out_for_delivery", "delivered")
        assert await retailer.post("/v1/tracking-events", told) == {"noted": 3}
        page = await retailer.tracked(sold["id"], "delivered")
        assert [step["milestone"] for step in page["steps"] if step["package"]] == [
            "in_transit",
            "out_for_delivery",
            "delivered",
            "carrier_picked_up",
        ]
        assert [package["state"] for package in page["packages"]] == ["delivered"]
        shown = await retailer.get(order)
        assert {each["state"] for each in shown["allocations"]} == {"delivered"}
        assert [each["amount"] for each in shown["payments"]] == ["34.90"]
        assert (await retailer.get(f"/v1/fulfillment-orders/{work['id']}"))["state"] == "closed"
        assert await retailer.figures("CUP", "S-LYON") == (8, 0, 0, 8)
        assert await retailer.figures("LAMP", "S-LYON") == (3, 0, 0, 3)
        assert await retailer.figures("CUP", "W-ORLEANS") == (20, 0, 0, 20)
        ledger = (await retailer.get("/v1/stock/CUP/S-LYON/movements"))["items"]
        assert [(line["cause"], line["on_hand_change"]) for line in ledger] == [
            ("shipment", -2),
            ("count", 10),
        ]


async def test_an_order_is_collected_in_its_store(database: Database) -> None:
    async with open_retailer(database) as retailer:
        sold = await retailer.sell(
            "WEB-2",
            {"CUP": 1},
            delivery_option="click_and_collect",
            destination=None,
            location="S-LILLE",
            delivery_price="0",
        )
        work = await retailer.work("S-LILLE")
        await retailer.do(
            work,
            ("accept", None, "accepted"),
            ("pick", {}, "picking"),
            ("pack", {}, "packed"),
            ("ready-for-pickup", None, "ready_for_pickup"),
        )
        page = await retailer.tracked(sold["id"], "ready_for_pickup")
        assert page["collect_at"]["city"] == "Lille"
        assert await retailer.figures("CUP", "S-LILLE") == (1, 0, 1, 0)
        await retailer.do(work, ("hand-over", {}, "closed"))
        page = await retailer.tracked(sold["id"], "picked_up")
        assert page["state"] == "fulfilled"
        assert await retailer.figures("CUP", "S-LILLE") == (0, 0, 0, 0)
        assert await retailer.figures("CUP", "S-LYON") == (10, 0, 0, 10)


async def test_what_one_location_rejects_another_one_delivers(database: Database) -> None:
    async with open_retailer(database) as retailer:
        sold = await retailer.sell("WEB-3", {"CUP": 3})
        work = await retailer.work("S-LYON")
        await retailer.do(work, ("reject", {"reason": "flooded"}, "rejected"))
        other = await retailer.work("W-ORLEANS")
        assert other["id"] != work["id"]
        decisions = (await retailer.get(f"/v1/orders/{sold['id']}/decisions"))["items"]
        assert [[parcel["location"] for parcel in each["parcels"]] for each in decisions] == [
            ["S-LYON"],
            ["W-ORLEANS"],
        ]
        assert decisions[1]["removed"]["declined"] == ["S-LYON"]
        assert await retailer.figures("CUP", "S-LYON") == (10, 0, 0, 10)
        assert await retailer.figures("CUP", "W-ORLEANS") == (20, 0, 3, 17)
        await retailer.do(
            other,
            ("accept", None, "accepted"),
            ("pick", {}, "picking"),
            ("pack", {}, "packed"),
            SHIP,
        )
        assert await retailer.post("/v1/tracking-events", carried("T1", "delivered")) == {
            "noted": 1
        }
        page = await retailer.tracked(sold["id"], "delivered")
        assert page["state"] == "fulfilled"
        assert await retailer.figures("CUP", "W-ORLEANS") == (17, 0, 0, 17)


async def test_what_is_not_found_comes_from_elsewhere_and_what_is_cancelled_stays(
    database: Database,
) -> None:
    async with open_retailer(database) as retailer:
        sold = await retailer.sell("WEB-4", {"CUP": 3, "LAMP": 1})
        order = f"/v1/orders/{sold['id']}"
        work = await retailer.work("S-LYON")
        await retailer.do(work, ("accept", None, "accepted"))
        picked = [{"allocation": each["allocation"], "quantity": 1} for each in work["lines"]]
        await retailer.do(work, ("pick", {"picked": picked}, "picking"))
        # Two cups were not found: the warehouse is asked, and Lyon sells them no more.
        other = await retailer.work("W-ORLEANS")
        assert [line["quantity"] for line in other["lines"]] == [2]
        assert await retailer.figures("CUP", "S-LYON") == (10, 2, 1, 7)
        cancelled = await retailer.post(
            f"{order}/cancellations",
            {"reason": "The customer changed her mind", "lines": [{"line": 2}]},
            201,
        )
        assert cancelled["state"] == "open"
        await retailer.do(
            work,
            ("pack", {}, "packed"),
            SHIP,
        )
        assert (await retailer.get(order))["state"] == "partially_fulfilled"
        rest = {"reason": "enough", "lines": [{"line": 1, "quantity": 2}]}
        await retailer.post(f"{order}/cancellations", rest, 201)
        queue = f"/v1/fulfillment-orders/{other['id']}"
        await retailer.until(queue, lambda shown: shown["state"] == "cancelled")
        assert (await retailer.get(order))["state"] == "fulfilled"
        assert await retailer.figures("CUP", "S-LYON") == (9, 2, 0, 7)
        assert await retailer.figures("LAMP", "S-LYON") == (4, 0, 0, 4)
        assert await retailer.figures("CUP", "W-ORLEANS") == (20, 0, 0, 20)
