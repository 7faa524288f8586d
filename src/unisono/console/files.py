"""The files that pages load: kept in memory, compressed, under an address that changes with them.

There are few, all are known when the process starts, and browsers may keep them for a year.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from unisono.assets import vendor_directory
from unisono.console.guard import EVERYBODY

OWN = Path(__file__).with_name("static")
_FROM_VENDORS = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
}
_PACKED = frozenset((".woff2", ".png"))
"""Kinds of files that compressing would not make smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    content: bytes
    headers: dict[str, str]


@get("/static/{version:str}/{name:str}", opt=EVERYBODY, include_in_schema=False)
async def read_file(version: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """Return a file; an old address leads nowhere, as no page that is shown names it."""
    kept = _files().get(name)
    if kept is None or version != fingerprint():
        raise NotFoundException
    return Response(content=kept.content, headers=kept.headers)


def address(name: str) -> str:
    """Return the address of a file. Raises KeyError for one that there is not."""
    return f"/static/{fingerprint()}/{_known(name)}"


def _known(name: str) -> str:
    if name not in _files():
        raise KeyError(name)
    return name


@cache
def fingerprint() -> str:
    """Return what changes when any of the files does."""
    digest = hashlib.sha256()
    for name, kept in _files().items():
        digest.update(name.encode() + kept.content)
    return digest.hexdigest()[:12]


@cache
def _files() -> MappingProxyType[str, _File]:
    paths = {path.name: path for path in sorted(OWN.iterdir()) if path.is_file()}
    paths |= {name: vendor_directory() / path for name, path in _FROM_VENDORS.items()}
    return MappingProxyType({name: _file(path) for name, path in paths.items()})


def _file(path: Path) -> _File:
    kind = {".woff2": "font/woff2"}.get(path.suffix) or mimetypes.guess_type(path.name)[0] or ""
    headers = {"content-type": kind, "cache-control": "public, max-age=31536000, immutable"}
    content = path.read_bytes()
    if path.suffix not in _PACKED:
        # The moment of compressing must not change the fingerprint.
        content = gzip.compress(content, mtime=0)
        headers["content-encoding"] = "gzip"
    return _File(content=content, headers=headers)
