"""What can be wrong with a request, as types: the base of every domain error.

A subclass is named as a fact (``StockShort``); its docstring's first line is the title that users
read. ``api/errors.py`` is the only map from these types to HTTP statuses.
"""

import re
from typing import ClassVar

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, and where: a JSON pointer into the request, a code, a sentence."""

    pointer: str
    code: str
    detail: str


class UnisonoError(Exception):
    """Something stops this request; nothing was changed."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Derive the public code (``stock_short``) and title from the name and the docstring."""
        super().__init_subclass__()
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        cls.title = (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")

    def __init__(self, detail: str, *, faults: tuple[Fault, ...] = ()) -> None:
        """Keep one sentence for the reader and, where fields are to blame, each of them."""
        super().__init__(detail)
        self.detail = detail
        self.faults = faults


class InvalidInput(UnisonoError):
    """The request is well formed, but fields of it are wrong."""

    def __init__(self, *faults: Fault) -> None:
        """Say each fault; the sentence is the first one, or their number."""
        first = faults[0].detail
        super().__init__(
            first if len(faults) == 1 else f"{len(faults)} fields are wrong; the first: {first}",
            faults=faults,
        )


class VersionMismatch(UnisonoError):
    """The thing was changed since it was read."""


class VersionRequired(UnisonoError):
    """The thing exists, and changing it needs the version that was read."""


class Overloaded(UnisonoError):
    """More requests wait than the queue may hold; try again shortly."""


class Unavailable(UnisonoError):
    """The database cannot be used at this moment; try again shortly."""
