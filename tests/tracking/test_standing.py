"""How an order stands: one word for where it is, its stages, and whether it is late."""

from datetime import UTC, datetime, timedelta

import pytest

from unisono.tracking.standing import Reached, standing
from unisono.tracking.timeline import Step, Timeline, TrackedItem, TrackedPackage

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
Told = tuple[str, int | None]
"""A state of units, and the package that they are in."""


def item(n: int, told: Told) -> TrackedItem:
    state, package = told
    return TrackedItem(line=n, name=f"Article {n}", quantity=1, state=state, package=package)


def package(n: int, milestone: str) -> TrackedPackage:
    return TrackedPackage(
        package=n,
        state="delivered" if milestone == "delivered" else "shipped",
        carrier="post",
        carrier_name="Post",
        tracking_number=f"T{n}",
        milestone=milestone,
        shipped_at=NOW,
        delivered_at=None,
    )


def timeline(
    *items: Told,
    milestones: tuple[str, ...] = (),
    option: str = "home_standard",
    state: str = "open",
    steps: tuple[Step, ...] = (),
) -> Timeline:
    return Timeline(
        order_number=100001,
        version=1,
        state=state,
        cancellable=False,
        delivery_option=option,
        city="Lyon",
        collect_at=None,
        steps=steps,
        packages=tuple(package(n, milestone) for n, milestone in enumerate(milestones, 1)),
        items=tuple(item(n, told) for n, told in enumerate(items, 1)),
    )


def step(milestone: str, hours_ago: int, package: int | None = None) -> Step:
    at = NOW - timedelta(hours=hours_ago)
    return Step(milestone=milestone, at=at, package=package, city=None)


def stages(found: Timeline) -> list[tuple[str, Reached]]:
    told = standing(found, expected_by=None, now=NOW).stages
    return [(stage.name, stage.reached) for stage in told]


@pytest.mark.parametrize(
    ("items", "milestones", "kind"),
    [
        ([("in_preparation", None)], (), "in_preparation"),
        ([("waiting", None)], (), "waiting"),
        ([("waiting", None), ("in_preparation", None)], (), "in_preparation"),
        ([("prepared", None), ("cancelled", None)], (), "in_preparation"),
        ([("cancelled", None), ("cancelled", None)], (), "cancelled"),
        ([("shipped", 1)], ("carrier_picked_up",), "shipped"),
        ([("shipped", 1), ("cancelled", None)], ("in_transit",), "shipped"),
        ([("shipped", 1), ("prepared", None)], ("in_transit",), "partly_shipped"),
        ([("shipped", 1), ("prepared", None)], ("out_for_delivery",), "out_for_delivery"),
        ([("delivered", 1), ("shipped", 2)], ("delivered", "in_transit"), "partly_delivered"),
        ([("delivered", 1), ("waiting", None)], ("delivered",), "partly_delivered"),
        ([("delivered", 1), ("cancelled", None)], ("delivered",), "delivered"),
        (
            [("delivered", 1), ("shipped", 2)],
            ("delivered", "attempted_delivery"),
            "attempted_delivery",
        ),
        (
            [("shipped", 1), ("shipped", 2), ("shipped", 3)],
            ("delayed", "failure", "out_for_delivery"),
            "failure",
        ),
        ([("shipped", 1)], ("returning_to_sender",), "returning_to_sender"),
        ([("shipped", 1)], ("delayed",), "delayed"),
    ],
)
def test_an_order_that_is_brought_stands_where_its_packages_are(
    items: list[Told], milestones: tuple[str, ...], kind: str
) -> None:
    found = standing(timeline(*items, milestones=milestones), expected_by=None, now=NOW)
    assert found.kind == kind


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        (["in_preparation", "prepared"], "in_preparation"),
        (["ready_for_pickup", "cancelled"], "ready_for_pickup"),
        (["ready_for_pickup", "picked_up"], "ready_for_pickup"),
        (["ready_for_pickup", "prepared"], "partly_ready"),
        (["picked_up", "in_preparation"], "in_preparation"),
        (["picked_up", "picked_up"], "picked_up"),
    ],
)
def test_an_order_that_is_fetched_stands_where_its_goods_are(states: list[str], kind: str) -> None:
    found = timeline(*((state, None) for state in states), option="click_and_collect")
    assert standing(found, expected_by=None, now=NOW).kind == kind


def test_an_order_on_hold_says_so_until_something_leaves() -> None:
    held = timeline(("in_preparation", None), state="on_hold")
    assert standing(held, expected_by=None, now=NOW).kind == "on_hold"


def test_a_stage_is_reached_by_all_units_or_by_a_part_of_them() -> None:
    assert stages(timeline(("in_preparation", None))) == [
        ("ordered", "yes"),
        ("prepared", "no"),
        ("shipped", "no"),
        ("delivered", "no"),
    ]
    split = timeline(("delivered", 1), ("shipped", 2), ("cancelled", None), ("prepared", None))
    assert stages(split) == [
        ("ordered", "yes"),
        ("prepared", "yes"),
        ("shipped", "partly"),
        ("delivered", "partly"),
    ]
    fetched = timeline(
        ("ready_for_pickup", None), ("in_preparation", None), option="click_and_collect"
    )
    assert stages(fetched) == [
        ("ordered", "yes"),
        ("prepared", "partly"),
        ("ready_for_pickup", "partly"),
        ("picked_up", "no"),
    ]
    assert stages(timeline(("cancelled", None))) == []


def test_a_stage_is_dated_by_the_first_package_that_reached_it() -> None:
    steps = (
        step("confirmed", 30),
        step("carrier_picked_up", 20, 1),
        step("carrier_picked_up", 10, 2),
    )
    found = timeline(
        ("shipped", 1),
        ("shipped", 2),
        milestones=("carrier_picked_up", "carrier_picked_up"),
        steps=steps,
    )
    told = standing(found, expected_by=None, now=NOW)
    assert [(stage.name, stage.at) for stage in told.stages] == [
        ("ordered", NOW - timedelta(hours=30)),
        ("prepared", None),
        ("shipped", NOW - timedelta(hours=20)),
        ("delivered", None),
    ]
    assert told.at == NOW - timedelta(hours=10)


def test_what_is_urgent_is_dated_by_its_own_package() -> None:
    found = timeline(
        ("shipped", 1),
        ("shipped", 2),
        milestones=("delayed", "in_transit"),
        steps=(step("delayed", 5, 1), step("in_transit", 1, 2)),
    )
    told = standing(found, expected_by=None, now=NOW)
    assert (told.package, told.at) == (1, NOW - timedelta(hours=5))


@pytest.mark.parametrize(
    ("items", "milestones", "expected", "late"),
    [
        ([("in_preparation", None)], (), NOW + timedelta(seconds=1), False),
        ([("in_preparation", None)], (), NOW, True),
        ([("shipped", 1)], ("in_transit",), NOW - timedelta(days=1), True),
        ([("delivered", 1)], ("delivered",), None, False),
        ([("shipped", 1)], ("returning_to_sender",), None, False),
        ([("cancelled", None)], (), None, False),
    ],
)
def test_an_order_is_late_when_what_was_expected_has_passed_and_is_not_there(
    items: list[Told], milestones: tuple[str, ...], expected: datetime | None, *, late: bool
) -> None:
    by = expected if expected is not None else NOW - timedelta(days=1)
    told = standing(timeline(*items, milestones=milestones), expected_by=by, now=NOW)
    assert (told.expected_by, told.late) == (expected, late)


def test_what_waits_for_its_customer_is_never_late() -> None:
    found = timeline(("ready_for_pickup", None), option="click_and_collect")
    told = standing(found, expected_by=NOW - timedelta(days=9), now=NOW)
    assert (told.expected_by, told.late) == (None, False)
