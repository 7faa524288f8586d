"""Every page: in both languages and themes, wide and on a phone, with and without JavaScript."""

from dataclasses import replace

import pytest

from tests.browser.browsing import (
    NARROW,
    PHONE,
    WIDE,
    Browsing,
    Person,
    headings,
    spilled,
    violations,
)
from tests.browser.pages import PAGES, Seen


@pytest.mark.parametrize("seen", PAGES, ids=lambda seen: f"{seen.role}:{seen.path}")
async def test_a_page_can_be_used_by_everybody(browsing: Browsing, seen: Seen) -> None:
    browsing.announce(seen.status)
    english = Person(role=seen.role)
    french = Person(role=seen.role, language="fr", size=PHONE, dark=True)
    told = {}
    # French words are the longer ones, so it is they that must fit into the small pages.
    for person, sizes in ((english, (WIDE,)), (french, (PHONE, NARROW))):
        page = await browsing.person(person)
        assert await browsing.open(page, seen.path) == seen.status
        assert await page.locator("html").get_attribute("lang") == person.language
        told[person] = await headings(page)
        found = await violations(page)
        assert not found, "\n".join((str(person), *found))
        for each in sizes:
            assert await spilled(page, each) == [], person
    assert told[english]
    page = await browsing.person(replace(english, scripts=False))
    assert await browsing.open(page, seen.path) == seen.status
    assert await headings(page) == told[english]
