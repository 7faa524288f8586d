"""Money: decimal strings outside, exact integers of minor units inside, never rounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unisono.core import money

CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KRW", "KWD", "TND"])


@given(
    minor=st.integers(-money.MAXIMUM_MINOR_UNITS, money.MAXIMUM_MINOR_UNITS), currency=CURRENCIES
)
def test_what_is_shown_is_read_as_the_same_amount(minor: int, currency: str) -> None:
    shown = money.render(minor, currency)
    assert money.parse(shown, currency) == minor
    assert Decimal(shown).scaleb(money.exponent(currency)) == minor


@given(
    whole=st.integers(0, 10**12),
    fraction=st.text("0123456789", min_size=0, max_size=3),
    currency=CURRENCIES,
)
def test_no_digit_is_lost_or_invented(whole: int, fraction: str, currency: str) -> None:
    text = f"{whole}.{fraction}" if fraction else str(whole)
    if len(fraction) > money.exponent(currency):
        with pytest.raises(money.NotAnAmount, match="more decimals than"):
            money.parse(text, currency)
    else:
        exact = Decimal(text).scaleb(money.exponent(currency))
        if exact > money.MAXIMUM_MINOR_UNITS:
            with pytest.raises(money.NotAnAmount, match="larger than any amount"):
                money.parse(text, currency)
        else:
            assert money.parse(text, currency) == exact


@given(text=st.text(max_size=30))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        minor = money.parse(text, "EUR")
    except money.NotAnAmount:
        return
    assert Decimal(text) * 100 == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("0", "EUR", 0),
        ("-0.05", "EUR", -5),
        ("1250", "JPY", 1250),
        ("1.234", "KWD", 1234),
        ("10000000000000.00", "EUR", 10**15),
    ],
)
def test_amounts_are_read_exactly(text: str, currency: str, minor: int) -> None:
    assert money.parse(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.505", "EUR"),
        ("1.5", "JPY"),
        ("", "EUR"),
        (".50", "EUR"),
        ("1.", "EUR"),
        ("1,50", "EUR"),
        ("+1", "EUR"),
        (" 1", "EUR"),
        ("1\n", "EUR"),
        ("1e3", "EUR"),
        ("NaN", "EUR"),
        ("--1", "EUR"),
        ("10000000000000.01", "EUR"),
        ("9" * 5000, "EUR"),
        ("\u0661", "EUR"),
    ],
)
def test_what_is_no_amount_of_the_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(money.NotAnAmount):
        money.parse(text, currency)


def test_amounts_are_shown_with_the_decimals_of_the_currency() -> None:
    assert money.render(-5, "EUR") == "-0.05"
    assert money.render(0, "EUR") == "0.00"
    assert money.render(1250, "JPY") == "1250"
    assert money.render(-1, "KWD") == "-0.001"
