"""Every text is in every language."""

import pytest

from tools import draw_texts
from unisono.console import languages


def test_every_catalog_is_complete_and_holds_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert draw_texts.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        ("fr", "en-GB,en;q=0.9", "fr"),
        ("xx", "en-GB,en;q=0.9,fr;q=0.8", "en"),
        (None, "de,fr;q=0.5,en;q=0.4", "fr"),
        (None, "fr-CA", "fr"),
        (None, "en;q=0.1, fr;q=nonsense", "en"),
        (None, "", "en"),
    ],
)
def test_a_choice_comes_before_what_the_browser_asks_for(
    cookie: str | None, accepted: str, expected: str
) -> None:
    assert languages.chosen(cookie, accepted).code == expected
