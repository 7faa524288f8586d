"""One request for a page: who visits, in which language, what their form says."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie, State
from litestar.enums import MediaType
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response import Redirect

from unisono.console import languages
from unisono.console.languages import Language
from unisono.core import tries
from unisono.core.database import Database, Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.settings import Settings
from unisono.identity.sessions import Visitor

T = TypeVar("T")
Form = TypeVar("Form", bound=msgspec.Struct)

SESSION_COOKIE = "session"
LANGUAGE_COOKIE = "language"
THEME_COOKIE = "theme"
NOTICE_COOKIE = "notice"
NOTICE_SECONDS = 60
YEAR_SECONDS = 365 * 24 * 3600
THEMES = ("auto", "light", "dark")

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
"""A page runs nothing but our own files, is shown in no other page, and is kept by no cache."""


class Notice(msgspec.Struct, frozen=True):
    """What a page says once about the action that led to it; ``text`` is in the language."""

    text: str
    tone: str = "green"


class Visit(Request[Visitor | None, None, State]):
    """A request of a person's browser. ``visitor`` is who signed in, or None."""

    @property
    def visitor(self) -> Visitor | None:
        """Who signed in, on pages that everybody may see perhaps nobody."""
        visitor: Visitor | None = self.scope.get("user")
        return visitor

    @property
    def person(self) -> Visitor:
        """Who signed in, on pages that need it."""
        visitor = self.visitor
        if visitor is None:
            message = f"{self.url.path} is open to everybody and knows nobody"
            raise AssertionError(message)
        return visitor

    @property
    def database(self) -> Database:
        """The database of this process."""
        database: Database = self.app.state.database
        return database

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        settings: Settings = self.app.state.settings
        return settings

    @property
    def language(self) -> Language:
        """The language that the person chose, else the one that the browser asks for."""
        return languages.chosen(
            self.cookies.get(LANGUAGE_COOKIE), self.headers.get("accept-language", "")
        )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which pages show times."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def theme(self) -> str:
        """``light``, ``dark``, or ``auto``: what the device is set to."""
        theme = self.cookies.get(THEME_COOKIE, THEMES[0])
        return theme if theme in THEMES else THEMES[0]

    @property
    def address(self) -> str:
        """Path and query of this request."""
        query = self.scope["query_string"].decode("latin-1")
        return f"{self.url.path}{'?' if query else ''}{query}"

    @property
    def is_secure(self) -> bool:
        """Whether the browser comes over TLS, as far as it is known here."""
        public = self.settings.public_address
        return self.url.scheme == "https" if public is None else public.startswith("https:")

    @property
    def origin(self) -> str:
        """The address of this server as browsers see it, without a slash at its end."""
        public = self.settings.public_address
        return str(self.base_url).rstrip("/") if public is None else public.rstrip("/")

    @property
    def came_from(self) -> str | None:
        """Path and query of the page of this server that led here, if it was one."""
        page = urlsplit(self.headers.get("referer", ""))
        if page.netloc != urlsplit(self.origin).netloc:
            return None
        return f"{page.path}{'?' if page.query else ''}{page.query}"

    @property
    def notice(self) -> Notice | None:
        """What the action before this page left to say."""
        try:
            raw = base64.urlsafe_b64decode(self.cookies.get(NOTICE_COOKIE, ""))
            return msgspec.json.decode(raw, type=Notice)
        except (binascii.Error, msgspec.MsgspecError, ValueError):
            return None

    async def fields(self) -> dict[str, list[str]]:
        """Return every field of the form with its values; files are not taken."""
        try:
            form = await self.form()
        except RequestEntityTooLarge:
            raise _too_large() from None
        fields: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                if "\0" in value:
                    detail = "the character U+0000 is not accepted in any text"
                    raise InvalidInput(Fault(pointer=name, code="wrong_format", detail=detail))
                fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
        return fields

    async def filled(self, kind: type[Form]) -> Form:
        """Return the form as ``kind``, a frozen struct; an empty field counts as not given.

        A field of the struct that is a tuple takes every value of its name. Raises InvalidInput.
        """
        given = await self.fields()
        wanted: dict[str, Any] = {}
        for field in msgspec.structs.fields(kind):
            values = [value.strip() for value in given.get(field.encode_name, []) if value.strip()]
            if "tuple" in str(field.type):
                wanted[field.encode_name] = values
            elif values:
                wanted[field.encode_name] = values[-1]
        try:
            return msgspec.convert(wanted, kind, strict=False)
        except msgspec.ValidationError as problem:
            detail, _, path = str(problem).partition(" - at ")
            pointer = path.strip("`").removeprefix("$").replace(".", "/")
            raise InvalidInput(Fault(pointer=pointer, code="invalid", detail=detail)) from None

    async def change(self, work: Callable[[Db], Awaitable[T]]) -> T:
        """Do a change in one transaction, again when it met another one (``tries.settled``)."""

        async def once() -> T:
            async with self.database.transaction() as db:
                return await work(db)

        return await tries.settled(once)

    def onward(self, to: str) -> Response[Any]:
        """Return the answer to a form: go there."""
        return Redirect(local(to), status_code=303)

    def done(self, to: str, text: str, *, tone: str = "green") -> Response[Any]:
        """Return the answer to an action that is done: go there, and say this."""
        notice = Notice(text=text, tone=tone)
        value = base64.urlsafe_b64encode(msgspec.json.encode(notice)).decode()
        response = self.onward(to)
        response.set_cookie(self.cookie(NOTICE_COOKIE, value, max_age=NOTICE_SECONDS))
        return response

    def cookie(self, name: str, value: str, *, max_age: int) -> Cookie:
        """Return a cookie that scripts cannot read and other sites do not send."""
        return Cookie(
            key=name,
            value=value,
            max_age=max_age,
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )


def local(address: str) -> str:
    """Return an address if it is a path of this server, else the first page."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside and address.isprintable() else "/"


def html(content: str, *, status: int = 200) -> Response[str]:
    """Return a page as an answer."""
    return Response(
        content=content, status_code=status, media_type=MediaType.HTML, headers=_HEADERS
    )


def _too_large() -> InvalidInput:
    return InvalidInput(Fault(pointer="", code="too_large", detail="the form is too large"))
