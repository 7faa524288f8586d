"""The documentation page finds its files beside the code, and they need no other host."""

import re

import hatch_build
from unisono.assets import vendor_directory

PAGE_FILES = [
    "favicon-32x32.png",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-ui.css",
]


def test_every_file_of_the_documentation_page_is_there() -> None:
    folder = vendor_directory() / "swagger-ui-dist"
    assert [name for name in PAGE_FILES if (folder / name).stat().st_size == 0] == []


def test_code_of_others_comes_with_its_licence() -> None:
    for package in hatch_build.CARRIED:
        assert (vendor_directory() / package / "LICENSE").is_file()


def test_the_style_sheet_loads_nothing_from_another_host() -> None:
    css = (vendor_directory() / "swagger-ui-dist" / "swagger-ui.css").read_text(encoding="utf-8")
    targets = re.findall(r"url\(\s*[\"']?([^\"')]*)", css) + re.findall(r"@import[^;]*", css)
    assert [target for target in targets if not target.startswith("data:")] == []
