"""SKUs: what is sold and counted, and the memory of them that the hot path asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from unisono.core import ids, paging, queries, revision, versions
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.outbox import Event, Fact, add
from unisono.core.paging import Page
from unisono.core.texts import Code, Line, folded

sql = queries.beside(__file__)

AREA = "catalog"
REMEMBERED_MAX = 200_000
ROWS_MAX = 10_000
_MEMORY = "catalog.skus"

Status = Literal["active", "retired"]
Gtin = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{14}$(?!\n)",
        description="GTIN in its form of 14 digits, with its check digit",
        examples=["03760123456786"],
    ),
]
Weight = Annotated[
    int, Meta(ge=1, le=10_000_000, description="Grams of one base unit, packing included")
]


class UnknownSku(UnisonoError):
    """There is no such SKU."""

    def __init__(self, sku: str) -> None:
        """Keep the code that was asked for."""
        super().__init__(f"there is no SKU {sku}")
        self.sku = sku


class NewSku(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A SKU as the product system tells it."""

    code: Annotated[Code, Meta(examples=["85123A"])]
    name: Annotated[Line, Meta(examples=["White hanging heart"])]
    weight_g: Annotated[Weight, Meta(examples=[320])]
    gtin: Gtin | None = None
    category: Annotated[Line, Meta(examples=["Decoration"])] | None = None
    status: Status = "active"


class NewSkus(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several SKUs, which are put together or not at all."""

    skus: Annotated[tuple[NewSku, ...], Meta(min_length=1, max_length=ROWS_MAX)]


class ToldSku(NewSku, frozen=True, kw_only=True):
    """A SKU as others see it; ``version`` counts its changes from 1."""

    version: int
    updated_at: datetime


class Sku(ToldSku, frozen=True, kw_only=True):
    """A SKU as it is held, with the id that stays inside."""

    id: int


class SkuChanged(Fact, frozen=True, kw_only=True):
    """A SKU was made or changed; it is told whole."""

    name: ClassVar = "sku.changed"
    sku: NewSku


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuFacts:
    """What deciding about an order needs to know of a SKU; ``active`` means that it is sold."""

    id: int
    code: str
    weight_g: int
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """SKUs of one revision that this process has met, both ways; the longest unused come first."""

    revision: int
    by_code: dict[str, SkuFacts] = field(default_factory=dict)
    by_id: dict[int, SkuFacts] = field(default_factory=dict)

    def enter(self, facts: Iterable[SkuFacts]) -> None:
        for each in facts:
            self.by_code[each.code] = each
            self.by_id[each.id] = each
        # A quarter at once: forgetting one by one would cost a step for every SKU that is met.
        if len(self.by_code) > REMEMBERED_MAX:
            for each in list(self.by_code.values())[: len(self.by_code) - REMEMBERED_MAX * 3 // 4]:
                del self.by_code[each.code], self.by_id[each.id]


async def put(db: Db, *, skus: Sequence[NewSku]) -> list[Sku]:
    """Make or change these SKUs and return them in the order given.

    What is already as told keeps its version and tells nothing. Raises InvalidInput naming each
    code that is given twice and each GTIN whose check digit is wrong.
    """
    return await _put(db, skus, "/skus/{}")


async def _put(db: Db, skus: Sequence[NewSku], pointer: str) -> list[Sku]:
    """Put SKUs that lie in the request at ``pointer``, in which {} is the index."""
    faults = _faults(skus, pointer)
    if faults:
        raise InvalidInput(*faults)
    ordered = sorted(skus, key=lambda sku: sku.code)
    changed: dict[str, int] = dict(
        await db.tuples(
            sql.put,
            {
                "codes": [sku.code for sku in ordered],
                "names": [sku.name for sku in ordered],
                "names_folded": [folded(sku.name) for sku in ordered],
                "gtins": [sku.gtin for sku in ordered],
                "categories": [sku.category for sku in ordered],
                "weights_g": [sku.weight_g for sku in ordered],
                "statuses": [sku.status for sku in ordered],
            },
        )
    )
    if changed:
        await revision.bump(db, AREA)
        await add(
            db,
            [
                Event(
                    aggregate=ids.named("sku", sku.code),
                    sequence=changed[sku.code],
                    fact=SkuChanged(sku=sku),
                )
                for sku in ordered
                if sku.code in changed
            ],
        )
    held = await db.rows(Sku, sql.by_codes, {"codes": [sku.code for sku in ordered]})
    by_code = {sku.code: sku for sku in held}
    return [by_code[sku.code] for sku in skus]


async def replace(db: Db, *, code: str, sku: NewSku, version: int | None) -> Sku:
    """Make this SKU (``version`` None) or change the version that was read, and return it.

    ``code`` is where it is put. Raises VersionRequired, VersionMismatch, and InvalidInput as
    ``put`` does.
    """

    async def put_one() -> Sku:
        [stored] = await _put(db, [sku], "")
        return stored

    return await versions.replaced(
        db,
        what="SKU",
        addressed=code,
        given=sku.code,
        version=version,
        lock=sql.lock,
        put=put_one,
    )


async def get(db: Db, *, code: str) -> Sku:
    """Return a SKU. Raises UnknownSku."""
    sku = await db.row(Sku, sql.by_codes, {"codes": [code]})
    if sku is None:
        raise UnknownSku(code)
    return sku


async def scanned(db: Db, *, code: str) -> list[Sku]:
    """Return the SKUs that a scanned code means: the one of this code, else those of this GTIN.

    A GTIN may be given with 8, 12, 13 or 14 digits; several SKUs may have the same.
    """
    held = await db.rows(Sku, sql.by_codes, {"codes": [code]})
    if not held and code.isascii() and code.isdigit() and len(code) in (8, 12, 13, 14):
        held = await db.rows(Sku, sql.by_gtin, {"gtin": code.zfill(14)})
    return held


async def listing(
    db: Db,
    *,
    after: str | None,
    limit: int,
    status: Status | None = None,
    category: str | None = None,
    search: str | None = None,
) -> Page[Sku]:
    """Return SKUs by code, ``limit`` after the cursor ``after``.

    ``search`` looks in codes and names, whatever the case and the accents. Raises InvalidInput
    when ``after`` is not a cursor of this listing.
    """
    rows = await db.rows(
        Sku,
        sql.listing,
        {
            "after": None if after is None else paging.decode(after, str),
            "status": status,
            "category": category,
            "search": None if search is None else folded(search),
            "limit": limit + 1,
        },
    )
    return paging.page(rows, limit=limit, key=lambda sku: sku.code)


async def known(
    db: Db, *, codes: Iterable[str], revision: int | None = None
) -> Mapping[str, SkuFacts]:
    """Return the facts of these SKUs by code, from memory where it has them.

    An unknown code is absent. ``revision`` is that of the area, when the caller has just read it.
    """
    memory = await _memory(db, revision)
    found: dict[str, SkuFacts] = {}
    missing = []
    for code in codes:
        facts = memory.by_code.get(code)
        if facts is None:
            missing.append(code)
        else:
            found[code] = facts
    if missing:
        loaded = await db.rows(SkuFacts, sql.facts_by_codes, {"codes": missing})
        memory.enter(loaded)
        found.update((facts.code, facts) for facts in loaded)
    return found


async def facts(
    db: Db, *, ids: Iterable[int], revision: int | None = None
) -> Mapping[int, SkuFacts]:
    """Return the facts of these SKUs by id, from memory where it has them."""
    memory = await _memory(db, revision)
    found: dict[int, SkuFacts] = {}
    missing = []
    for each in ids:
        held = memory.by_id.get(each)
        if held is None:
            missing.append(each)
        else:
            found[each] = held
    if missing:
        loaded = await db.rows(SkuFacts, sql.facts_by_ids, {"ids": missing})
        memory.enter(loaded)
        found.update((each.id, each) for each in loaded)
    return found


async def codes(db: Db, *, ids: Iterable[int], revision: int | None = None) -> Mapping[int, str]:
    """Return the codes of these SKUs by id, from memory where it has them."""
    held = await facts(db, ids=ids, revision=revision)
    return {each.id: each.code for each in held.values()}


async def names(db: Db, *, ids: Iterable[int]) -> Mapping[int, str]:
    """Return the names of these SKUs by id, for display."""
    return dict(await db.tuples(sql.names, {"ids": list(ids)}))


async def _memory(db: Db, at: int | None) -> _Memory:
    """Return what is remembered at the area's revision; what is older than that is dropped."""
    if at is None:
        at = (await revision.current(db))[AREA]
    if AREA in db.moved:
        return _Memory(revision=at)
    memory: _Memory | None = db.memory.get(_MEMORY)
    if memory is None or memory.revision != at:
        memory = _Memory(revision=at)
        db.memory[_MEMORY] = memory
    return memory


def told(sku: Sku) -> ToldSku:
    """Return a SKU as others see it."""
    fields = {field: getattr(sku, field) for field in ToldSku.__struct_fields__}
    return ToldSku(**fields)


def _faults(skus: Sequence[NewSku], pointer: str) -> list[Fault]:
    faults = []
    seen: set[str] = set()
    for n, sku in enumerate(skus):
        at = pointer.format(n)
        if sku.code in seen:
            detail = f"SKU {sku.code} is given twice"
            faults.append(Fault(pointer=f"{at}/code", code="repeated", detail=detail))
        seen.add(sku.code)
        if sku.gtin is not None and not _has_its_check_digit(sku.gtin):
            detail = f"the last digit of {sku.gtin} is not the check digit of the others"
            faults.append(Fault(pointer=f"{at}/gtin", code="wrong_gtin", detail=detail))
    return faults


def _has_its_check_digit(gtin: str) -> bool:
    """Return whether the weighted sum is a multiple of 10 (GS1 General Specifications, 7.9)."""
    return sum(int(digit) * (1 if n % 2 else 3) for n, digit in enumerate(gtin)) % 10 == 0
