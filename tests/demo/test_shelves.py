"""Shelves: nobody takes more than what lies there."""

from unisono.demo.shelves import Shelves
from unisono.demo.stocking import StockPlacement


def test_a_shelf_gives_what_it_has() -> None:
    shelves = Shelves((StockPlacement(sku="CUP", location="S-LYON", quantity=3),))
    assert shelves.take("S-LYON", "CUP", 2) == 2
    assert shelves.take("S-LYON", "CUP", 2) == 1
    assert shelves.take("S-LYON", "CUP", 1) == 0
    shelves.put_back("S-LYON", "CUP", 2)
    assert shelves.take("S-LYON", "CUP", 5) == 2


def test_what_was_never_there_is_not_there() -> None:
    assert Shelves(()).take("S-LYON", "CUP", 1) == 0
