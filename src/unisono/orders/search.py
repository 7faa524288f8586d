"""Finding orders by a few words: what is kept of each order for that, and what is asked of it.

Every word of a search must begin a word of the order (a part of its reference, a name of its
customer, the customer's e-mail address), or be its number or the code of a SKU whole: numbers and
codes that only begin alike have nothing in common. Case and accents do not count. The words are
kept by a listener, so that capturing an order pays nothing for them; a new order is found a moment
after its capture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from unisono.catalog import skus as catalog
from unisono.core import queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.positions import PlacedEvent
from unisono.core.texts import folded

sql = queries.beside(__file__)

TEXT_LENGTH_MAX = 200
WORDS_MAX = 8
WORD_LENGTH_MAX = 100
PARTS_MAX = 8
"""Beginnings that a word of several parts (``jean-pierre``) is found by."""
SKUS_MAX = 2000
"""SKUs that one order is found by: an entry has to stay far below a megabyte."""
WHOLE = "="
"""Stands before words that are found whole only; no word that somebody types begins with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    id: UUID
    number: int
    reference: str
    name: str | None
    email: str | None


async def listen(db: Db, events: Sequence[PlacedEvent]) -> None:
    """Keep the words of orders that were captured; keeping them again changes nothing."""
    ids = sorted({event.aggregate for event in events})
    orders = await db.rows(_Known, sql.known, {"ids": ids})
    bought = await db.tuples(sql.bought, {"ids": ids})
    codes = await catalog.codes(db, ids={sku for _, sku in bought})
    of_order: dict[UUID, list[str]] = {}
    for order_id, sku in bought:
        of_order.setdefault(order_id, []).append(codes[sku])
    await db.execute(
        sql.insert,
        {
            "ids": [order.id for order in orders],
            "words": [
                " ".join(
                    words_of(
                        number=order.number,
                        reference=order.reference,
                        name=order.name or "",
                        email=order.email or "",
                        skus=of_order.get(order.id, ()),
                    )
                )
                for order in orders
            ],
        },
    )


def words_of(
    *, number: int, reference: str, name: str, email: str, skus: Iterable[str]
) -> list[str]:
    """Return the words that an order is found by, sorted, each once; WHOLE marks some."""
    words = {*_beginnings(reference), *_beginnings(name)}
    # The host of an address is shared by half of the customers: nobody is found by it.
    words.update(each for each in _beginnings(email) if "@" in each)
    words.update(WHOLE + folded(each) for each in (str(number), *sorted(skus)[:SKUS_MAX]))
    return sorted(words)


def condition(text: str) -> str | None:
    """Return a search as a condition on kept words, in PostgreSQL's form for it.

    A text without any letter or digit gives "", which nothing meets; a blank one gives None. Raises
    InvalidInput for more than TEXT_LENGTH_MAX characters or WORDS_MAX words.
    """
    if not text.strip():
        return None
    if len(text) > TEXT_LENGTH_MAX:
        detail = f"a search has {TEXT_LENGTH_MAX} characters at most"
        raise InvalidInput(Fault(pointer="/search", code="wrong_length", detail=detail))
    words = sorted(set(_words(text)))
    if len(words) > WORDS_MAX:
        detail = f"a search has {WORDS_MAX} words at most"
        raise InvalidInput(Fault(pointer="/search", code="too_many_words", detail=detail))
    quoted = [word.replace("\\", "\\\\").replace("'", "''") for word in words]
    return " & ".join(f"('{word}':* | '{WHOLE}{word}')" for word in quoted)


def _words(text: str) -> list[str]:
    """Return the folded words of a text, without signs at their ends."""
    printable = "".join(each if each.isprintable() else " " for each in folded(text))
    words = []
    for word in printable.split():
        at = [n for n, each in enumerate(word) if each.isalnum()]
        if at:
            words.append(word[at[0] : at[-1] + 1][:WORD_LENGTH_MAX])
    return words


def _beginnings(text: str) -> list[str]:
    """Return each word of a text from its start, and from each part that a sign divides off."""
    found = []
    for word in _words(text):
        starts = [
            at
            for at, each in enumerate(word)
            if each.isalnum() and (at == 0 or not word[at - 1].isalnum())
        ]
        found += [word[at:] for at in starts[:PARTS_MAX]]
    return found
