"""The verdict: every figure that must not be is complained about, and nothing else."""

import io
from collections import Counter
from dataclasses import replace

import pytest
from rich.console import Console

from unisono.analytics.summary import (
    Outcome,
    OutcomeCount,
    Overdrawn,
    ParcelCount,
    ShortOrders,
    Splits,
    Summary,
)
from unisono.demo.journal import Journal
from unisono.demo.summary import Result, headline, show
from unisono.inventory.audit import AuditFault


def outcome(channel: str, what: Outcome, orders: int) -> OutcomeCount:
    return OutcomeCount(
        channel=channel, delivery_option="home_standard", outcome=what, orders=orders, rerouted=1
    )


SUMMARY = Summary(
    outcomes=(
        outcome("market", "waiting", 1),
        outcome("web", "cancelled", 1),
        outcome("web", "delivered", 6),
    ),
    works=(),
    parcels=(
        ParcelCount(
            location="S-LYON",
            kind="store",
            state="delivered",
            parcels=8,
            shipping_cost=4000,
            handling_cost=2000,
        ),
    ),
    splits=Splits(packed_orders=6, split_orders=2, orders_of_several_locations=1),
    short_orders=(
        ShortOrders(channel="market", when_short="accept", units=3),
        ShortOrders(channel="web", when_short="refuse", units=0),
    ),
    overdrawn=Overdrawn(with_till_sales=2, without_till_sales=0),
)


@pytest.fixture
def result() -> Result:
    """Ten orders of which two were refused, and everything is as it must be."""
    journal = Journal(
        planned=10,
        known_max=10,
        captured=Counter({"web": 7, "market": 1}),
        refused=Counter({"stock_short": 2}),
        capture_seconds=0.5,
    )
    return Result(
        journal=journal,
        summary=SUMMARY,
        audit_faults=[],
        seconds=4.25,
        currency="EUR",
        to_the_end=True,
    )


def test_nothing_is_complained_about_when_all_is_well(result: Result) -> None:
    assert list(result.complaints()) == []
    assert (result.oversold_by_refusing, result.oversold_by_accepting, result.lost) == (0, 5, 0)


def test_every_fault_of_an_audit_is_named(result: Result) -> None:
    fault = AuditFault(
        check="on_hand is the sum of the movements",
        sku="CUP",
        location="S-LYON",
        figure=3,
        recomputed=4,
    )
    assert list(replace(result, audit_faults=[fault]).complaints()) == [
        "the audit found 1 faults",
        str(fault),
    ]


def test_an_order_that_is_lost_is_complained_about(result: Result) -> None:
    result.journal.captured["web"] += 1
    result.journal.planned += 1
    assert list(result.complaints()) == [
        "1 orders were answered otherwise than they are in the database"
    ]


def test_an_order_without_an_answer_is_complained_about(result: Result) -> None:
    result.journal.planned += 2
    assert list(result.complaints()) == ["2 orders have no answer"]


def test_units_oversold_by_a_channel_that_refuses_are_complained_about(result: Result) -> None:
    short = (ShortOrders(channel="web", when_short="refuse", units=4),)
    oversold = replace(result, summary=replace(SUMMARY, short_orders=short))
    assert list(oversold.complaints()) == ["4 units were oversold on channels that refuse"]


def test_goods_that_left_without_being_there_are_complained_about(result: Result) -> None:
    overdrawn = Overdrawn(with_till_sales=2, without_till_sales=3)
    left = replace(result, summary=replace(SUMMARY, overdrawn=overdrawn))
    assert list(left.complaints()) == ["3 units left that were not there"]


@pytest.mark.parametrize("what", ["at_work", "shipped"])
def test_orders_that_did_not_end_are_complained_about(result: Result, what: Outcome) -> None:
    outcomes = (outcome("web", what, 7), outcome("market", "waiting", 1))
    unended = replace(result, summary=replace(SUMMARY, outcomes=outcomes))
    assert list(unended.complaints()) == ["7 orders did not come to their end"]
    assert list(replace(unended, to_the_end=False).complaints()) == []


def test_a_week_that_goes_on_is_told_in_one_line(result: Result) -> None:
    assert headline(result) == (
        "8 orders of the last days, told in 4 s: 6 arrived, 0 are on their way, 0 at work, "
        "1 wait for stock, 1 cancelled, 2 refused; audit clean"
    )


def test_the_figures_are_shown_as_plain_lines_where_there_is_no_terminal(
    result: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    show(Console(), result)
    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()) for line in lines if line.startswith(("captured", "log"))] == [
        "captured 8 market 1, web 7",
        "logistics cost 60.00 EUR shipping 40.00 EUR, preparation 20.00 EUR; 10.00 EUR an order",
        "captured per second 16 over HTTP, while the locations worked",
    ]


def test_the_figures_are_shown_as_a_table_on_a_terminal(result: Result) -> None:
    terminal = io.StringIO()
    show(Console(file=terminal, force_terminal=True, width=120), result)
    assert "The demo retailer" in terminal.getvalue()
    assert "60.00 EUR" in terminal.getvalue()
