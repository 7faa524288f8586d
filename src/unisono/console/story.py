"""What happened, told in words: the moments of an order's history as sentences with links.

A part of a page, ``timeline.html``, draws them; whoever has moments of another kind can give it
sentences of the same form.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import quote

from markupsafe import Markup

from unisono.console import words
from unisono.console.languages import Language
from unisono.console.words import Tone, mark
from unisono.orders.history import Moment, MomentLine

WorkAddress = Callable[[str, int], str]
"""Where the work of a location (its code) with a number within its order is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """Goods that a moment is about, where they are or go, and why."""

    quantity: int
    name: str
    place: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A moment in words: what happened, when, by whom, why; ``note`` is what somebody wrote.

    ``lines`` are the goods that it is about, where that says more than the sentence.
    """

    what: Markup
    tone: Tone
    at: datetime
    who: str | None = None
    why: str | None = None
    note: str | None = None
    facts: Sequence[str] = ()
    lines: Sequence[ToldLine] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """A text with its form for several units or packages, if it counts any, and its tone."""

    one: str
    many: str | None = None
    tone: Tone = Tone.MOVING
    counts: str = "units"
    with_lines: bool = False


def plural(
    one: str,
    many: str,
    *,
    tone: Tone = Tone.MOVING,
    counts: str = "units",
    with_lines: bool = False,
) -> _Sentence:
    """Return a sentence of both forms; the catalogs find them by this function's name."""
    return _Sentence(one=one, many=many, tone=tone, counts=counts, with_lines=with_lines)


_SENTENCES: Mapping[str, _Sentence] = MappingProxyType(
    {
        "order.created": _Sentence(one=mark("The order came in from %(channel)s.")),
        "order.paid": _Sentence(one=mark("%(amount)s was received."), tone=Tone.DONE),
        "order.noted": _Sentence(one=mark("A note was written."), tone=Tone.WAITING),
        "order.changed": plural(
            "%(num)s unit was cancelled.",
            "%(num)s units were cancelled.",
            tone=Tone.AT_RISK,
            with_lines=True,
        ),
        "order.cancelled": _Sentence(one=mark("The order was cancelled."), tone=Tone.WAITING),
        "order.parked": plural(
            "%(num)s unit waits for stock.",
            "%(num)s units wait for stock.",
            tone=Tone.AT_RISK,
            with_lines=True,
        ),
        "order.rerouted": plural(
            "%(num)s unit was taken away from its location.",
            "%(num)s units were taken away from their location.",
            tone=Tone.AT_RISK,
            with_lines=True,
        ),
        "sourcing_plan.created": plural(
            "%(num)s unit was given a new location.",
            "%(num)s units were given a new location.",
            with_lines=True,
        ),
        "fulfillment_order.created": plural(
            "%(location)s was asked to prepare %(num)s unit.",
            "%(location)s was asked to prepare %(num)s units.",
        ),
        "fulfillment_order.accepted": _Sentence(one=mark("%(location)s accepted the work.")),
        "fulfillment_order.rejected": _Sentence(
            one=mark("%(location)s rejected the work."), tone=Tone.BROKEN, with_lines=True
        ),
        "fulfillment_order.picked": plural(
            "%(location)s picked %(num)s unit.",
            "%(location)s picked %(num)s units.",
        ),
        "fulfillment_order.short_picked": plural(
            "%(location)s could not use %(num)s unit.",
            "%(location)s could not use %(num)s units.",
            tone=Tone.BROKEN,
            with_lines=True,
        ),
        "fulfillment_order.packed": plural(
            "%(location)s packed package %(packages)s.",
            "%(location)s packed packages %(packages)s.",
            counts="packages",
        ),
        "fulfillment_order.ready_for_pickup": _Sentence(
            one=mark("The goods wait for the customer at %(location)s.")
        ),
        "fulfillment_order.collected": _Sentence(
            one=mark("The customer collected the goods at %(location)s."), tone=Tone.DONE
        ),
        "fulfillment_order.cancelled": _Sentence(
            one=mark("%(location)s has nothing more to do for this order."), tone=Tone.WAITING
        ),
        "shipment.shipped": _Sentence(one=mark("Package %(packages)s left %(location)s.")),
        "shipment.delivered": _Sentence(
            one=mark("Package %(packages)s was delivered."), tone=Tone.DONE
        ),
    }
)

_MILESTONES: Mapping[str, _Sentence] = MappingProxyType(
    {
        "label_printed": _Sentence(one=mark("The label of package %(packages)s was printed.")),
        "carrier_picked_up": _Sentence(one=mark("The carrier took package %(packages)s.")),
        "in_transit": _Sentence(one=mark("Package %(packages)s is on its way.")),
        "out_for_delivery": _Sentence(
            one=mark("Package %(packages)s is with the driver, to be delivered today.")
        ),
        "attempted_delivery": _Sentence(
            one=mark("Nobody took package %(packages)s; the carrier tries again."),
            tone=Tone.AT_RISK,
        ),
        "delayed": _Sentence(one=mark("Package %(packages)s is delayed."), tone=Tone.AT_RISK),
        "failure": _Sentence(
            one=mark("The carrier has a problem with package %(packages)s."), tone=Tone.BROKEN
        ),
        "ready_for_pickup": _Sentence(
            one=mark("Package %(packages)s waits for the customer at a pickup point.")
        ),
        "picked_up": _Sentence(
            one=mark("The customer collected package %(packages)s."), tone=Tone.DONE
        ),
        "returning_to_sender": _Sentence(
            one=mark("Package %(packages)s is on its way back."), tone=Tone.BROKEN
        ),
        "delivered": _Sentence(one=mark("Package %(packages)s was delivered."), tone=Tone.DONE),
    }
)
"""What a carrier tells of a package."""

_NOTHING_FOUND = _Sentence(
    one=mark("%(location)s found nothing of what it should prepare."),
    tone=Tone.BROKEN,
    with_lines=True,
)

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "out_of_stock": mark("no stock anywhere"),
        "rejected": mark("rejected by the location"),
        "short_pick": mark("not found at the location"),
        "rerouted": mark("taken away from its location"),
        "not_found": mark("not found"),
        "damaged": mark("damaged"),
    }
)
"""Why units are not where they should be, by the code that is kept; others are people's words."""


def tell(
    language: Language, moments: Iterable[Moment], *, works: WorkAddress | None = None
) -> list[Told]:
    """Return an order's history in words, the newest moment first.

    With ``works`` a location that worked on the order is a link to its work, else to itself.
    """
    return [_told(language, moment, works) for moment in reversed(list(moments))]


def link(path: str, text: str) -> Markup:
    """Return a link to a page; both are escaped."""
    return Markup('<a href="{}">{}</a>').format(path, text)


def location_link(code: str, name: str | None) -> Markup:
    """Return a link to a location by its name."""
    return link(f"/network/locations/{quote(code, safe='')}", name or code)


def _told(language: Language, moment: Moment, works: WorkAddress | None) -> Told:
    sentence = _sentence(moment)
    return Told(
        what=_said(language, sentence, moment, works),
        tone=sentence.tone,
        at=moment.at,
        who=moment.author,
        why=moment.reason,
        note=moment.text,
        facts=_facts(language, moment),
        lines=[_line(language, each) for each in moment.lines] if sentence.with_lines else (),
    )


def reason(language: Language, code: str) -> str:
    """Return a reason in words; one that is no code is somebody's own words."""
    return language.text(REASONS[code]) if code in REASONS else code


def _line(language: Language, line: MomentLine) -> ToldLine:
    return ToldLine(
        quantity=line.quantity,
        name=line.name or line.sku or language.number(line.line),
        place=line.location_name or line.location,
        reason=None if line.reason is None else reason(language, line.reason),
    )


def _sentence(moment: Moment) -> _Sentence:
    """Return the sentence of a moment; a type that is new here is said by its name."""
    if moment.nothing_found:
        return _NOTHING_FOUND
    if moment.milestone is not None and moment.milestone in _MILESTONES:
        return _MILESTONES[moment.milestone]
    known = _SENTENCES.get(moment.type)
    return known or _Sentence(one=moment.type.replace("%", "%%"), tone=Tone.WAITING)


def _place(moment: Moment, works: WorkAddress | None) -> Markup:
    code, n = moment.location or "", moment.fulfillment_order
    if works is None or n is None:
        return location_link(code, moment.location_name)
    return link(works(code, n), moment.location_name or code)


def _said(
    language: Language, sentence: _Sentence, moment: Moment, works: WorkAddress | None
) -> Markup:
    """Return a sentence filled in: what people wrote is escaped, places and packages are links."""
    units = sum(each.quantity for each in moment.lines)
    count = len(moment.packages) if sentence.counts == "packages" else units
    if sentence.many is None:
        text = language.text(sentence.one)
    else:
        text = language.catalog.ngettext(sentence.one, sentence.many, count)
    packages = [link(f"#package-{each}", language.number(each)) for each in moment.packages]
    # The texts are our own; Markup escapes every value that is not Markup itself.
    return Markup(text) % {  # noqa: S704
        "num": language.number(count),
        "channel": moment.channel_name or moment.channel or "",
        "location": _place(moment, works),
        "amount": _amount(language, moment),
        "packages": Markup(language.several(packages)),  # noqa: S704 - links of numbers
    }


def _amount(language: Language, moment: Moment) -> str:
    if moment.amount is None or moment.currency is None:
        return ""
    return language.amount(moment.amount, moment.currency)


def _facts(language: Language, moment: Moment) -> list[str]:
    """Return what else is known of a moment, each as a text of its own."""
    facts = []
    if moment.holds:
        holds = language.several(
            language.text(words.word("hold", each).text) for each in moment.holds
        )
        facts.append(language.text("On hold: %(holds)s", holds=holds))
    if moment.payment is not None:
        facts.append(language.text("Reference %(reference)s", reference=moment.payment))
    if moment.type == "shipment.shipped":
        facts += [each for each in (moment.carrier_name, moment.tracking_number) if each]
    return facts
