from typing import get_args

from unisono.fulfillment.queue import State
from unisono.fulfillment.states import FULFILLMENT_ORDER, PACKAGE


def test_the_queue_can_be_asked_for_every_state_and_no_other() -> None:
    assert get_args(State) == FULFILLMENT_ORDER.states


def test_work_ends_closed_rejected_incomplete_or_cancelled() -> None:
    final = [state for state, after in FULFILLMENT_ORDER.transitions.items() if not after]
    assert final == ["closed", "rejected", "incomplete", "cancelled"]


def test_what_left_cannot_be_cancelled() -> None:
    assert FULFILLMENT_ORDER.sources("cancelled") == (
        "open",
        "accepted",
        "picking",
        "packed",
        "ready_for_pickup",
    )
    assert PACKAGE.sources("cancelled") == ("packed",)
