"""Templates: what every page may ask for, in the language of its visit."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from markupsafe import Markup

from unisono.assets import vendor_directory
from unisono.console import files, words
from unisono.console.languages import languages
from unisono.console.navigation import entries
from unisono.console.visits import NOTICE_COOKIE, Visit, html
from unisono.core import clock

NOTHING = "\N{EN DASH}"
"""Stands where a value is not there."""

_ICON_OUTER = (
    'class="icon" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
    'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"'
)


def page(visit: Visit, template: str, *, status: int = 200, **context: object) -> Response[str]:
    """Return a whole page; a notice that it shows is not shown again."""
    answer = html(render(visit, template, **context), status=status)
    if visit.notice is not None:
        answer.delete_cookie(NOTICE_COOKIE)
    return answer


def render(visit: Visit, template: str, **context: object) -> str:
    """Return a template's text, with ``context`` and what every page knows."""
    return (
        _environment(visit.language.code)
        .get_template(template)
        .render({**_around(visit), **context})
    )


def warm() -> None:
    """Read every template in every language: the first page would wait for it otherwise."""
    for code in languages():
        environment = _environment(code)
        for name in environment.list_templates(extensions=["html"]):
            environment.get_template(name)


def _around(visit: Visit) -> Mapping[str, Any]:
    """Return what every page knows of its visit."""
    visitor = visit.visitor
    now, language, zone = clock.now(), visit.language, visit.zone

    def when(given: datetime | None) -> str | Markup:
        if given is None:
            return NOTHING
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            given.isoformat(), language.moment(given, zone), language.ago(given, now, zone)
        )

    return {
        "visit": visit,
        "visitor": visitor,
        "language": language,
        "settings": visit.settings,
        "zone": zone,
        "now": now,
        "when": when,
        "here": visit.url.path,
        "navigation": () if visitor is None else entries(visitor),
        "may": frozenset() if visitor is None else visitor.scopes,
    }


@cache
def _environment(code: str) -> Environment:
    language = languages()[code]
    environment = Environment(
        loader=PackageLoader("unisono.console"),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # The extension adds this method, which no type knows of.
    cast("Any", environment).install_gettext_callables(
        language.catalog.gettext, language.catalog.ngettext, newstyle=True
    )
    environment.globals.update(icon=icon, static=files.address, word=words.word, sets=words.SETS)
    environment.filters.update(
        amount=language.amount,
        number=language.number,
        share=language.share,
        weight=language.weight,
        day=language.day,
        weekday=language.weekday,
        clock=language.clock,
        moment=language.moment,
        span=language.span,
        span_exact=language.span_exact,
        several=language.several,
        translated=language.text,
    )
    return environment


@cache
def icon(name: str) -> Markup:
    """Return a pictogram of Tabler's, drawn in the colour of the text around it."""
    file = vendor_directory() / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
    _, _, inner = file.read_text(encoding="utf-8").partition(">")
    # What the file says of itself is replaced; its paths end with the closing tag.
    return Markup(f"<svg {_ICON_OUTER}>{' '.join(inner.split())}")  # noqa: S704 - a file that we carry
