r"""Kinds of text that requests bring, with their limits, and how text is folded for searching.

A pattern ends in ``$(?!\n)`` because ``$`` alone would let a line end through.
"""

import unicodedata
from typing import Annotated

from msgspec import Meta

Code = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$(?!\n)",
        max_length=64,
        description="Letters, digits, points, underscores and hyphens",
    ),
]
Line = Annotated[
    str,
    Meta(
        pattern=r"^[^\s\u0000-\u001f\u007f]([^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f])?$(?!\n)",
        max_length=200,
        description="One line of text, without blanks at its ends",
    ),
]
Country = Annotated[
    str, Meta(pattern=r"^[A-Z]{2}$(?!\n)", description="ISO 3166-1 alpha-2", examples=["FR"])
]
Currency = Annotated[
    str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="ISO 4217", examples=["EUR"])
]
PostalCode = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9 -]{0,10}[A-Za-z0-9])?$(?!\n)", examples=["45000"]),
]
Price = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$(?!\n)",
        description="A decimal amount, not negative, with at most the currency's decimals",
        examples=["4.95"],
    ),
]
Version = Annotated[int, Meta(ge=1, le=2**62)]


def folded(text: str) -> str:
    """Return the text without case and accents: “Élan” and “elan” are found together."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(each for each in plain if not unicodedata.combining(each)).casefold()
