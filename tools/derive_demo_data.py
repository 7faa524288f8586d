"""Derive the small demo data of unisono from the public data sets that it comes from.

Run it in a virtual environment of its own, because only this script needs pyarrow::

    python3 -m venv /tmp/derive
    /tmp/derive/bin/pip install pyarrow
    /tmp/derive/bin/python tools/derive_demo_data.py DATA_DIR

DATA_DIR holds ``orders/uci_online_retail.parquet`` (UCI "Online Retail" with the columns
invoice_no, stock_code, description, quantity, invoice_date, unit_price) and
``geo/fr_places.csv`` (name, department, postal_code, postal_codes, population, lat, lon).
The results and their SOURCES.md are written to ``src/unisono/demo/data``. The same input gives
the same contents: weights are drawn from a fixed seed, and gzip carries no time.
"""

import csv
import gzip
import io
import math
import random
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

DERIVED_DIR = Path(__file__).resolve().parent.parent / "src" / "unisono" / "demo" / "data"

LINES_MAX = 7
QUANTITY_MAX = 12
UNIT_PRICE_MAX = 500
NOT_GOODS = frozenset({"POST", "DOT", "M", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE"})
NOT_GOODS_PREFIX = "GIFT_"
RETAIL_INVOICES_EXPECTED = 2009

WEIGHT_SEED = 20111209
# The median weight of a SKU at the reference price; it grows with the square root of the price,
# because what costs more is larger, and because small cheap things are what is bought by the dozen.
WEIGHT_MEDIAN_G = 200
WEIGHT_REFERENCE_PRICE = 2.95
WEIGHT_SIGMA = 0.5
WEIGHT_MIN_G = 20
# Twelve of them are 30 kg, the heaviest parcel that carriers take: each line can be shipped.
WEIGHT_MAX_G = 2500

SMALL_WORDS = frozenset({"and", "at", "for", "in", "of", "on", "or", "the", "to", "with"})


class Line(NamedTuple):
    """One line of the source with its stock code in capitals."""

    invoice: str
    placed_at: datetime
    sku: str
    description: str
    quantity: int
    unit_price: float


def read_lines(path: Path) -> list[Line]:
    """Give all lines of the source in their order.

    Stock codes are put into capitals: the source writes 85123A and 85123a for the same article.
    """
    table = pq.read_table(path)
    return [
        Line(
            invoice=row["invoice_no"],
            placed_at=row["invoice_date"],
            sku=row["stock_code"].upper(),
            description=row["description"] or "",
            quantity=row["quantity"],
            unit_price=row["unit_price"],
        )
        for row in table.to_pylist()
    ]


def is_retail_sized(lines: Sequence[Line]) -> bool:
    """Tell whether a consumer could have placed the invoice; the source sells to resellers too."""
    return len(lines) <= LINES_MAX and all(
        0 < line.quantity <= QUANTITY_MAX
        and 0 < line.unit_price <= UNIT_PRICE_MAX
        and line.sku not in NOT_GOODS
        and not line.sku.startswith(NOT_GOODS_PREFIX)
        for line in lines
    )


def retail_invoices(lines: Iterable[Line]) -> list[list[Line]]:
    """Give the retail-sized invoices by time, then number; their lines keep the source's order."""
    by_invoice: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_invoice[line.invoice].append(line)
    chosen = [invoice for invoice in by_invoice.values() if is_retail_sized(invoice)]
    return sorted(chosen, key=lambda invoice: (placed_at(invoice), invoice[0].invoice))


def placed_at(invoice: Sequence[Line]) -> datetime:
    """Give the first minute of an invoice that was typed over several."""
    return min(line.placed_at for line in invoice)


def title(description: str) -> str:
    """Give a description in title case: ``SET/6 FRUIT SALAD  PLATES`` is Set/6 Fruit Salad Plates.

    Sizes such as 40x40cm and small words are written small, but 3D is not, nor a small word at
    the start. The full stop or comma that some names end with is cut.
    """
    words = []
    for word in description.strip(" .,").split():
        if word[0].isdigit():
            words.append(word.upper() if word.upper() == "3D" else word.lower())
        elif words and word.lower() in SMALL_WORDS:
            words.append(word.lower())
        else:
            words.append(re.sub(r"[A-Za-z]+('[A-Za-z]+)?", lambda m: m[0].capitalize(), word))
    return " ".join(words)


def catalogue_rows(invoices: Iterable[Sequence[Line]]) -> list[tuple[str, str, str, int, int, int]]:
    """Give code, name, price, weight_g, demand_units and invoices of every SKU, by code.

    The name is the most frequent description, the price the lower median of the lines, so that
    it is a price that somebody paid.
    """
    by_sku: defaultdict[str, list[Line]] = defaultdict(list)
    for invoice in invoices:
        for line in invoice:
            by_sku[line.sku].append(line)
    drawn = random.Random(WEIGHT_SEED)
    rows = []
    for sku in sorted(by_sku):
        lines = by_sku[sku]
        names = Counter(title(line.description) for line in lines)
        name = min(names, key=lambda candidate: (-names[candidate], candidate))
        price = statistics.median_low(line.unit_price for line in lines)
        median_g = WEIGHT_MEDIAN_G * math.sqrt(price / WEIGHT_REFERENCE_PRICE)
        weight_g = round(median_g * drawn.lognormvariate(0, WEIGHT_SIGMA))
        rows.append(
            (
                sku,
                name,
                f"{price:.2f}",
                min(max(weight_g, WEIGHT_MIN_G), WEIGHT_MAX_G),
                sum(line.quantity for line in lines),
                len({line.invoice for line in lines}),
            )
        )
    return rows


def invoice_rows(
    invoices: Iterable[Sequence[Line]],
) -> list[tuple[str, str, int, str, int, str]]:
    """Give invoice, placed_at, line, sku, quantity and unit_price of every line."""
    return [
        (
            line.invoice,
            placed_at(invoice).isoformat(),
            number,
            line.sku,
            line.quantity,
            f"{line.unit_price:.2f}",
        )
        for invoice in invoices
        for number, line in enumerate(invoice, start=1)
    ]


def place_rows(path: Path) -> list[tuple[str, ...]]:
    """Give the places as they are in the source, largest first, with the columns the demo uses."""
    columns = ("name", "department", "postal_code", "postal_codes", "population", "lat", "lon")
    with path.open(encoding="utf-8", newline="") as source:
        return [tuple(row[column] for column in columns) for row in csv.DictReader(source)]


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give CSV with a header row and Unix line ends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def write_gzip(path: Path, text: str) -> None:
    """Write compressed text without a time, so that the same text gives the same file."""
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


SOURCES = """\
# Where the demo data comes from

Written by `tools/derive_demo_data.py`, which also tells how to run it. Do not edit by hand.

## invoices.csv.gz, catalogue.csv.gz

- Source: *Online Retail*, Daqing Chen, UCI Machine Learning Repository,
  <https://doi.org/10.24432/C5BW33>: {source_lines:,} lines of {source_invoices:,} invoices of a
  gift retailer in the United Kingdom, 2010-12-01 to 2011-12-09.
- Licence: Creative Commons Attribution 4.0 International (CC BY 4.0),
  <https://creativecommons.org/licenses/by/4.0/>. Changes were made; they are listed here.
- In the copy used, invoice numbers that begin with `X` are rebuilt from time, customer and country,
  and stock codes of `D` and six hexadecimal digits are made from the description.
- Kept: retail-sized invoices, {invoices:,} with {lines:,} lines and {units:,} units. These have at
  most {lines_max} lines, every quantity from 1 to {quantity_max}, every unit price above 0 and at
  most {price_max}, and no code that is not goods
  ({not_goods}, gift_*).
  Other codes count as goods; so `23444` (Next Day Carriage, lines: {carriage_lines}) and `DEF8F36`
  (High Resolution Image, lines: {image_lines}) are in, although nobody can weigh them.
- {repeats} of the invoices name a SKU on more than one line. They are kept so.
- `placed_at` is the wall clock of the shop, without a zone; the demo reads it as that of Paris.
- `unit_price` is the figure in pounds sterling, taken one to one as euros.
- Stock codes are in capitals. Customers, countries and descriptions of lines are left out.
- Catalogue: {skus:,} SKUs, those of these invoices. `name` is the most frequent description in
  title case, `price` the lower median of its unit prices, `demand_units` and `invoices` counts.
- `weight_g` is **not real**: the source has no weights. It is drawn per SKU, in order of code, from
  a lognormal distribution, seed {weight_seed}: sigma {weight_sigma}, median {weight_median} g at a
  price of {weight_price} and growing with the square root of the price, cut to {weight_min} to
  {weight_max} g, so that each line fits a parcel of 30 kg.
  Drawn: {lightest} to {heaviest} g, median {median_weight} g.

## places.csv

- {places:,} French places, {population:,} inhabitants, largest first; `postal_code` is the main
  one.
- Names, departments, postal codes, population: decoupage-administratif by Etalab,
  <https://github.com/etalab/decoupage-administratif>, Licence Ouverte 2.0 / Open Licence 2.0,
  <https://www.etalab.gouv.fr/licence-ouverte-open-licence/>.
- Coordinates: GeoNames, <https://www.geonames.org/>, CC BY 4.0.
- Kept whole, Corsica too ({corsican} places). The source has no place overseas, and the carriers of
  the demo do not serve any. Region, code of the commune and time zone (always Europe/Paris) are
  left out.

## What is not data

Shops, warehouses, carriers, people, streets, e-mail addresses (example.org) and telephone numbers
(06 39 98 xx xx, kept for fiction by ARCEP) of the demo are invented. Where a tariff has a source,
the code names it.
"""


def sources_text(
    lines: Sequence[Line],
    invoices: Sequence[Sequence[Line]],
    catalogue: Sequence[tuple[str, str, str, int, int, int]],
    places: Sequence[tuple[str, ...]],
) -> str:
    """Give the text of SOURCES.md with the figures of this run."""
    kept = [line for invoice in invoices for line in invoice]
    weights = [row[3] for row in catalogue]
    return SOURCES.format(
        source_lines=len(lines),
        source_invoices=len({line.invoice for line in lines}),
        invoices=len(invoices),
        lines=len(kept),
        units=sum(line.quantity for line in kept),
        lines_max=LINES_MAX,
        quantity_max=QUANTITY_MAX,
        price_max=UNIT_PRICE_MAX,
        not_goods=", ".join(sorted(NOT_GOODS)),
        carriage_lines=sum(line.sku == "23444" for line in kept),
        image_lines=sum(line.sku == "DEF8F36" for line in kept),
        repeats=sum(len({line.sku for line in each}) < len(each) for each in invoices),
        skus=len(catalogue),
        weight_median=WEIGHT_MEDIAN_G,
        weight_price=WEIGHT_REFERENCE_PRICE,
        weight_sigma=WEIGHT_SIGMA,
        weight_seed=WEIGHT_SEED,
        weight_min=WEIGHT_MIN_G,
        weight_max=WEIGHT_MAX_G,
        lightest=min(weights),
        heaviest=max(weights),
        median_weight=statistics.median_low(weights),
        places=len(places),
        population=sum(int(place[4]) for place in places),
        corsican=sum(place[1] in {"2A", "2B"} for place in places),
    )


def main(arguments: Sequence[str]) -> int:
    """Derive everything; exit code 2 for wrong use, 1 when the rule does not give what it gave."""
    if len(arguments) != 1:
        sys.stderr.write("usage: derive_demo_data.py DATA_DIR\n")
        return 2
    data_dir = Path(arguments[0])
    lines = read_lines(data_dir / "orders" / "uci_online_retail.parquet")
    invoices = retail_invoices(lines)
    if len(invoices) != RETAIL_INVOICES_EXPECTED:
        sys.stderr.write(
            f"{len(invoices)} invoices are retail-sized, {RETAIL_INVOICES_EXPECTED} were expected:"
            " nothing written\n"
        )
        return 1
    catalogue = catalogue_rows(invoices)
    places = place_rows(data_dir / "geo" / "fr_places.csv")
    DERIVED_DIR.mkdir(parents=True, exist_ok=True)
    write_gzip(
        DERIVED_DIR / "invoices.csv.gz",
        csv_text(
            ("invoice", "placed_at", "line", "sku", "quantity", "unit_price"),
            invoice_rows(invoices),
        ),
    )
    write_gzip(
        DERIVED_DIR / "catalogue.csv.gz",
        csv_text(("sku", "name", "price", "weight_g", "demand_units", "invoices"), catalogue),
    )
    (DERIVED_DIR / "places.csv").write_text(
        csv_text(
            ("name", "department", "postal_code", "postal_codes", "population", "lat", "lon"),
            places,
        ),
        encoding="utf-8",
    )
    (DERIVED_DIR / "SOURCES.md").write_text(
        sources_text(lines, invoices, catalogue, places), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
