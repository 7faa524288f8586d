"""The retailer's colour on pages that customers see: readable, whatever colour it is.

Contrast is that of WCAG 2 (relative luminance, section 1.4.3): 4.5 between text and what is
behind it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

Rgb = tuple[int, int, int]

CONTRAST = 4.5
WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
LIGHT_GROUND: Rgb = (0xF4, 0xF5, 0xF7)
DARK_GROUND: Rgb = (0x0F, 0x13, 0x18)
DARK_SURFACE: Rgb = (0x17, 0x1C, 0x23)

_WRITTEN = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 50
"""From a colour to white or black in so many steps; the last of them is always readable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of one theme as #rrggbb; ``accent`` is readable on ``soft``, surface and ground."""

    accent: str
    on_accent: str
    soft: str


@lru_cache(maxsize=8)
def stylesheet(colour: str) -> str:
    """Return the variables of a retailer's colour in light and dark.

    Raises ValueError for what is not #rrggbb.
    """
    brand = parsed(colour)
    light = palette(brand, surface=WHITE, ground=LIGHT_GROUND, towards=BLACK)
    dark = palette(brand, surface=DARK_SURFACE, ground=DARK_GROUND, towards=WHITE)
    on_brand = max(WHITE, BLACK, key=lambda each: contrast(each, brand))
    return (
        f":root{{--brand:{written(brand)};--on-brand:{written(on_brand)};{_variables(light)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_variables(dark)}}}}}\n"
    )


def palette(brand: Rgb, *, surface: Rgb, ground: Rgb, towards: Rgb) -> Palette:
    """Return the colours made of ``brand``: brought ``towards`` white or black until readable."""
    soft = mixed(surface, brand, 0.08)
    accent = next(
        each
        for each in (mixed(brand, towards, step / _STEPS) for step in range(_STEPS + 1))
        if min(contrast(each, behind) for behind in (soft, surface, ground)) >= CONTRAST
    )
    on_accent = max(WHITE, BLACK, key=lambda each: contrast(each, accent))
    return Palette(accent=written(accent), on_accent=written(on_accent), soft=written(soft))


def parsed(colour: str) -> Rgb:
    """Return the parts of a colour written as #rrggbb. Raises ValueError for anything else."""
    if _WRITTEN.fullmatch(colour) is None:
        message = f"“{colour}” is not a colour written as #rrggbb"
        raise ValueError(message)
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(colour: Rgb) -> str:
    """Return a colour as #rrggbb."""
    red, green, blue = colour
    return f"#{red:02x}{green:02x}{blue:02x}"


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Return a colour with ``share`` (0 to 1) of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB


def _variables(colours: Palette) -> str:
    return f"--accent:{colours.accent};--on-accent:{colours.on_accent};--soft:{colours.soft}"
