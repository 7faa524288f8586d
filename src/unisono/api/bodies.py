"""Bodies: read, bounded and decoded in one way, whichever route they come in by.

A body that is no JSON is malformed (400). JSON of the wrong shape is refused as input (422): the
decoder tells its first fault, which gets a JSON pointer here.
"""

import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from litestar.types import Receive

from unisono.api import errors, refusals, shapes
from unisono.core.errors import Fault, InvalidInput

T = TypeVar("T")

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def require_json(content_type: str) -> None:
    """Raise NotJson unless a Content-Type is application/json, with or without parameters."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        shown = f"“{content_type[:100]}”" if content_type else "missing"
        message = f"the Content-Type must be application/json; it is {shown}"
        raise refusals.NotJson(message)


async def read(
    receive: Receive, headers: Iterable[tuple[bytes, bytes]], *, bytes_max: int
) -> bytes:
    """Return the JSON body of a raw ASGI request.

    Raises NotJson, BodyTooLarge as soon as either is known, and ClientGone.
    """
    content_type = length = b""
    for name, value in headers:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length":
            length = value
    if content_type != b"application/json":
        require_json(content_type.decode("latin-1"))
    if length and int(length) > bytes_max:
        raise errors.too_large(bytes_max)
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            gone = "the connection ended before the body was complete"
            raise refusals.ClientGone(gone)
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        if size > bytes_max:
            raise errors.too_large(bytes_max)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Return the decoded body.

    Raises MalformedJson when it is no JSON in UTF-8, InvalidInput with the first fault of shape.
    """
    try:
        decoded = decoder.decode(body)
    except msgspec.ValidationError as problem:
        raise InvalidInput(shapes.fault_of(str(problem))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        reason = "it is empty" if not body else str(problem)
        message = f"the body cannot be read as JSON: {reason}"
        raise refusals.MalformedJson(message) from None
    if b"\\u0000" in body and _NUL.search(body):
        detail = "the character U+0000 is not accepted in any text"
        raise InvalidInput(Fault(pointer="", code="wrong_format", detail=detail))
    return decoded
