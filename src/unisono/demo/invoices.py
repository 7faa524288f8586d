"""Real retail-sized invoices and the catalogue of what they sell, from the committed data.

Source, licence and what was changed: ``data/SOURCES.md``. Prices are integer cents; they are the
figures in pounds of the source, taken one to one as euros. Weights are drawn, not real.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from itertools import groupby
from zoneinfo import ZoneInfo

SHOP_TIME_ZONE = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A SKU with its quantity in units and the price of one unit in cents."""

    sku: str
    quantity: int
    unit_price_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What one customer bought at one time; the same SKU may be on two lines."""

    number: str
    placed_at: datetime
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A SKU of the invoices: its price in cents, its drawn weight, and what was sold of it in all.

    ``demand_units`` counts the units of all invoices, ``invoice_count`` the invoices that name it.
    """

    sku: str
    name: str
    price_cents: int
    weight_g: int
    demand_units: int
    invoice_count: int


@cache
def invoices() -> tuple[Invoice, ...]:
    """Give all invoices by time, then number; times are read as the wall clock of Paris."""
    return tuple(
        Invoice(
            number=number,
            placed_at=datetime.fromisoformat(placed_at).replace(tzinfo=SHOP_TIME_ZONE),
            lines=tuple(
                InvoiceLine(
                    sku=row["sku"],
                    quantity=int(row["quantity"]),
                    unit_price_cents=_cents(row["unit_price"]),
                )
                for row in rows
            ),
        )
        for (number, placed_at), rows in groupby(
            _rows("invoices.csv.gz"), key=lambda row: (row["invoice"], row["placed_at"])
        )
    )


@cache
def catalogue() -> tuple[Article, ...]:
    """Give every SKU that occurs in the invoices, by code."""
    return tuple(
        Article(
            sku=row["sku"],
            name=row["name"],
            price_cents=_cents(row["price"]),
            weight_g=int(row["weight_g"]),
            demand_units=int(row["demand_units"]),
            invoice_count=int(row["invoices"]),
        )
        for row in _rows("catalogue.csv.gz")
    )


def _rows(file_name: str) -> Iterator[dict[str, str]]:
    packed = resources.files("unisono.demo").joinpath("data", file_name).read_bytes()
    return csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))


def _cents(amount: str) -> int:
    whole, hundredths = amount.split(".")
    return int(whole) * 100 + int(hundredths)
