"""History in words: every kind of moment has its sentence, in every language."""

from datetime import UTC, datetime

import pytest

from unisono.console import languages, story
from unisono.console.words import Tone
from unisono.core.outbox import FACTS
from unisono.fulfillment import events
from unisono.orders import history
from unisono.orders.history import Moment, MomentLine

# Importing them is what enters the facts of locations' work into FACTS.
assert events.ShipmentShipped.name in FACTS

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LINE = MomentLine(line=1, sku="CUP", name="Cup", quantity=2, reason="damaged")


def moment(kind: str, **more: object) -> Moment:
    """Return a moment of Lyon."""
    fields = {"location": "S-LYON", "location_name": "Store <Lyon>", "lines": (LINE,), **more}
    return Moment(sequence=1, type=kind, at=AT, recorded_at=AT, **fields)  # type: ignore[arg-type]


def said(told: Moment, code: str = "en") -> story.Told:
    """Return one moment in words."""
    [words] = story.tell(languages.languages()[code], [told])
    return words


@pytest.mark.parametrize("kind", sorted(history._LINES))
def test_every_event_of_an_order_has_a_sentence(kind: str) -> None:
    assert kind in FACTS
    milestone = "in_transit" if kind == "shipment.tracked" else None
    told = moment(kind, milestone=milestone, packages=(1, 2), amount="5.00", currency="EUR")
    english, french = said(told), said(told, "fr")
    assert kind not in english.what
    assert english.what != french.what


def test_a_kind_that_is_new_is_said_by_its_name() -> None:
    told = said(moment("order.100%_new"))
    assert (told.what, told.tone) == ("order.100%_new", Tone.WAITING)


def test_names_are_escaped_and_places_and_packages_are_links() -> None:
    told = said(moment("fulfillment_order.packed", packages=(1, 2)))
    assert told.what == (
        '<a href="/network/locations/S-LYON">Store &lt;Lyon&gt;</a> packed packages '
        '<a href="#package-1">1</a> and <a href="#package-2">2</a>.'
    )


def test_what_was_not_there_is_told_with_the_reason() -> None:
    told = said(moment("fulfillment_order.short_picked"))
    assert told.lines == [story.ToldLine(quantity=2, name="Cup", place=None, reason="damaged")]
    assert told.tone is Tone.BROKEN
    assert said(moment("fulfillment_order.short_picked"), "fr").lines[0].reason == "abîmé"
    nothing = said(moment("fulfillment_order.short_picked", nothing_found=True))
    assert nothing.what.endswith("found nothing of what it should prepare.")


def test_who_and_why_and_what_else_is_known_are_kept() -> None:
    told = said(moment("order.changed", author="Zoé", reason="Ordered twice"))
    assert (told.what, told.who, told.why) == ("2 units were cancelled.", "Zoé", "Ordered twice")
    told = said(moment("order.created", channel_name="Web", holds=("payment", "fraud")))
    assert told.facts == ["On hold: Payment and Fraud check"]
    told = said(
        moment("shipment.shipped", packages=(1,), carrier_name="Post", tracking_number="T1")
    )
    assert told.facts == ["Post", "T1"]
