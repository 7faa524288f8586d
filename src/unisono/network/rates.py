"""Rates: what a carrier takes for one parcel, by service, zone and weight."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from unisono.core import ids, money, queries, revision, versions
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.outbox import Event, Fact, add
from unisono.core.texts import Code, Currency, Price
from unisono.network import carriers
from unisono.network.carriers import Carrier, UnknownCarrier, WeightMax

sql = queries.beside(__file__)

AREA = "network"


class NewRate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The price of a parcel up to and including a weight, above the bracket before it."""

    service: Annotated[Code, Meta(examples=["relais-eco"])]
    zone: Annotated[Code, Meta(examples=["1"])]
    weight_g_max: Annotated[WeightMax, Meta(examples=[500])]
    price: Price


class NewRates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every rate of a carrier, in the cost currency."""

    rates: Annotated[tuple[NewRate, ...], Meta(min_length=1, max_length=50_000)]


class RatesChanged(Fact, frozen=True, kw_only=True):
    """The rates of a carrier were replaced; they are told whole, with their currency."""

    name: ClassVar = "rates.changed"
    carrier: str
    currency: Currency
    rates: tuple[NewRate, ...]


class ToldRates(Struct, frozen=True, kw_only=True):
    """Every rate of a carrier as others see them; ``version`` is the carrier's."""

    carrier: str
    currency: Currency
    version: int
    rates: tuple[NewRate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate as it is held: ``carrier`` is an id, ``price`` in minor units of the cost currency."""

    carrier: int
    service: str
    zone: str
    weight_g_max: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Every rate of a carrier, by service, zone and weight; ``version`` is the carrier's."""

    carrier: str
    version: int
    rates: tuple[Rate, ...]


async def replace(
    db: Db, *, carrier: str, rates: NewRates, currency: str, version: int | None
) -> Rates:
    """Replace every rate of a carrier; what is already as told keeps its version.

    ``version`` is that of the carrier; it may be None as long as the carrier has no rates. Raises
    UnknownCarrier, VersionRequired, VersionMismatch, and InvalidInput naming each row that is
    wrong and each zone whose rates are missing or end below the service's heaviest parcel.
    """
    held = await db.value(sql.touch, {"carrier": carrier})
    if held is None:
        raise UnknownCarrier(carrier)
    before = await get(db, carrier=carrier)
    if version is not None or before.rates:
        versions.require(held=held, given=version, what=f"carrier {carrier} with its rates")
    owner = await carriers.get(db, code=carrier)
    faults = [*_row_faults(owner, rates, currency), *_gaps(owner, rates)]
    if faults:
        raise InvalidInput(*faults)
    rows = sorted(
        (each.service, each.zone, each.weight_g_max, money.parse(each.price, currency))
        for each in rates.rates
    )
    if rows == sorted((r.service, r.zone, r.weight_g_max, r.price) for r in before.rates):
        return before
    await db.execute(sql.remove, {"carrier": owner.id})
    services, zones, weights_g, prices = zip(*rows, strict=True)
    await db.execute(
        sql.insert,
        {
            "carrier": owner.id,
            "services": list(services),
            "zones": list(zones),
            "weights_g": list(weights_g),
            "prices": list(prices),
        },
    )
    raised = await db.value(sql.raise_version, {"carrier": owner.id})
    await revision.bump(db, AREA)
    fact = RatesChanged(carrier=carrier, currency=currency, rates=rates.rates)
    await add(db, [Event(aggregate=ids.named("carrier", carrier), sequence=raised, fact=fact)])
    return await get(db, carrier=carrier)


async def get(db: Db, *, carrier: str) -> Rates:
    """Return every rate of a carrier. Raises UnknownCarrier."""
    owner = await carriers.get(db, code=carrier)
    rows = await db.rows(Rate, sql.of_carrier, {"carrier": owner.id})
    return Rates(carrier=carrier, version=owner.version, rates=tuple(rows))


def told(rates: Rates, *, currency: str) -> ToldRates:
    """Return rates as others see them, prices as decimal amounts of ``currency``."""
    return ToldRates(
        carrier=rates.carrier,
        currency=currency,
        version=rates.version,
        rates=tuple(
            NewRate(
                service=rate.service,
                zone=rate.zone,
                weight_g_max=rate.weight_g_max,
                price=money.render(rate.price, currency),
            )
            for rate in rates.rates
        ),
    )


async def every(db: Db) -> list[Rate]:
    """Return every rate of every carrier, for the snapshot of the network."""
    return await db.rows(Rate, sql.every)


def _row_faults(carrier: Carrier, rates: NewRates, currency: str) -> Iterable[Fault]:
    zones = {service.code: {zone.code for zone in service.zones} for service in carrier.services}
    seen: set[tuple[str, str, int]] = set()
    for n, rate in enumerate(rates.rates):
        pointer = f"/rates/{n}"
        if rate.service not in zones:
            detail = f"carrier {carrier.code} has no service {rate.service}"
            yield Fault(pointer=f"{pointer}/service", code="unknown_service", detail=detail)
        elif rate.zone not in zones[rate.service]:
            detail = f"service {rate.service} has no zone {rate.zone}"
            yield Fault(pointer=f"{pointer}/zone", code="unknown_zone", detail=detail)
        bracket = (rate.service, rate.zone, rate.weight_g_max)
        if bracket in seen:
            detail = f"zone {rate.zone} of {rate.service} up to {rate.weight_g_max} g comes twice"
            yield Fault(pointer=f"{pointer}/weight_g_max", code="repeated", detail=detail)
        seen.add(bracket)
        try:
            money.parse(rate.price, currency)
        except money.NotAnAmount as problem:
            yield Fault(pointer=f"{pointer}/price", code="wrong_amount", detail=str(problem))


def _gaps(carrier: Carrier, rates: NewRates) -> Iterable[Fault]:
    heaviest: defaultdict[tuple[str, str], int] = defaultdict(int)
    for rate in rates.rates:
        key = (rate.service, rate.zone)
        heaviest[key] = max(heaviest[key], rate.weight_g_max)
    for service in carrier.services:
        for zone in dict.fromkeys(zone.code for zone in service.zones):
            reached = heaviest[service.code, zone]
            if reached < service.parcel_weight_g_max:
                detail = (
                    f"the rates of zone {zone} of {service.code} end at {reached} g: "
                    f"a parcel may weigh {service.parcel_weight_g_max} g"
                )
                yield Fault(pointer="/rates", code="weights_not_covered", detail=detail)
