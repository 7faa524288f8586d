"""The journal: it knows the newest orders, and never more than it may."""

from datetime import UTC, datetime

from unisono.core import ids
from unisono.demo.journal import Journal, Known


def test_the_oldest_order_is_forgotten_when_there_are_too_many() -> None:
    journal = Journal(planned=0, known_max=2)
    orders = [ids.uuid7() for _ in range(3)]
    for order in orders:
        since = datetime(2026, 11, 22, tzinfo=UTC)
        journal.remember(order, Known(reference="A", planned=None, since=since))
    assert list(journal.known) == orders[1:]
