"""Money: integers of minor units inside, decimal strings in JSON.

``"12.50"`` in EUR is ``1250``; ``"1250"`` in JPY is ``1250``. Exponents are those of ISO 4217.
"""

import re
from functools import lru_cache

_EXPONENTS = {
    **dict.fromkeys(
        ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF").split(), 0
    ),
    **dict.fromkeys(("BHD IQD JOD KWD LYD OMR TND").split(), 3),
}
_AMOUNT = re.compile(r"(-?)([0-9]{1,16})(?:\.([0-9]+))?")
MAXIMUM_MINOR_UNITS = 10**15


class NotAnAmount(ValueError):
    """The text is not an amount of that currency."""


def exponent(currency: str) -> int:
    """Return how many decimals the currency has: 2 unless ISO 4217 says otherwise."""
    return _EXPONENTS.get(currency, 2)


@lru_cache(maxsize=10_000)
def parse(text: str, currency: str) -> int:
    """Return the minor units of a decimal string; exact, never rounded.

    Raises NotAnAmount when the text has more decimals than the currency, or is not a number.
    """
    if len(text) > 24 or (match := _AMOUNT.fullmatch(text)) is None:  # noqa: PLR2004
        message = f"“{text[:24]}” is not an amount: write for example “12.50”"
        raise NotAnAmount(message)
    sign, whole, fraction = match.groups(default="")
    decimals = exponent(currency)
    if len(fraction) > decimals:
        message = f"“{text}” has more decimals than {currency} has ({decimals})"
        raise NotAnAmount(message)
    minor = int(whole + fraction.ljust(decimals, "0"))
    if minor > MAXIMUM_MINOR_UNITS:
        message = f"“{text}” is larger than any amount that is accepted"
        raise NotAnAmount(message)
    return -minor if sign else minor


def render(minor: int, currency: str) -> str:
    """Return the decimal string of minor units: ``render(-5, "EUR")`` is ``"-0.05"``."""
    decimals = exponent(currency)
    if not decimals:
        return str(minor)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    return f"{'-' if minor < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"
