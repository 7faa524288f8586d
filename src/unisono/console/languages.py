"""The languages of the pages: their texts from catalogs, their dates, numbers and amounts.

English texts stand in templates and code and are the keys of the catalogs. A catalog of another
language is one `.po` file for each area under `texts/`, read when the process starts.
"""

import gettext
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale, dates, lists, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from unisono.core import money

TEXTS = Path(__file__).with_name("texts")
CODES = ("en", "fr")
"""The first is that of the texts in the code, and of whoever asks for none of them."""

_RELATIVE_UNTIL = timedelta(days=7)
"""What is longer ago or further ahead is told as a date."""
NEAR_DATES = 1000
"""Dates whose words a process remembers, over all languages."""
_SECONDS_OF = MappingProxyType({"day": 86400, "hour": 3600, "minute": 60})


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language: texts by ``text`` and ``plural``, everything else by its locale."""

    code: str
    name: str
    locale: Locale
    catalog: gettext.NullTranslations = field(repr=False)

    def text(self, message: str, **values: object) -> str:
        """Return a text with its ``%(name)s`` filled in."""
        return self.catalog.gettext(message) % values if values else self.catalog.gettext(message)

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """Return the form of a text that goes with ``count``, which fills ``%(num)s``."""
        return self.catalog.ngettext(one, many, count) % {
            "num": self.number(count),
            **values,
        }

    def amount(self, given: str | int, currency: str) -> str:
        """Return an amount with its currency; a text is decimal, an integer is minor units."""
        decimal = given if isinstance(given, str) else money.render(given, currency)
        return numbers.format_currency(Decimal(decimal), currency, locale=self.locale)

    def number(self, given: float | Decimal) -> str:
        """Return a number with separators."""
        return numbers.format_decimal(given, locale=self.locale)

    def share(self, given: float, digits: int = 0) -> str:
        """Return a part of 1 as a percentage."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + " %"
        if self.code == "en":
            pattern = pattern.replace(" ", "")
        return numbers.format_percent(given, format=pattern, locale=self.locale)

    def weight(self, grams: int) -> str:
        """Return a weight in kilograms, a small one in grams."""
        if grams < 1000:  # noqa: PLR2004 - grams of a kilogram
            return f"{self.number(grams)} g"
        return f"{self.number(round(Decimal(grams) / 1000, 2))} kg"

    def day(self, given: date, *, width: str = "medium") -> str:
        """Return a date: ``short``, ``medium``, ``long`` or ``full``."""
        return dates.format_date(given, format=width, locale=self.locale)

    def weekday(self, given: date) -> str:
        """Return a near date in words: “Tuesday, November 24”."""
        return _near_date(given, self.locale)

    def clock(self, given: datetime, zone: tzinfo) -> str:
        """Return the time of day."""
        return dates.format_time(given, format="short", tzinfo=zone, locale=self.locale)

    def moment(self, given: datetime, zone: tzinfo, *, width: str = "medium") -> str:
        """Return date and time in a zone."""
        return dates.format_datetime(given, format=width, tzinfo=zone, locale=self.locale)

    def span(self, given: timedelta) -> str:
        """Return a duration in its largest unit: “2 hours”."""
        return dates.format_timedelta(given, threshold=1.2, locale=self.locale)

    def span_exact(self, given: timedelta) -> str:
        """Return a duration in its two largest units: “2 h 10 min”."""
        left = max(int(abs(given.total_seconds())), 0)
        parts: list[str] = []
        for unit in ("day", "hour", "minute"):
            count, left = divmod(left, _SECONDS_OF[unit])
            if count or (unit == "minute" and not parts):
                shown = timedelta(seconds=count * _SECONDS_OF[unit])
                parts.append(
                    dates.format_timedelta(
                        shown,
                        granularity=unit,
                        threshold=count + 1,
                        format="short",
                        locale=self.locale,
                    )
                )
        return " ".join(parts[:2])

    def ago(self, given: datetime, now: datetime, zone: tzinfo) -> str:
        """Return how long ago or ahead something is; as a date when that is long."""
        apart = given - now
        if abs(apart) > _RELATIVE_UNTIL:
            return self.day(given.astimezone(zone).date())
        return dates.format_timedelta(apart, add_direction=True, threshold=1.2, locale=self.locale)

    def several(self, given: Iterable[str]) -> str:
        """Return a list in words: “a, b and c”."""
        return lists.format_list(list(given), locale=self.locale)


@lru_cache(maxsize=NEAR_DATES)
def _near_date(given: date, locale: Locale) -> str:
    """Return a date with its weekday: finding the pattern takes longer than all else of a row."""
    return dates.format_skeleton("EEEEMMMMd", given, locale=locale)


def chosen(wanted: str | None, accepted: str) -> Language:
    """Return the language that somebody chose, else the first one that their browser accepts."""
    known = languages()
    if wanted is not None and wanted in known:
        return known[wanted]
    for each in _by_weight(accepted):
        if each in known:
            return known[each]
    return known[CODES[0]]


def _by_weight(accepted: str) -> list[str]:
    """Return the language codes of an Accept-Language header, the dearest first."""
    weighted = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    return [code for _, code in sorted(weighted, key=lambda each: each[0])]


@cache
def languages() -> MappingProxyType[str, Language]:
    """Return every language by code."""
    return MappingProxyType({code: _language(code) for code in CODES})


def _language(code: str) -> Language:
    locale = Locale(code)
    return Language(
        code=code,
        name=(locale.get_language_name(locale) or code).capitalize(),
        locale=locale,
        catalog=_catalog(sorted(TEXTS.joinpath(code).glob("*.po")), locale),
    )


def _catalog(files: Iterable[Path], locale: Locale) -> gettext.NullTranslations:
    whole = Catalog(locale=locale)
    for file in files:
        with file.open("rb") as opened:
            for message in read_po(opened, locale=locale):
                if message.id:
                    whole.add(message.id, message.string, context=message.context)
    if not len(whole):
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
