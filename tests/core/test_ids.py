"""Ids: time-ordered, increasing within a process, and the same for the same name everywhere."""

import threading
import time
from datetime import UTC, datetime
from uuid import RFC_4122, UUID

import pytest

from unisono.core import ids


def test_ids_increase_and_are_distinct() -> None:
    made = [ids.uuid7() for _ in range(2000)] + ids.uuids7(3000) + [ids.uuid7()]
    assert made == sorted(set(made))


def test_ids_are_of_version_7() -> None:
    for made in ids.uuids7(1000):
        assert made.version == 7
        assert made.variant == RFC_4122


def test_an_id_begins_with_its_time() -> None:
    before = time.time_ns() // 1_000_000
    made = ids.uuid7()
    after = time.time_ns() // 1_000_000
    # A millisecond with more ids than it can count runs into the next.
    assert before <= made.int >> 80 <= after + 1


def test_an_id_tells_when_it_was_made() -> None:
    # The example of RFC 9562.
    made = UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    assert ids.made_at(made) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_ids_increase_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert first < ids.uuid7() < ids.uuid7()


def test_ids_of_threads_are_distinct() -> None:
    made: list[list[UUID]] = []

    def make() -> None:
        made.append([ids.uuid7() for _ in range(2000)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each == sorted(each) for each in made)
    assert len({each for one in made for each in one}) == 8000


def test_no_ids_are_asked_for_in_vain() -> None:
    before = ids.uuid7()
    assert ids.uuids7(0) == []
    assert before < ids.uuid7()


def test_a_named_thing_has_the_same_id_on_every_machine() -> None:
    assert ids.named("sku", "85123A") == UUID("5862d58f-e17f-5707-9b2e-f4879063c0db")
    assert ids.named("sku", "85123A") != ids.named("location", "85123A")
    assert ids.named("sku", "85123A") != ids.named("sku", "85123B")
