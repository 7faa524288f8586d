"""The files of pages: from here, compressed, kept by browsers until they change."""

import unisono.app
from tests.console.visiting import visiting
from unisono.console import files
from unisono.core.database import Database
from unisono.core.settings import Settings


async def test_a_file_is_compressed_and_kept_for_a_year(
    database: Database, settings: Settings
) -> None:
    async with visiting(unisono.app.build(settings, database, areas=())) as browser:
        answer = await browser.get(files.address("console.css"))
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/css")
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert ":root" in answer.text
        assert (await browser.get("/static/old/console.css")).status_code == 404
        assert (await browser.get(f"/static/{files.fingerprint()}/nothing.css")).status_code == 404


async def test_no_style_sheet_or_script_of_ours_names_another_host() -> None:
    for file in files.OWN.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text
        assert "https:" not in text
