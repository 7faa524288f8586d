"""The committed invoices are those of the rule, and the catalogue is what they sell."""

from collections import Counter
from datetime import datetime
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from unisono.demo.invoices import Article, Invoice, InvoiceLine, catalogue, invoices

PARIS = ZoneInfo("Europe/Paris")


def test_there_are_2009_invoices_with_6170_lines() -> None:
    lines = [line for invoice in invoices() for line in invoice.lines]
    assert len(invoices()) == 2009
    assert len(lines) == 6170
    assert sum(line.quantity for line in lines) == 34_445
    assert sum(line.quantity * line.unit_price_cents for line in lines) == 12_154_564
    assert Counter(len(invoice.lines) for invoice in invoices()) == {
        1: 684,
        2: 339,
        3: 224,
        4: 212,
        5: 193,
        6: 176,
        7: 181,
    }


def test_the_first_and_the_last_invoice_are_those_of_the_source() -> None:
    assert invoices()[0].number == "536365"
    assert invoices()[0].placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=PARIS)
    assert invoices()[0].lines[0] == InvoiceLine(sku="85123A", quantity=6, unit_price_cents=255)
    assert invoices()[-1] == Invoice(
        number="X13145",
        placed_at=datetime(2011, 12, 9, 12, 21, tzinfo=PARIS),
        lines=(
            InvoiceLine(sku="D22C5DB", quantity=6, unit_price_cents=208),
            InvoiceLine(sku="DE3101C", quantity=12, unit_price_cents=145),
        ),
    )


def test_every_invoice_is_retail_sized() -> None:
    for invoice in invoices():
        assert 1 <= len(invoice.lines) <= 7
        for line in invoice.lines:
            assert 1 <= line.quantity <= 12
            assert 1 <= line.unit_price_cents <= 50_000


def test_invoices_are_in_the_order_of_their_times_and_have_a_number_each() -> None:
    times = [invoice.placed_at for invoice in invoices()]
    assert times == sorted(times)
    assert len({invoice.number for invoice in invoices()}) == 2009


def test_eleven_invoices_keep_a_sku_on_two_lines() -> None:
    repeating = [
        invoice.number
        for invoice in invoices()
        if len({line.sku for line in invoice.lines}) < len(invoice.lines)
    ]
    assert len(repeating) == 11
    twice = next(invoice for invoice in invoices() if invoice.number == "539070")
    assert [line.quantity for line in twice.lines if line.sku == "21094"] == [7, 4]


def test_the_catalogue_is_what_the_invoices_sell() -> None:
    demand = Counter[str]()
    naming = Counter[str]()
    for invoice in invoices():
        naming.update({line.sku for line in invoice.lines})
        for line in invoice.lines:
            demand[line.sku] += line.quantity
    assert {article.sku: article.demand_units for article in catalogue()} == demand
    assert {article.sku: article.invoice_count for article in catalogue()} == naming
    assert len(catalogue()) == 1754


def test_an_article_has_a_clean_name_a_price_that_was_paid_and_a_drawn_weight() -> None:
    assert catalogue()[0] == Article(
        sku="10002",
        name="Inflatable Political Globe",
        price_cents=85,
        weight_g=173,
        demand_units=1,
        invoice_count=1,
    )
    paid = {(line.sku, line.unit_price_cents) for invoice in invoices() for line in invoice.lines}
    for article in catalogue():
        assert article.name == " ".join(article.name.split())
        assert article.name != article.name.upper()
        assert (article.sku, article.price_cents) in paid
        assert article.sku == article.sku.upper()
    assert sum(article.price_cents for article in catalogue()) == 734_272


def test_a_dozen_of_the_heaviest_article_fits_a_parcel_of_30_kg() -> None:
    weights = [article.weight_g for article in catalogue()]
    assert (min(weights), max(weights), sum(weights)) == (23, 2500, 412_547)
    assert 12 * max(weights) <= 30_000


@pytest.mark.parametrize(
    "fact",
    [
        "10.24432/C5BW33",
        "CC BY 4.0",
        "Licence Ouverte 2.0",
        "GeoNames",
        "2,009 with 6,170 lines and 34,445 units",
        "1,754 SKUs",
        "1,816 French places, 38,273,033 inhabitants",
        "Drawn: 23 to 2500 g",
        "one to one as euros",
    ],
)
def test_the_sources_are_named_with_licence_and_figures(fact: str) -> None:
    sources = resources.files("unisono.demo").joinpath("data", "SOURCES.md")
    assert fact in sources.read_text("utf-8")


def test_the_data_is_small() -> None:
    files = resources.files("unisono.demo").joinpath("data").iterdir()
    sizes = {file.name: len(file.read_bytes()) for file in files}
    assert sizes.keys() == {"SOURCES.md", "catalogue.csv.gz", "invoices.csv.gz", "places.csv"}
    assert sum(sizes.values()) < 1_500_000
