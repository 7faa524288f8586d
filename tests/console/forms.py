"""The forms of pages, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass(slots=True)
class Form:
    """A form: where it goes, and its fields, each with all of its values in order."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(action=given.get("action", "")))
        elif tag == "select":
            self._select = given.get("name")
        elif tag == "option" and self._select:
            # Of what is not chosen a browser sends the first.
            self._add(self._select, given["value"])
            self._select = None
        elif tag == "input" and given.get("type") not in {"radio", "checkbox"}:
            self._add(given.get("name"), given.get("value", ""))

    def _add(self, name: str | None, value: str) -> None:
        if name and self.forms:
            self.forms[-1].fields.setdefault(name, []).append(value)


def form(page: httpx.Response, ending: str) -> Form:
    """Return the one form of a page whose address ends like this."""
    reader = _Reader()
    reader.feed(page.text)
    [found] = [each for each in reader.forms if each.action.endswith(ending)]
    return found


def actions(page: httpx.Response) -> list[str]:
    """Return the last part of the address of every form that changes work."""
    reader = _Reader()
    reader.feed(page.text)
    return [
        each.action.rpartition("/")[2] for each in reader.forms if "/fulfillment/" in each.action
    ]
