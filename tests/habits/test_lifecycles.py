"""Each lifecycle is one table: the schema allows its states, and its words lead to an end."""

import re

import psycopg
import pytest

from tools import draw_docs
from unisono.core.lifecycle import Lifecycle

# Where the states of a lifecycle are stored.
STORED = {
    "allocation": "orders.allocation",
    "order": "orders.orders",
    "fulfillment order": "fulfillment.fulfillment_order",
    "package": "fulfillment.package",
}


@pytest.fixture(scope="module")
def lifecycles() -> dict[str, Lifecycle]:
    return draw_docs.all_lifecycles()


def test_every_lifecycle_is_stored_somewhere(lifecycles: dict[str, Lifecycle]) -> None:
    assert lifecycles.keys() == STORED.keys()


def test_the_schema_allows_exactly_the_states_of_the_lifecycle(
    lifecycles: dict[str, Lifecycle], schema_url: str
) -> None:
    with psycopg.connect(schema_url) as connection:
        for name, lifecycle in lifecycles.items():
            rows = connection.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conrelid = %s::regclass AND conname LIKE '%%in\\_a\\_known\\_state'",
                (STORED[name],),
            ).fetchall()
            assert len(rows) == 1, STORED[name]
            assert sorted(re.findall(r"'(\w+)'", rows[0][0])) == sorted(lifecycle.states)


def test_every_change_leads_to_a_state_of_the_same_lifecycle(
    lifecycles: dict[str, Lifecycle],
) -> None:
    for lifecycle in lifecycles.values():
        targets = {target for after in lifecycle.transitions.values() for target in after}
        assert targets <= set(lifecycle.states)


def test_every_state_is_reached_from_the_first_and_reaches_an_end(
    lifecycles: dict[str, Lifecycle],
) -> None:
    for lifecycle in lifecycles.values():
        assert _reached(lifecycle, lifecycle.states[0]) == set(lifecycle.states), lifecycle.name
        ends = {state for state, after in lifecycle.transitions.items() if not after}
        assert ends, lifecycle.name
        stuck = [s for s in lifecycle.states if not ends & _reached(lifecycle, s)]
        assert stuck == [], lifecycle.name


def _reached(lifecycle: Lifecycle, start: str) -> set[str]:
    """Return every state that can follow, the first one too."""
    seen, waiting = set[str](), [start]
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting += lifecycle.transitions[state]
    return seen
