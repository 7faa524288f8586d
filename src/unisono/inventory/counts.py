"""Counting and adjusting stock: what people and systems say that is there.

A count is a fact about a moment: the level becomes its figure plus the movements that occurred
after that moment. A count older than the level's last one changes nothing, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from unisono.core import clock
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, VersionMismatch
from unisono.inventory import ledger, levels
from unisono.inventory.ledger import NewMovement
from unisono.inventory.levels import Key, Level

CLOCK_SKEW_MAX = timedelta(seconds=60)
"""How far the clock of whoever counts may be ahead: sales until then would be added to the count.
"""
UNITS_MAX = 1_000_000_000
"""The largest figure that people and systems may say; the figures of a level stay within integers.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The figure of one level, as of a moment; ``version`` makes it a compare-and-set.

    ``pointer`` says where the request has it.
    """

    sku: int
    location: int
    on_hand: int
    as_of: datetime | None = None
    version: int | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Units that appeared (positive) or vanished (negative), with a reason for the ledger.

    ``version`` makes it a compare-and-set; ``pointer`` says where the request has it.
    """

    sku: int
    location: int
    change: int
    reason: str | None = None
    version: int | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a row did: ``applied``, ``unchanged`` (same figure), ``stale`` (counted since)."""

    sku: int
    location: int
    outcome: Literal["applied", "unchanged", "stale"]
    on_hand: int
    free: int
    version: int


async def set_counts(
    db: Db, *, counts: Sequence[Count], author: str, source: str | None = None
) -> list[Counted]:
    """Set levels to counted figures and return what each row did, in the order given.

    Raises InvalidInput when a level is named twice, when a moment cannot be used (see ``clock``),
    when a level would become larger than UNITS_MAX; VersionMismatch when a level changed since it
    was read: then nothing is changed.
    """
    _refuse_unusable(counts)
    now = clock.now()
    keys: list[Key] = [(count.sku, count.location) for count in counts]
    truth = await levels.touch(db, keys=keys, create=True)
    _refuse_changed(counts, truth)
    as_of = [count.as_of or now for count in counts]
    since = await ledger.moved_since(db, keys=keys, as_of=as_of)
    movements = []
    faults = []
    outcomes: list[Literal["applied", "unchanged", "stale"]] = []
    for count, moment, later in zip(counts, as_of, since, strict=True):
        level = truth[count.sku, count.location]
        change = count.on_hand + later - level.on_hand
        if level.counted_as_of is not None and moment < level.counted_as_of:
            outcomes.append("stale")
            continue
        if abs(count.on_hand + later) > UNITS_MAX:
            faults.append(_too_many(f"{count.pointer}/on_hand"))
        outcomes.append("applied" if change else "unchanged")
        movements.append(
            NewMovement(
                sku=count.sku,
                location=count.location,
                cause="count",
                quantity=count.on_hand,
                on_hand=change,
                author=author,
                occurred_at=moment,
                counted_as_of=moment,
                source=source,
            )
        )
    if faults:
        raise InvalidInput(*faults)
    return await _report(db, keys, outcomes, movements)


async def adjust(
    db: Db, *, adjustments: Sequence[Adjustment], author: str, source: str | None = None
) -> list[Counted]:
    """Add to levels (rows on the same level are added up) and return them, in the order given.

    Raises InvalidInput when a level would become larger than UNITS_MAX, and VersionMismatch when a
    level changed since it was read: then nothing is changed.
    """
    now = clock.now()
    keys: list[Key] = [(each.sku, each.location) for each in adjustments]
    truth = await levels.touch(db, keys=keys, create=True)
    _refuse_changed(adjustments, truth)
    on_hand = {key: level.on_hand for key, level in truth.items()}
    faults = []
    for key, each in zip(keys, adjustments, strict=True):
        on_hand[key] += each.change
        if abs(on_hand[key]) > UNITS_MAX:
            faults.append(_too_many(f"{each.pointer}/change"))
    if faults:
        raise InvalidInput(*faults)
    movements = [
        NewMovement(
            sku=each.sku,
            location=each.location,
            cause="adjustment",
            quantity=each.change,
            on_hand=each.change,
            document=each.reason,
            author=author,
            occurred_at=now,
            source=source,
        )
        for each in adjustments
    ]
    return await _report(db, keys, ["applied"] * len(keys), movements)


async def _report(
    db: Db,
    keys: Sequence[Key],
    outcomes: Sequence[Literal["applied", "unchanged", "stale"]],
    movements: Sequence[NewMovement],
) -> list[Counted]:
    await ledger.post(db, movements=movements)
    truth = await levels.touch(db, keys=keys)
    return [
        Counted(
            sku=sku,
            location=location,
            outcome=outcome,
            on_hand=truth[sku, location].on_hand,
            free=truth[sku, location].free,
            version=truth[sku, location].version,
        )
        for (sku, location), outcome in zip(keys, outcomes, strict=True)
    ]


def _refuse_changed(rows: Sequence[Count | Adjustment], truth: Mapping[Key, Level]) -> None:
    for row in rows:
        held = truth[row.sku, row.location].version
        if row.version is not None and row.version != held:
            message = f"the level is at version {held}, not {row.version}: read it again"
            raise VersionMismatch(message)


def _too_many(pointer: str) -> Fault:
    detail = f"a level holds at most {UNITS_MAX} units, of either sign"
    return Fault(pointer=pointer, code="too_many", detail=detail)


def _refuse_unusable(counts: Sequence[Count]) -> None:
    seen: set[Key] = set()
    faults = []
    for count in counts:
        if (count.sku, count.location) in seen:
            detail = "this SKU is counted twice at this location in one request"
            faults.append(Fault(pointer=count.pointer, code="counted_twice", detail=detail))
        seen.add((count.sku, count.location))
        fault = clock.fault_of(count.as_of, pointer=f"{count.pointer}/as_of", ahead=CLOCK_SKEW_MAX)
        if fault is not None:
            faults.append(fault)
    if faults:
        raise InvalidInput(*faults)
