"""Links: a token names one order, and only this installation can make it."""

import random
from uuid import UUID

import pytest

from unisono.core import ids
from unisono.core.database import Database
from unisono.tracking import links
from unisono.tracking.links import UnknownTracking

KEY = bytes(range(32))
ORDER = UUID("0197a2b4-6c1e-7a35-9d1c-3f0c5a7e9b42")


def test_a_token_leads_to_its_order() -> None:
    token = links.token(ORDER, key=KEY)
    assert len(token) == 43
    assert links.order_of(token, key=KEY) == ORDER


def test_a_token_is_the_id_and_its_keyed_digest() -> None:
    # Computed by `openssl dgst -sha256 -mac HMAC`.
    assert links.token(ORDER, key=KEY) == "AZeitGweejWdHD8MWn6bQp41WNAawIL-O7-T-Am6gWs"


def test_every_changed_character_leads_nowhere() -> None:
    token = links.token(ORDER, key=KEY)
    for at, character in enumerate(token):
        other = "A" if character != "A" else "B"
        with pytest.raises(UnknownTracking):
            links.order_of(token[:at] + other + token[at + 1 :], key=KEY)


@pytest.mark.parametrize(
    "wrong", ["", "=", "é" * 43, "A" * 42, "A" * 43, "A" * 44, "A" * 1000, "+" * 43, "A B" * 14]
)
def test_what_is_no_token_leads_nowhere(wrong: str) -> None:
    with pytest.raises(UnknownTracking):
        links.order_of(wrong, key=KEY)


def test_a_token_of_another_key_leads_nowhere() -> None:
    token = links.token(ORDER, key=bytes(32))
    with pytest.raises(UnknownTracking):
        links.order_of(token, key=KEY)


def test_random_bytes_lead_nowhere() -> None:
    draw = random.Random(20260302)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for _ in range(1000):
        with pytest.raises(UnknownTracking):
            links.order_of("".join(draw.choices(alphabet, k=43)), key=KEY)


def test_a_token_is_written_in_one_way_only() -> None:
    # The last character holds two bits that mean nothing: another one must not be a second link.
    token = links.token(ORDER, key=KEY)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    for other in range(last - last % 4, last - last % 4 + 4):
        if other != last:
            with pytest.raises(UnknownTracking):
                links.order_of(token[:-1] + alphabet[other], key=KEY)


async def test_the_key_stays_the_same_in_every_process(database: Database) -> None:
    first = await links.key(database)
    assert len(first) == 32
    assert await links.key(database) == first
    another = Database(database.settings, url=database.url)
    await another.open()
    try:
        assert await links.key(another) == first
    finally:
        await another.close()
    token = links.token(order_id := ids.uuid7(), key=first)
    assert links.order_of(token, key=first) == order_id
