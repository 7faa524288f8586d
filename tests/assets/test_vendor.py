"""Pages find the files of others beside the code, and they need no other host."""

import re

import pytest

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
    for package in set(hatch_build.CARRIED) - {"@tabler/core"}:
        assert (vendor_directory() / package / "LICENSE").is_file()
    style_sheet = vendor_directory() / "@tabler" / "core" / "dist" / "css" / "tabler.min.css"
    assert "Licensed under MIT" in style_sheet.read_text(encoding="utf-8")[:300]


@pytest.mark.parametrize(
    "name", ["swagger-ui-dist/swagger-ui.css", "@tabler/core/dist/css/tabler.min.css"]
)
def test_a_style_sheet_loads_nothing_from_another_host(name: str) -> None:
    css = (vendor_directory() / name).read_text(encoding="utf-8")
    targets = re.findall(r"url\(\s*[\"']?([^\"')]*)", css) + re.findall(r"@import[^;]*", css)
    assert [target for target in targets if not target.startswith("data:")] == []
