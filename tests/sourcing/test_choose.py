"""The choice of locations, against all choices that there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unisono.network.tariffs import UNREACHABLE, WEIGHT_G_MAX, Tariff
from unisono.sourcing import choose as choosing
from unisono.sourcing.choose import Demand, Numbers, Plan, Supply, choose, heaviest_parcel_g

WEIGHT_BOUNDS_G = (500, 1000, 2000, 5000)


def array(values: Sequence[int]) -> Numbers:
    return np.array(values, dtype=np.int64)


def tariff(bounds: Sequence[int], prices: Sequence[Sequence[int]]) -> Tariff:
    """A tariff with ``prices`` by location for the bounds; what is missing at the end is no way."""
    cost = [[*row, *[UNREACHABLE] * (len(bounds) + 1 - len(row))] for row in prices]
    every = (*bounds, WEIGHT_G_MAX)
    nothing = np.zeros((len(prices), len(every)), dtype=np.int32)
    return Tariff(
        weights_g=array(every),
        cost=np.array(cost, dtype=np.int64),
        service=nothing,
        rule=nothing,
        bounds=every,
    )


def supply(
    tariff: Tariff | None,
    *,
    line_costs: Sequence[int],
    parcel_costs: Sequence[int],
    split_cost: int = 0,
    allowed: Sequence[bool] | None = None,
) -> Supply:
    places = len(line_costs)
    return Supply(
        allowed=np.array([True] * places if allowed is None else allowed, dtype=np.bool_),
        line_costs=array(line_costs),
        parcel_costs=array(parcel_costs),
        tariff=tariff,
        split_cost=split_cost,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An order, what there is of it, and on which terms."""

    demand: Demand
    free: list[Numbers]
    supply: Supply

    def cost(self, location: int, skus: Sequence[int], units: Sequence[int]) -> int | None:
        """What one parcel costs, computed the plain way; None where it cannot be sent."""
        weight_g = sum(
            n * self.demand.unit_weights_g[sku] for sku, n in zip(skus, units, strict=True)
        )
        sent = self.sent(location, weight_g)
        if sent is None or not self.supply.allowed[location]:
            return None
        prepared = len(skus) * self.supply.line_costs[location]
        return int(sent + prepared + self.supply.parcel_costs[location])

    def sent(self, location: int, weight_g: int) -> int | None:
        """What the carrier asks: full parcels of the heaviest bracket, and one of the rest."""
        tariff = self.supply.tariff
        if tariff is None:
            return 0
        bounds = tariff.bounds[:-1]
        price = 0
        while bounds and weight_g > bounds[-1]:
            price += int(tariff.cost[location, len(bounds) - 1])
            weight_g -= bounds[-1]
        bracket = next((at for at, bound in enumerate(bounds) if weight_g <= bound), None)
        if bracket is None:
            return None
        price += int(tariff.cost[location, bracket])
        return None if price >= UNREACHABLE else price

    @property
    def is_too_heavy(self) -> bool:
        """Whether a single unit is heavier than any parcel."""
        tariff = self.supply.tariff
        return tariff is not None and max(self.demand.unit_weights_g) > heaviest_parcel_g(tariff)

    def cheapest(self) -> int | None:
        """The cost of the best of all ways to give whole lines to parcels of locations."""
        costs = []
        for parts in partitions(range(len(self.demand.units))):
            for locations in product(range(len(self.supply.allowed)), repeat=len(parts)):
                prices = [
                    self.cost(location, part, [self.demand.units[sku] for sku in part])
                    if all(self.free[sku][location] >= self.demand.units[sku] for sku in part)
                    else None
                    for location, part in zip(locations, parts, strict=True)
                ]
                if None not in prices:
                    split = self.supply.split_cost * (len(parts) - 1)
                    costs.append(sum(price for price in prices if price is not None) + split)
        return None if self.is_too_heavy else min(costs, default=None)

    def has_enough(self) -> bool:
        """Whether the locations that may and can send something have the units together."""
        able = self.supply.allowed.copy()
        if self.supply.tariff is not None:
            able &= self.supply.tariff.cost[:, 0] < UNREACHABLE
        return not self.is_too_heavy and all(
            np.maximum(free[able], 0).sum() >= units
            for free, units in zip(self.free, self.demand.units, strict=True)
        )


def partitions(skus: Sequence[int]) -> Iterator[list[list[int]]]:
    """Every way to divide the SKUs into parcels."""
    if not skus:
        yield []
        return
    first, *rest = skus
    for parts in partitions(rest):
        yield [[first], *parts]
        for at, part in enumerate(parts):
            yield [*parts[:at], [first, *part], *parts[at + 1 :]]


@st.composite
def cases(draw: st.DrawFn, skus_max: int = 4, places_max: int = 4) -> Case:
    skus = draw(st.integers(1, skus_max))
    places = draw(st.integers(1, places_max))

    def numbers(size: int, low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=size, max_size=size))

    sent = None
    if draw(st.booleans()):
        bounds = sorted(draw(st.sets(st.sampled_from(WEIGHT_BOUNDS_G), max_size=3)))
        sent = tariff(
            bounds,
            [
                numbers(draw(st.integers(0, len(bounds))), 0, 2000)
                if draw(st.booleans())
                else numbers(len(bounds), 0, 2000)
                for _ in range(places)
            ],
        )
    return Case(
        demand=Demand(units=numbers(skus, 1, 4), unit_weights_g=numbers(skus, 1, 1200)),
        free=[array(numbers(places, -2, 6)) for _ in range(skus)],
        supply=supply(
            sent,
            line_costs=numbers(places, 0, 300),
            parcel_costs=numbers(places, 0, 300),
            split_cost=draw(st.integers(0, 400)),
            allowed=draw(
                st.lists(st.sampled_from([True, True, False]), min_size=places, max_size=places)
            ),
        ),
    )


def assert_serves(case: Case, plan: Plan) -> None:
    """All units, none twice, none that are not free, none from a removed location, true costs."""
    given = dict.fromkeys(range(len(case.demand.units)), 0)
    taken: dict[tuple[int, int], int] = {}
    total = case.supply.split_cost * (len(plan.parcels) - 1)
    for parcel in plan.parcels:
        assert parcel.units
        assert all(units > 0 for units in parcel.units.values())
        cost = case.cost(parcel.location, list(parcel.units), list(parcel.units.values()))
        assert cost == parcel.shipping + parcel.handling
        assert parcel.weight_g == sum(
            units * case.demand.unit_weights_g[sku] for sku, units in parcel.units.items()
        )
        total += parcel.shipping + parcel.handling
        for sku, units in parcel.units.items():
            given[sku] += units
            taken[sku, parcel.location] = taken.get((sku, parcel.location), 0) + units
    assert list(given.values()) == list(case.demand.units)
    assert all(units <= case.free[sku][location] for (sku, location), units in taken.items())
    assert plan.cost == total


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
def test_no_other_choice_is_cheaper(case: Case) -> None:
    plan = choose(case.demand, case.free, case.supply)
    cheapest = case.cheapest()
    if plan is not None:
        assert_serves(case, plan)
    if cheapest is not None:
        assert plan is not None
        assert (plan.cost, plan.method) == (cheapest, "exact")
        # A line is only divided when no location has all of its units.
        sent = [sku for parcel in plan.parcels for sku in parcel.units]
        assert sorted(sent) == list(range(len(case.demand.units)))
    elif plan is not None:
        assert plan.method == "spread"
        assert case.has_enough()
    elif case.supply.tariff is None:
        assert not case.has_enough()
    elif (case.supply.tariff.cost[:, -2:-1] < UNREACHABLE).all():
        # Every location can send parcels of every weight: only units can be missing.
        assert not case.has_enough()


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_the_same_question_gets_the_same_answer(case: Case) -> None:
    plan = choose(case.demand, case.free, case.supply)
    again = choose(case.demand, [each.copy() for each in case.free], case.supply)
    if plan is None or again is None:
        assert plan is again
        return
    assert (plan.parcels, plan.cost, plan.method) == (again.parcels, again.cost, again.method)
    assert plan.whole.tolist() == again.whole.tolist()


@settings(max_examples=120, deadline=None)
@given(case=cases())
def test_the_short_way_never_changes_the_answer(case: Case) -> None:
    plan = choose(case.demand, case.free, case.supply)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Supply, "split_floor", lambda _, lines: -lines)
        long_way = choose(case.demand, case.free, case.supply)
    if plan is None or long_way is None:
        assert plan is long_way
        return
    assert (plan.parcels, plan.cost, plan.method) == (
        long_way.parcels,
        long_way.cost,
        long_way.method,
    )


@settings(max_examples=60, deadline=None)
@given(case=cases(skus_max=12, places_max=5))
def test_large_orders_are_served_whenever_somebody_has_everything(case: Case) -> None:
    plan = choose(case.demand, case.free, case.supply)
    if plan is not None:
        assert_serves(case, plan)
    everything = list(range(len(case.demand.units)))
    whole = [
        case.cost(location, everything, case.demand.units)
        for location in range(len(case.supply.allowed))
        if all(case.free[sku][location] >= case.demand.units[sku] for sku in everything)
    ]
    reachable = [cost for cost in whole if cost is not None]
    if reachable and not case.is_too_heavy:
        assert plan is not None
        assert plan.cost <= min(reachable)


def test_a_line_is_divided_only_when_no_location_has_its_units() -> None:
    terms = supply(None, line_costs=[100, 10, 10], parcel_costs=[100, 10, 10], split_cost=0)
    order = Demand(units=[4], unit_weights_g=[200])
    dear = choose(order, [array([4, 3, 3])], terms)
    assert dear is not None
    assert [(p.location, dict(p.units)) for p in dear.parcels] == [(0, {0: 4})]
    spread = choose(order, [array([1, 3, 3])], terms)
    assert spread is not None
    assert [(p.location, dict(p.units)) for p in spread.parcels] == [(1, {0: 3}), (2, {0: 1})]
    assert (spread.method, spread.cost) == ("spread", 40)


def test_what_is_too_heavy_for_one_parcel_costs_several() -> None:
    post = tariff([1000, 30_000], [[400, 900]])
    terms = supply(post, line_costs=[0], parcel_costs=[0])
    order = Demand(units=[7], unit_weights_g=[10_000])
    plan = choose(order, [array([7])], terms)
    # 70 kg: two parcels of 30 kg and one of 10 kg.
    assert plan is not None
    assert (plan.cost, plan.parcels[0].weight_g) == (2700, 70_000)


def test_one_unit_that_is_heavier_than_any_parcel_cannot_be_sent() -> None:
    post = tariff([30_000], [[900]])
    terms = supply(post, line_costs=[0], parcel_costs=[0])
    heavy = Demand(units=[1], unit_weights_g=[30_001])
    assert choose(heavy, [array([5])], terms) is None
    assert choose(Demand(units=[1], unit_weights_g=[30_000]), [array([5])], terms) is not None
    collected = supply(None, line_costs=[0], parcel_costs=[0])
    assert choose(heavy, [array([5])], collected) is not None


def test_where_nobody_goes_nothing_is_chosen() -> None:
    nowhere = supply(tariff([], [[], []]), line_costs=[0, 0], parcel_costs=[0, 0])
    order = Demand(units=[1, 1], unit_weights_g=[1, 1])
    assert choose(order, [array([9, 9]), array([9, 9])], nowhere) is None


def test_of_equal_plans_the_first_location_is_taken() -> None:
    terms = supply(None, line_costs=[10, 10, 10], parcel_costs=[5, 5, 5])
    order = Demand(units=[1, 1], unit_weights_g=[100, 100])
    plan = choose(order, [array([0, 2, 2]), array([2, 2, 2])], terms)
    assert plan is not None
    assert [parcel.location for parcel in plan.parcels] == [1]
    assert plan.whole.tolist() == [UNREACHABLE, 25, 25]


def test_the_short_way_is_taken_up_to_the_last_cent_and_not_beyond() -> None:
    order = Demand(units=[1, 1], unit_weights_g=[500, 500])
    free = [array([1, 1])] * 2
    for heavy, parcels in ((200, 1), (201, 2)):
        post = tariff([500, 1000], [[100, heavy], [100, heavy]])
        plan = choose(order, free, supply(post, line_costs=[0, 0], parcel_costs=[0, 0]))
        assert plan is not None
        assert (plan.cost, len(plan.parcels)) == (200, parcels)


def test_a_large_order_counts_what_each_of_its_lines_costs() -> None:
    """Preparing many lines in a store costs more than what its parcel saves."""
    skus = choosing.EXACT_SKUS_MAX + 1
    terms = supply(None, line_costs=[125, 45], parcel_costs=[50, 70])
    order = Demand(units=[1] * skus, unit_weights_g=[100] * skus)
    plan = choose(order, [array([3, 3])] * skus, terms)
    assert plan is not None
    assert [parcel.location for parcel in plan.parcels] == [1]
    assert plan.cost == skus * 45 + 70
