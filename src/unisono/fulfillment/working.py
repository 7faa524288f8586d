"""Working on a fulfillment order: its order is locked, its state is checked, its version raised.

Two who act on the same work at the same moment come one after the other; the second meets the
state that the first left.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from unisono.core import clock, versions
from unisono.core.database import Db
from unisono.core.lifecycle import TransitionRefused
from unisono.core.outbox import Fact
from unisono.fulfillment import carriage, goods, records
from unisono.fulfillment.carriage import Carriage
from unisono.fulfillment.events import WorkLine
from unisono.fulfillment.goods import Goods
from unisono.fulfillment.records import FulfillmentRef, Held, HeldPackage
from unisono.fulfillment.states import FULFILLMENT_ORDER, PACKAGE
from unisono.inventory.claims import Claim
from unisono.inventory.ledger import Cause, NewMovement
from unisono.network import network
from unisono.network.network import Network
from unisono.orders.changing import Allocation, OrderChange, changing
from unisono.orders.new_order import COLLECTED


class Work:
    """A fulfillment order that is being worked on, inside the change of its order.

    ``wanted`` are its allocations that were not cancelled, ``packages`` its packages that were not.
    """

    def __init__(
        self,
        change: OrderChange,
        held: Held,
        *,
        packages: Iterable[HeldPackage],
        network: Network,
        goods: Goods,
    ) -> None:
        """Begin with what is held; ``packages`` are those of the whole order."""
        every = list(packages)
        self.change = change
        self.held = held
        self.after = held
        self.wanted = [
            each for each in change.of_fulfillment_order(held.n) if each.state != "cancelled"
        ]
        self.packages = [
            each for each in every if each.fulfillment_order == held.n and each.state != "cancelled"
        ]
        self.next_package = max((each.n for each in every), default=0) + 1
        self.changed_packages: list[HeldPackage] = []
        self.goods = goods
        self.location = network.by_id[held.location].code
        self._network = network

    def become(self, state: str, *, at: datetime, reason: str | None = None) -> None:
        """Bring the work into a state, in which it is since ``at``. Raises TransitionRefused.

        Nobody goes on with work of which nothing is wanted any more.
        """
        what = f"fulfillment order {self.held.ref}"
        FULFILLMENT_ORDER.require(self.held.state, state, what=what)
        if not self.wanted:
            message = f"everything in {what} was cancelled, so it cannot become {state}"
            raise TransitionRefused(message)
        self.after = replace(self.held, state=state, reason=reason, changed_at=at)

    def require_collected(self, *, wanted: bool) -> None:
        """Raise TransitionRefused unless the customer collects the goods, or does not."""
        if (self.held.delivery_option in COLLECTED) != wanted:
            way = "sent by a carrier" if wanted else "collected by the customer"
            message = f"fulfillment order {self.held.ref} is to be {way}"
            raise TransitionRefused(message)

    def tell(self, fact: Fact) -> None:
        """Write this event with the change."""
        self.change.tell(fact)

    def move_package(self, package: HeldPackage, state: str, **fields: object) -> HeldPackage:
        """Bring a package into a state and return it. Raises TransitionRefused."""
        what = f"package {package.n} of order {self.change.order.number}"
        PACKAGE.require(package.state, state, what=what)
        moved: HeldPackage = replace(package, state=state, **fields)  # type: ignore[arg-type]
        self.changed_packages.append(moved)
        return moved

    def carriage(self) -> Carriage:
        """Return how packages of this work reach the customer."""
        return carriage.of(self._network, self.change.order, location=self.held.location)

    def lines(self, allocations: Iterable[Allocation]) -> list[WorkLine]:
        """Return allocations as events tell them."""
        return goods.lines(allocations, self.goods)

    def claim(self, allocation: Allocation, *, quantity: int | None = None) -> Claim:
        """Return the claim that serves an allocation, or ``quantity`` units of it."""
        return Claim(
            sku=allocation.sku,
            holder=allocation.order_id,
            n=allocation.n,
            location=self.held.location,
            quantity=allocation.quantity if quantity is None else quantity,
        )

    def gone(
        self, allocation: Allocation, *, cause: Cause, package: int, author: str, at: datetime
    ) -> NewMovement:
        """Return the ledger line of goods that leave the location for good."""
        return NewMovement(
            sku=allocation.sku,
            location=self.held.location,
            cause=cause,
            quantity=allocation.quantity,
            on_hand=-allocation.quantity,
            document=f"{self.change.order.number}/{package}",
            author=author,
            occurred_at=at,
        )

    def reopen(self, n: int, *, reason: str, quantity: int | None = None) -> None:
        """Take an allocation, or units of it, away from here: another location must serve it."""
        declined = self.change.allocations[n].declined
        self.change.move(
            n,
            "open",
            quantity=quantity,
            location=None,
            fulfillment_order=None,
            reason=reason,
            declined=sorted({*declined, self.held.location}),
            retry_at=clock.now(),
        )


@asynccontextmanager
async def working(db: Db, *, ref: FulfillmentRef, version: int | None) -> AsyncIterator[Work]:
    """Lock the order of a fulfillment order, let the block work on it, and write what it did.

    ``version`` is the one that was read; None: whatever it is. Raises UnknownFulfillmentOrder,
    VersionMismatch.
    """
    async with changing(db, [ref.order_id]) as changes:
        if ref.order_id not in changes:
            raise records.unknown(ref)
        change = changes[ref.order_id]
        held = await records.get(db, ref=ref)
        if version is not None:
            versions.require(held=held.version, given=version, what=f"fulfillment order {ref}")
        work = Work(
            change,
            held,
            packages=await records.packages_of_orders(db, order_ids=[ref.order_id]),
            network=await network.of(db),
            goods=await goods.of(db, change.of_fulfillment_order(ref.n)),
        )
        yield work
        await records.change(db, [work.after])
        await records.put_packages(db, work.changed_packages)
