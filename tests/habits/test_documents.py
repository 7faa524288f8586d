"""The documents of settings, errors, events, lifecycles and tables say what the code says."""

import dataclasses
import re
from collections.abc import Iterator
from typing import TypeVar

import pytest

from tests.habits import sources
from tools import draw_docs
from unisono.api.errors import COMMAND_ONLY, PROBLEMS
from unisono.core.errors import UnisonoError
from unisono.core.outbox import FACTS, Fact
from unisono.core.settings import Settings

DOCS = sources.ROOT / "docs"
NAMES = ("settings.md", "errors.md", "events.md", "lifecycles.md", "tables.md")
K = TypeVar("K")
SENTENCE = re.compile(r"\S[\s\S]*\.")


@pytest.fixture(scope="module")
def drawn(schema_url: str) -> dict[str, str]:
    return draw_docs.drawn(schema_url)


@pytest.mark.parametrize("name", NAMES)
def test_a_drawn_document_is_as_the_code_draws_it(name: str, drawn: dict[str, str]) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == drawn[name], "run `make docs`"


def test_every_setting_is_documented_with_its_meaning() -> None:
    text = draw_docs.settings()
    for each in dataclasses.fields(Settings):
        assert len(each.metadata["meaning"].split()) >= 3, each.name
        assert f"`{each.name}` | `UNISONO_{each.name.upper()}`" in text
        assert each.metadata["meaning"] in text


def test_every_error_has_a_status_and_is_documented(drawn: dict[str, str]) -> None:
    kinds = [kind for kind in _below(UnisonoError) if kind.__module__.startswith("unisono.")]
    assert len(kinds) > 20
    assert {*PROBLEMS, *COMMAND_ONLY} == set(kinds)
    assert not PROBLEMS.keys() & COMMAND_ONLY
    for kind in kinds:
        assert f"| `{kind.code}` | {kind.title}. |" in drawn["errors.md"]
        assert kind.__doc__, kind.__name__
    codes = [kind.code for kind in kinds]
    assert sorted(set(codes)) == sorted(codes), "two errors would look the same to a client"


def test_every_event_is_documented_with_its_meaning(drawn: dict[str, str]) -> None:
    kinds = [kind for kind in _below(Fact) if kind.__module__.startswith("unisono.")]
    assert len(kinds) > 10
    for kind in kinds:
        assert FACTS[kind.name] is kind, f"another class has the name {kind.name} too"
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind.name)
        assert f"\n## {kind.name}\n" in drawn["events.md"]
        assert SENTENCE.fullmatch((kind.__doc__ or "").strip()), kind.__name__


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{sources.named(path)}: {target}"
        for path in [sources.ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []


def _below(kind: type[K]) -> Iterator[type[K]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)
