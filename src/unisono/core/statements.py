"""Statements in the form in which they travel: numbered parameters, each encoded in binary.

The cast beside a parameter (``%(skus)s::bigint[]``) says its type. Lists of thousands of values are
encoded at once, which is most of what a batch costs on this side of the wire.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
from psycopg.errors import DataError

from unisono.core import queries

Encoded = bytes | None
Encoder = Callable[[Any], Encoded]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTH = struct.Struct(">i").pack
_HEADER = struct.Struct(">iiIii").pack
_NULL = b"\xff\xff\xff\xff"
_BIG = np.dtype([("length", ">i4"), ("value", ">i8")])
_SMALL = np.dtype([("length", ">i4"), ("value", ">i4")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A query with ``$1``-style parameters: their names in that order, encoders and type oids."""

    text: bytes
    names: tuple[str, ...]
    encoders: tuple[Encoder, ...]
    oids: tuple[int, ...]

    def encoded(self, parameters: Mapping[str, Any] | None) -> list[Encoded]:
        """Return the parameters' values as they travel.

        Raises DataError, as the database would, for a number that its type cannot hold.
        """
        given = parameters or {}
        try:
            return [
                encode(given[name]) for name, encode in zip(self.names, self.encoders, strict=True)
            ]
        except (OverflowError, struct.error) as problem:
            message = f"a number is out of range: {problem}"
            raise DataError(message) from problem


@lru_cache(maxsize=1000)
def compiled(query: bytes) -> Statement:
    """Return a named query ready to be sent. Raises KeyError for a type that has no encoder."""
    text, parameters = queries.numbered(query.decode())
    kinds = [_KINDS[kind] for _, kind in parameters]
    return Statement(
        text=text.encode(),
        names=tuple(name for name, _ in parameters),
        encoders=tuple(encode for _, encode in kinds),
        oids=tuple(oid for oid, _ in kinds),
    )


def _optional(encode: Callable[[Any], bytes]) -> Encoder:
    return lambda value: None if value is None else encode(value)


def _timestamp(value: datetime) -> int:
    return (value - _EPOCH) // _MICROSECOND


def _array(oid: int, count: int, body: bytes, *, nulls: bool) -> bytes:
    if not count:
        return _HEADER(0, 0, oid, 0, 0)[:12]
    return _HEADER(1, int(nulls), oid, count, 1) + body


def _numbers(oid: int, layout: np.dtype[Any]) -> Encoder:
    size = layout["value"].itemsize
    pack = struct.Struct(">iq" if size == 8 else ">ii").pack  # noqa: PLR2004 - bytes of a bigint

    def encode(values: Sequence[int | None]) -> bytes:
        if None in values:
            body = b"".join([_NULL if each is None else pack(size, each) for each in values])
            return _array(oid, len(values), body, nulls=True)
        cells = np.empty(len(values), dtype=layout)
        cells["length"] = size
        cells["value"] = values
        return _array(oid, len(values), cells.tobytes(), nulls=False)

    return encode


def _variable(oid: int, encode_one: Callable[[Any], bytes]) -> Encoder:
    def encode(values: Sequence[Any]) -> bytes:
        parts: list[bytes] = []
        nulls = False
        for value in values:
            if value is None:
                parts.append(_NULL)
                nulls = True
            else:
                one = encode_one(value)
                parts += (_LENGTH(len(one)), one)
        return _array(oid, len(values), b"".join(parts), nulls=nulls)

    return encode


def _uuids(values: Sequence[UUID]) -> bytes:
    body = b"".join([b"\x00\x00\x00\x10" + value.bytes for value in values])
    return _array(2950, len(values), body, nulls=False)


def _timestamps(values: Sequence[datetime | None]) -> Encoded:
    return _timestamp_numbers([None if each is None else _timestamp(each) for each in values])


_timestamp_numbers = _numbers(1184, _BIG)

_KINDS: dict[str, tuple[int, Encoder]] = {
    "bigint": (20, _optional(struct.Struct(">q").pack)),
    "int": (23, _optional(struct.Struct(">i").pack)),
    "text": (25, _optional(str.encode)),
    "bytea": (17, _optional(bytes)),
    "uuid": (2950, _optional(lambda value: value.bytes)),
    "timestamptz": (
        1184,
        _optional(lambda value: struct.pack(">q", _timestamp(value))),
    ),
    "bigint[]": (1016, _numbers(20, _BIG)),
    "int[]": (1007, _numbers(23, _SMALL)),
    "text[]": (1009, _variable(25, str.encode)),
    "bytea[]": (1001, _variable(17, bytes)),
    "uuid[]": (2951, _uuids),
    "timestamptz[]": (1185, _timestamps),
}
"""By the name of the cast: the type's oid, and what encodes a value of it."""
