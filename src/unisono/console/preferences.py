"""What a person prefers, kept by their browser: the language, and light or dark."""

from typing import Any, Literal

from litestar import Response, post
from litestar.di import NamedDependency
from msgspec import Struct

from unisono.console.area import Pages
from unisono.console.guard import EVERYBODY
from unisono.console.visits import LANGUAGE_COOKIE, THEME_COOKIE, YEAR_SECONDS, Visit


class Preferences(Struct, frozen=True, kw_only=True):
    """The form: what is not given stays as it is."""

    to: str = "/"
    language: Literal["en", "fr"] | None = None
    theme: Literal["auto", "light", "dark"] | None = None


@post("/preferences", opt=EVERYBODY, status_code=200)
async def prefer(visit: NamedDependency[Visit]) -> Response[Any]:
    """Remember what a person prefers, and show their page again."""
    given = await visit.filled(Preferences)
    answer = visit.onward(given.to)
    if given.language is not None:
        answer.set_cookie(visit.cookie(LANGUAGE_COOKIE, given.language, max_age=YEAR_SECONDS))
    if given.theme is not None:
        answer.set_cookie(visit.cookie(THEME_COOKIE, given.theme, max_age=YEAR_SECONDS))
    return answer


pages = Pages(name="preferences", routes=(prefer,))
