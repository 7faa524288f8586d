"""Brings the catalogs of texts up to date with the templates and the code of the console.

    .venv/bin/python tools/draw_texts.py            writes, and names what is not translated
    .venv/bin/python tools/draw_texts.py --check    writes nothing, fails when it would

One file for each area and language: `texts/fr/orders.po` has the texts of `orders.py` and of
`templates/orders/`; what is on every page is in `console.po`. Translations are kept; a text that
has gone loses its translation.
"""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from unisono.console.languages import CODES, TEXTS
from unisono.console.pages import PAGES

CONSOLE = TEXTS.parent
SHARED = "console"
SETTINGS = CONSOLE.parent / "core" / "settings.py"
KEYWORDS = {
    "_": None,
    "_setting": (2,),
    "gettext": None,
    "mark": None,
    "mark_plural": (1, 2),
    "ngettext": (1, 2),
    "plural": (1, 2),
    "text": None,
}
# What rendering reads templates with; without it a template that uses it would count as empty.
JINJA = {
    "extensions": "jinja2.ext.do",
    "newstyle_gettext": "true",
    "silent": "false",
    "trimmed": "true",
}
WIDTH = 100


def main(arguments: list[str]) -> int:
    """Return 0 when every catalog is as it must be."""
    check = "--check" in arguments
    lacking = []
    for code in CODES[1:]:
        for area in sorted({SHARED, *(each.name for each in PAGES)}):
            file = TEXTS / code / f"{area}.po"
            held, wanted = _held(file, code), _extracted(area, code)
            wanted.update_from(held)
            text = wanted.rendered()
            if text != (file.read_text(encoding="utf-8") if file.exists() else ""):
                if check:
                    lacking.append(f"{file.name} of {code} is not up to date: run `make texts`")
                else:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text, encoding="utf-8")
            lacking += [f"{code}/{area}: {message}" for message in wanted.untranslated()]
        lacking += _contradictions(code)
    for line in lacking:
        print(line)
    return 1 if lacking else 0


class _Texts:
    """The texts of one area in one language."""

    def __init__(self, code: str) -> None:
        self.catalog = Catalog(locale=code, fuzzy=False)

    def update_from(self, held: Catalog) -> None:
        """Take over the translations of texts that are still there."""
        for message in self.catalog:
            old = held.get(message.id) if message.id else None
            if old is not None and old.string:
                message.string = old.string

    def rendered(self) -> str:
        """Return the file; empty when the area has no texts."""
        if not len(self.catalog):
            return ""
        raw = io.BytesIO()
        write_po(
            raw,
            self.catalog,
            width=WIDTH,
            omit_header=True,
            sort_output=True,
            include_lineno=False,
        )
        return raw.getvalue().decode().strip() + "\n"

    def untranslated(self) -> list[str]:
        """Return the texts that have no translation in every form."""
        return [
            str(message.id if isinstance(message.id, str) else message.id[0])
            for message in self.catalog
            if message.id and not all(_forms(message))
        ]


def _contradictions(code: str) -> list[str]:
    """Return the texts that two files translate differently: pages read all files as one."""
    said: dict[object, tuple[str, object]] = {}
    lines = []
    for file in sorted(TEXTS.joinpath(code).glob("*.po")):
        for message in _held(file, code):
            if not message.id:
                continue
            first, translation = said.setdefault(message.id, (file.stem, message.string))
            if translation != message.string:
                lines.append(f"{code}: {message.id!r} differs in {first} and {file.stem}")
    return lines


def _forms(message: Message) -> tuple[str, ...]:
    """Return every form of a translation; those that are missing are empty."""
    said = message.string
    if isinstance(said, str | None):
        return (said or "",)
    return tuple(said)


def _held(file: Path, code: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=code)
    with file.open("rb") as opened:
        return read_po(opened, locale=code)


def _extracted(area: str, code: str) -> _Texts:
    texts = _Texts(code)
    for file in sorted(_files(area)):
        method = "jinja2" if file.suffix == ".html" else "python"
        options = JINJA if method == "jinja2" else {}
        found = extract_from_file(
            method, file, keywords=KEYWORDS, options={**options, "encoding": "utf-8"}
        )
        for _, message, _, context in found:
            texts.catalog.add(
                message, locations=[(os.path.relpath(file, CONSOLE), 0)], context=context
            )
    return texts


def _files(area: str) -> Iterator[Path]:
    if area != SHARED:
        module = CONSOLE / f"{area}.py"
        if module.exists():
            yield module
        yield from CONSOLE.joinpath(area).rglob("*.py")
        yield from CONSOLE.joinpath("templates", area).rglob("*.html")
        if area == "settings":
            # What each setting means is said once, where it is declared.
            yield SETTINGS
        return
    areas = {each.name for each in PAGES}
    yield from (each for each in CONSOLE.glob("*.py") if each.stem not in areas)
    yield from CONSOLE.joinpath("templates").glob("*.html")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
