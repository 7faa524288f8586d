"""Tempo: the past keeps opening hours and cut-offs, the live show is that of a short day."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from unisono.demo.retailer import locations
from unisono.demo.tempo import DAY_IN_LIVE, History, Live, Stage

PLACES = {location.code: location for location in locations()}
# A Friday, half past four in the afternoon in Paris.
FRIDAY = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def stage(state: str, place: str, *, service: str | None = None, number: float = 0.0) -> Stage:
    return Stage(state=state, place=PLACES[place], service=service, number=number)


def past(to_the_end: bool = False) -> History:  # noqa: FBT001, FBT002 - one flag of a test
    return History(now=FRIDAY, to_the_end=to_the_end)


@pytest.mark.parametrize(
    ("wanted", "then"),
    [
        (stage("open", "S-LYON"), datetime(2026, 11, 20, 15, 32, tzinfo=UTC)),
        (stage("accepted", "S-LYON", number=0.999), datetime(2026, 11, 20, 16, 9, tzinfo=UTC)),
        # The cut-off of a store for the slow carrier was at 14, so it leaves on Saturday.
        (
            stage("packed", "S-LYON", service="relais-eco"),
            datetime(2026, 11, 21, 13, tzinfo=UTC),
        ),
        (
            stage("packed", "W-LYON", service="laposte-domicile"),
            datetime(2026, 11, 20, 16, tzinfo=UTC),
        ),
        # Whoever comes after 40 hours finds a closed store, and comes on Monday.
        (
            stage("ready_for_pickup", "S-LYON", number=1.0),
            datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        ),
    ],
)
def test_in_the_past_the_next_step_is_when_the_location_could_take_it(
    wanted: Stage, then: datetime
) -> None:
    found = past().next_step(wanted, FRIDAY)
    assert found.replace(second=0, microsecond=0) == then


def test_work_of_the_evening_waits_until_the_store_opens() -> None:
    evening = datetime(2026, 11, 21, 20, tzinfo=UTC)
    monday = datetime(2026, 11, 23, 9, 2, tzinfo=UTC)
    assert past().next_step(stage("open", "S-LYON"), evening) == monday


def test_what_would_happen_later_than_now_has_not_happened() -> None:
    later = FRIDAY + timedelta(hours=1)
    assert (past().has_come(FRIDAY), past().has_come(later)) == (True, False)
    assert past().told(FRIDAY - timedelta(hours=1)) == FRIDAY - timedelta(hours=1)
    assert past().reported(FRIDAY - timedelta(hours=1)) == FRIDAY - timedelta(hours=1)


def test_told_to_the_end_it_happens_now() -> None:
    later = FRIDAY + timedelta(days=3)
    assert past(to_the_end=True).has_come(later)
    assert past(to_the_end=True).told(later) == FRIDAY
    assert past(to_the_end=True).reported(later) == FRIDAY


def test_a_day_of_the_live_show_takes_minutes() -> None:
    assert Live().paced(FRIDAY + timedelta(days=2), FRIDAY) == FRIDAY + 2 * DAY_IN_LIVE
    assert past().paced(FRIDAY + timedelta(days=2), FRIDAY) == FRIDAY + timedelta(days=2)


def test_people_of_the_live_show_take_seconds_to_minutes() -> None:
    steps = {
        state: [
            (Live().next_step(stage(state, "S-LYON", number=n), FRIDAY) - FRIDAY).total_seconds()
            for n in (0.0, 1.0)
        ]
        for state in ("open", "accepted", "picking", "packed", "ready_for_pickup")
    }
    assert steps == {
        "open": [5, 50],
        "accepted": [15, 80],
        "picking": [10, 50],
        "packed": [15, 120],
        "ready_for_pickup": [60, 480],
    }


def test_live_everything_happens_now() -> None:
    with time_machine.travel(FRIDAY, tick=False):
        live = Live()
        assert live.begins(FRIDAY - timedelta(days=1)) == FRIDAY
        assert live.told(FRIDAY - timedelta(seconds=3)) == FRIDAY
        # The system's own clock says when.
        assert live.reported(FRIDAY - timedelta(seconds=3)) is None
        assert (live.has_come(FRIDAY), live.has_come(FRIDAY + timedelta(seconds=1))) == (
            True,
            False,
        )
