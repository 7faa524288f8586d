"""The retailer's colour: readable in light and dark, whatever colour it is."""

import random
import re

import pytest

from unisono.console import colours, files
from unisono.console.colours import BLACK, DARK_GROUND, DARK_SURFACE, LIGHT_GROUND, WHITE, Rgb


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        # As WebAIM's contrast checker says it.
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    found = colours.contrast(colours.parsed(one), colours.parsed(other))
    assert round(found, 2) == expected
    assert colours.contrast(colours.parsed(other), colours.parsed(one)) == found


def test_any_colour_becomes_readable_in_both_themes() -> None:
    draw = random.Random(20260302)
    brands: list[Rgb] = [WHITE, BLACK, (0xFF, 0xFF, 0), (0x80, 0x80, 0x80), DARK_SURFACE]
    brands += [(draw.randrange(256), draw.randrange(256), draw.randrange(256)) for _ in range(500)]
    for brand in brands:
        assert max(colours.contrast(brand, each) for each in (WHITE, BLACK)) >= 4.5
        for surface, ground, towards in (
            (WHITE, LIGHT_GROUND, BLACK),
            (DARK_SURFACE, DARK_GROUND, WHITE),
        ):
            found = colours.palette(brand, surface=surface, ground=ground, towards=towards)
            accent = colours.parsed(found.accent)
            for behind in (surface, ground, colours.parsed(found.soft)):
                assert colours.contrast(accent, behind) >= 4.5
            assert colours.contrast(colours.parsed(found.on_accent), accent) >= 4.5


def test_a_colour_that_is_readable_already_stays_as_it_is() -> None:
    sheet = colours.stylesheet("#0b6e4f")
    assert "--brand:#0b6e4f;--on-brand:#ffffff;--accent:#0b6e4f;" in sheet
    assert "--brand:#ffe600;--on-brand:#000000;" in colours.stylesheet("#FFE600")


@pytest.mark.parametrize(
    "wrong", ["", "red", "#fff", "#12345g", "#0b6e4f;}", "0b6e4f", "#0b6e4f\n"]
)
def test_what_is_no_colour_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a colour written as #rrggbb"):
        colours.stylesheet(wrong)


def test_the_surfaces_are_those_of_the_style_sheet() -> None:
    sheet = files.OWN.joinpath("tracking.css").read_text(encoding="utf-8")
    light, dark = re.findall(r"--surface: (#[0-9a-f]+); --ground: (#[0-9a-f]+);", sheet)
    assert light == ("#fff", colours.written(LIGHT_GROUND))
    assert dark == (colours.written(DARK_SURFACE), colours.written(DARK_GROUND))
