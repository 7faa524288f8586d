"""Lists in bodies, and pages of listings in the form that others see."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from unisono.api.requests import Call
from unisono.core.errors import Fault, InvalidInput
from unisono.core.paging import Page

H = TypeVar("H")
T = TypeVar("T")


def bounded(request: Call, rows: Sequence[T], *, field: str) -> Sequence[T]:
    """Return the rows of a body's field. Raises InvalidInput when there are more than allowed."""
    most = request.settings.list_rows_max
    if len(rows) > most:
        detail = f"one request may have {most} {field}; send the others in the next"
        raise InvalidInput(Fault(pointer=f"/{field}", code="wrong_length", detail=detail))
    return rows


def shown(page: Page[H], told: Callable[[H], T]) -> Page[T]:
    """Return the same page with every row as others see it."""
    return Page(rows=tuple(told(row) for row in page.rows), after=page.after)
