"""A lifecycle is one table; what it does not allow is refused with what would be allowed."""

import pytest

from unisono.core.lifecycle import Lifecycle, TransitionRefused

DOOR = Lifecycle(
    name="door",
    transitions={
        "open": {"closed": "somebody left", "removed": "the house was sold"},
        "closed": {"open": "somebody came"},
        "removed": {},
    },
)
ALLOWED = {("open", "closed"), ("open", "removed"), ("closed", "open")}


def test_exactly_what_the_table_says_is_allowed() -> None:
    pairs = {(a, b) for a in DOOR.states for b in DOOR.states if DOOR.allows(a, b)}
    assert pairs == ALLOWED


@pytest.mark.parametrize("state", DOOR.states)
@pytest.mark.parametrize("target", DOOR.states)
def test_a_change_is_let_through_or_refused_as_the_table_says(state: str, target: str) -> None:
    if (state, target) in ALLOWED:
        DOOR.require(state, target, what="the door")
    else:
        with pytest.raises(TransitionRefused):
            DOOR.require(state, target, what="the door")


def test_a_refusal_says_what_would_be_possible() -> None:
    with pytest.raises(TransitionRefused) as refusal:
        DOOR.require("open", "open", what="the door")
    assert refusal.value.detail == (
        "the door is open and cannot become open; it can become: closed, removed"
    )
    with pytest.raises(TransitionRefused) as refusal:
        DOOR.require("removed", "open", what="the door")
    assert refusal.value.detail == (
        "the door is removed and cannot become open; it can become: nothing: it is final"
    )


def test_the_states_before_one_are_known() -> None:
    assert DOOR.sources("open") == ("closed",)
    assert DOOR.sources("closed") == ("open",)


def test_a_lifecycle_is_drawn_with_its_beginning_causes_and_ends() -> None:
    assert DOOR.drawn().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> open",
        "    open --> closed: somebody left",
        "    open --> removed: the house was sold",
        "    closed --> open: somebody came",
        "    removed --> [*]",
    ]
