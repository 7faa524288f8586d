"""Answers of normal routes: one thing with its version, or a page of things."""

from collections.abc import Mapping
from typing import Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Response

from unisono.api.requests import Call, Paging
from unisono.core.paging import Page
from unisono.core.versions import Versioned

T = TypeVar("T")


V = TypeVar("V", bound=Versioned)


class Items(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a listing; the address of the next one is in the Link header."""

    items: tuple[T, ...]


def etag(item: Versioned) -> Mapping[str, str]:
    """Return the header that carries a version: ``ETag: "v3"``."""
    return {"ETag": f'"v{item.version}"'}


def tagged(item: V) -> Response[V]:
    """Answer with a thing and, in the ETag header, its version."""
    return Response(content=item, headers=etag(item))


def listed(request: Call, page: Page[T], paging: Paging) -> Response[Items[T]]:
    """Answer with a page; ``Link: <…>; rel="next"`` when another follows, with the same filters."""
    headers = {}
    if page.after is not None:
        kept = [
            (name, value)
            for name, value in request.query_params.multi_items()
            if name not in {"after", "limit"}
        ]
        query = urlencode([*kept, ("limit", paging.limit), ("after", page.after)])
        headers["Link"] = f'<{request.scope["path"]}?{query}>; rel="next"'
    return Response(content=Items(items=page.rows), headers=headers)
