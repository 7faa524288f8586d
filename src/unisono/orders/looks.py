"""The looks of a capture batch: each is one transaction's worth of work on a list of orders.

``first_look`` decides on remembered stock; ``final_look`` locks the levels first and decides on the
truth; ``sales_look`` writes what was carried out of a store already.
"""

from collections.abc import Sequence

from unisono.core import clock, queries, revision
from unisono.core.database import Db
from unisono.inventory import image, ledger, levels
from unisono.inventory.ledger import NewMovement
from unisono.inventory.levels import Change, Changed, Key
from unisono.orders import deciding, records, repeats
from unisono.orders.deciding import Decider, Reference
from unisono.orders.entries import (
    Captured,
    Entry,
    Outcome,
    ReferenceDataMoved,
    captured,
    check_all,
)
from unisono.orders.new_order import CheckedOrder
from unisono.orders.numbers import Numbers
from unisono.orders.records import NewAllocation, Record
from unisono.orders.stock import locked_stock
from unisono.sourcing.choose import Plan

sql = queries.beside(__file__)

Checked = tuple[Entry, CheckedOrder]
OrderKey = tuple[int, str]


async def first_look(db: Db, entries: Sequence[Entry]) -> Outcome:
    """Take the keys, decide on remembered stock, take it, look, and write what held.

    A repeat meets its key before anything is decided, so it touches no stock. Orders that are
    short, or whose stock was taken by others meanwhile, get no answer.
    """
    outcome = Outcome()
    reference = await Reference.remembered(db)
    checked = await check_all(db, entries, reference, outcome)
    won = await _take_keys(db, checked, reference)
    await _answer_repeats(db, [pair for pair in checked if _key(pair) not in won], outcome)
    mine = [pair for pair in checked if _key(pair) in won]
    stock = await image.of_process(db.memory, db.settings).of(
        db,
        skus={sku for _, order in mine for sku in order.units},
        index_of=reference.network.index_of,
    )
    decider = Decider(reference, stock, split_cost=db.settings.split_cost)
    decided = [pair for pair in mine if _decide(pair, decider)]
    changed = await levels.take(db, takes=decider.takes) if decided else []
    held = {(each.sku, each.location) for each in changed}
    kept = [pair for pair in decided if pair[0].claims.keys() <= held]
    if len(kept) < len(mine):
        written = {id(entry) for entry, _ in kept}
        lost = [pair for pair in mine if id(pair[0]) not in written]
        outcome.doubtful.update(sku for _, order in lost for sku in order.units)
        await _delete_keys(db, lost)
        changed = await _give_back(db, [p for p in decided if id(p[0]) not in written], changed)
    await _write(db, kept, changed, outcome)
    return outcome


async def final_look(db: Db, entries: Sequence[Entry]) -> Outcome:
    """Lock every level of the SKUs, decide on that truth, and answer every order."""
    outcome = Outcome()
    reference = await Reference.fresh(db)
    checked = await check_all(db, entries, reference, outcome)
    won = await _take_keys(db, checked, reference)
    await _answer_repeats(db, [p for p in checked if _key(p) not in won], outcome)
    mine = [pair for pair in checked if _key(pair) in won]
    skus = {sku for _, order in mine for sku in order.units}
    stock = await locked_stock(db, skus=skus, network=reference.network)
    outcome.doubtful.update(stock)
    decider = Decider(reference, stock, split_cost=db.settings.split_cost)
    kept: list[Checked] = []
    refused: list[Checked] = []
    for pair in mine:
        if _decide(pair, decider) or _accept(pair, decider):
            kept.append(pair)
        else:
            refused.append(pair)
            entry, order = pair
            terms = decider.terms(order)
            available = decider.available(order.units, terms)
            outcome.answers.append((entry, deciding.refusal(order, available, terms)))
    if refused:
        await _delete_keys(db, refused)
    changed = await levels.take(db, takes=decider.takes) if decider.takes else []
    await _write(db, kept, changed, outcome)
    return outcome


async def sales_look(db: Db, entries: Sequence[Entry]) -> Outcome:
    """Write sales whose goods left the store already: facts, whatever the stock figures say."""
    outcome = Outcome()
    reference = await Reference.fresh(db)
    checked = await check_all(db, entries, reference, outcome)
    won = await _take_keys(db, checked, reference)
    await _answer_repeats(db, [p for p in checked if _key(p) not in won], outcome)
    mine = [pair for pair in checked if _key(pair) in won]
    for entry, order in mine:
        entry.record = Record(
            id=entry.id,
            content_hash=entry.content_hash,
            order=order,
            allocations=[
                NewAllocation(
                    n=line.n,
                    line=line.n,
                    sku=line.sku,
                    quantity=line.quantity,
                    location=order.location,
                )
                for line in order.lines
            ],
            allocation_state="picked_up",
            state="fulfilled",
        )
    numbered = await _numbered(db, mine)
    now = clock.now()
    changed = await ledger.post(
        db,
        movements=[
            NewMovement(
                sku=each.sku,
                location=each.location,
                cause="till_sale",
                quantity=each.quantity,
                on_hand=-each.quantity,
                document=str(record.number),
                author=record.order.new.channel,
                occurred_at=record.order.new.placed_at or now,
            )
            for record in numbered
            for each in record.allocations
            if each.location is not None
        ],
    )
    await records.insert(db, numbered)
    outcome.changed = changed
    outcome.answers += [(pair[0], captured(r)) for pair, r in zip(mine, numbered, strict=True)]
    return outcome


def _key(pair: Checked) -> OrderKey:
    return pair[1].channel.id, pair[1].new.reference


def _decide(pair: Checked, decider: Decider) -> bool:
    """Place the whole order and take its units off the stock in view; False when it is short."""
    entry, order = pair
    terms = decider.terms(order)
    plan = decider.plan(order.units, order.unit_weights_g, terms)
    if plan is None:
        return False
    _record(entry, order, plan, tuple(order.units), decider)
    return True


def _accept(pair: Checked, decider: Decider) -> bool:
    """Place what is there of an order that was sold already; the rest waits. False on a refusal."""
    entry, order = pair
    if order.channel.when_short != "accept":
        return False
    terms = decider.terms(order)
    available = decider.available(order.units, terms)
    weights_g = dict(zip(order.units, order.unit_weights_g, strict=True))
    units = {sku: quantity for sku, quantity in available.items() if quantity}
    plan = decider.plan(units, [weights_g[sku] for sku in units], terms) if units else None
    _record(entry, order, plan, tuple(units), decider)
    return True


def _record(
    entry: Entry, order: CheckedOrder, plan: Plan | None, skus: Sequence[int], decider: Decider
) -> None:
    terms = decider.terms(order)
    parcels = () if plan is None else plan.parcels
    entry.claims = {
        (skus[at], int(decider.network.ids[parcel.location])): quantity
        for parcel in parcels
        for at, quantity in parcel.units.items()
    }
    held = order.new.payment is not None and order.new.payment.status == "pending"
    entry.record = Record(
        id=entry.id,
        content_hash=entry.content_hash,
        order=order,
        allocations=deciding.allocations(
            [(line.n, line.sku, line.quantity) for line in order.lines],
            parcels,
            skus,
            decider.network.ids,
        ),
        plan=decider.explained(plan, skus, terms),
        state="on_hold" if held else "open",
        holds=("payment",) if held else (),
    )
    if plan is not None:
        decider.give(plan, skus, terms)


async def _take_keys(db: Db, checked: Sequence[Checked], reference: Reference) -> set[OrderKey]:
    """Take the keys of orders and return those that were won.

    Raises ReferenceDataMoved when the orders were checked by reference data that is not current.
    """
    revisions = await db.send(revision.sql.current)
    keys = await db.send(sql.take_keys, _key_parameters(checked))
    if dict(await revisions.fetchall()) != reference.revisions:
        raise ReferenceDataMoved
    return {(channel, reference) for channel, reference in await keys.fetchall()}


def _key_parameters(checked: Sequence[Checked]) -> dict[str, list[object]]:
    ordered = sorted(checked, key=_key)
    return {
        "channels": [order.channel.id for _, order in ordered],
        "references": [order.new.reference for _, order in ordered],
        "ids": [entry.id for entry, _ in ordered],
        "hashes": [entry.content_hash for entry, _ in ordered],
    }


async def _delete_keys(db: Db, checked: Sequence[Checked]) -> None:
    """Free the keys of orders that this transaction does not write after all."""
    await db.execute(sql.delete_keys, _key_parameters(checked))


async def _give_back(db: Db, lost: Sequence[Checked], changed: Sequence[Changed]) -> list[Changed]:
    """Undo what was taken for orders that are not written now; return the levels then."""
    after = {(each.sku, each.location): each for each in changed}
    back: dict[Key, Change] = {}
    for entry, _ in lost:
        for key, quantity in entry.claims.items():
            if key in after:
                back.setdefault(key, Change()).committed -= quantity
    if back:
        returned = await levels.apply(db, changes=back)
        after |= {(each.sku, each.location): each for each in returned}
    return list(after.values())


async def _answer_repeats(db: Db, pairs: Sequence[Checked], outcome: Outcome) -> None:
    """Answer orders whose reference is taken: as it was before, or with what differs."""
    if not pairs:
        return
    earlier = await repeats.earlier(db, keys=[_key(pair) for pair in pairs])
    for pair in pairs:
        entry, _ = pair
        held = earlier.get(_key(pair))
        if held is None:
            # The winner rolled back after we met its key: the next look decides.
            continue
        if held.content_hash != entry.content_hash:
            conflict = await repeats.conflict(db, new=entry.new, held=held)
            outcome.answers.append((entry, conflict))
            continue
        answer = Captured(
            id=held.id,
            number=held.number,
            channel=entry.new.channel,
            reference=entry.new.reference,
            currency=held.currency,
            total=held.total,
            # Our own id means that an earlier try of this very request went through.
            created=held.id == entry.id,
        )
        outcome.answers.append((entry, answer))


async def _numbered(db: Db, pairs: Sequence[Checked]) -> list[Record]:
    """Return the records of decided orders, each with a fresh number."""
    made = [entry.record for entry, _ in pairs if entry.record is not None]
    for record, number in zip(made, await Numbers.of_process(db).take(db, len(made)), strict=True):
        record.number = number
    return made


async def _write(
    db: Db, kept: Sequence[Checked], changed: Sequence[Changed], outcome: Outcome
) -> None:
    """Write the orders that hold; they are answered once this is committed."""
    numbered = await _numbered(db, kept)
    await records.insert(db, numbered)
    await levels.tell(db, changed)
    outcome.changed = list(changed)
    outcome.answers += [(pair[0], captured(r)) for pair, r in zip(kept, numbered, strict=True)]
