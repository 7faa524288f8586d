"""Draw the documents that are made from the code: settings, errors, events, lifecycles, tables.

``make docs`` writes them into ``docs``; a test fails while one of them says something else than the
code. Tables are read from the catalog of a freshly migrated, embedded database.
"""

import dataclasses
import importlib
import pkgutil
import re
import tempfile
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import msgspec
import psycopg

import unisono
from unisono.api.errors import COMMAND_ONLY, PROBLEMS
from unisono.core import embedded, migrate
from unisono.core.lifecycle import Lifecycle
from unisono.core.outbox import FACTS, Fact
from unisono.core.settings import PREFIX, Settings
from unisono.core.tables import TABLES

DOCS = Path(__file__).resolve().parent.parent / "docs"
DRAWN = "<!-- Drawn from the code by `make docs`: do not edit. -->"

# The largest integer of a setting that names no maximum of its own.
UNBOUNDED = 2**31 - 1

JSON_WORDS: Mapping[object, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    datetime: "time",
    date: "date",
    UUID: "id",
    Any: "anything",
    types.NoneType: "null",
}
KIND_WORDS = {
    "reference": "on every node",
    "sku": "by SKU",
    "document": "by document",
    "location": "by location",
    "key": "by key",
    "local": "on one node",
}


def main() -> None:
    """Write every drawn document."""
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        throw_away = embedded.ServerSettings(fsync=False)
        data = Path(folder) / "data"
        with embedded.start(data, owner_note="make docs", settings=throw_away) as server:
            migrate.migrate(server.url)
            for name, text in drawn(server.url).items():
                (DOCS / name).write_text(text, encoding="utf-8")
                print(f"docs/{name}")


def drawn(database_url: str) -> dict[str, str]:
    """Return every document by its file name; the URL is that of a migrated database."""
    return {
        "settings.md": settings(),
        "errors.md": errors(),
        "events.md": events(),
        "lifecycles.md": lifecycles(),
        "tables.md": tables(database_url),
    }


def settings() -> str:
    """Return the document of every setting."""
    rows = []
    for each in dataclasses.fields(Settings):
        default = "" if each.default is None else f"`{each.default}`"
        meaning = each.metadata["meaning"]
        if each.type is int:
            minimum, maximum = each.metadata["minimum"], each.metadata["maximum"]
            bounded = f"{minimum} to {maximum}" if maximum < UNBOUNDED else f"at least {minimum}"
            meaning += f" ({bounded})"
        rows.append((f"`{each.name}`", f"`{PREFIX}{each.name.upper()}`", default, meaning))
    return _document(
        "Settings",
        "A setting is taken from the environment, else from the TOML file that `UNISONO_CONFIG` "
        "names, else from its default. `unisono config` shows what is in force, and why.",
        _table(("In the file", "In the environment", "Default", "Meaning"), rows),
    )


def errors() -> str:
    """Return the document of every error: by HTTP status, then those of the command."""
    rows = [
        (str(found.status), f"`{kind.code}`", f"{kind.title}.", found.cause, found.cure)
        for kind, found in sorted(PROBLEMS.items(), key=lambda pair: (pair[1].status, pair[0].code))
    ]
    of_the_command = [
        (f"`{kind.code}`", f"{kind.title}.")
        for kind in sorted(COMMAND_ONLY, key=lambda kind: kind.code)
    ]
    return _document(
        "Errors",
        "Every error is a problem document (RFC 9457) with one of these codes. Where fields are to "
        "blame, `errors` names each of them by a JSON pointer. Nothing was changed by a request "
        "that is answered by an error.",
        _table(("Status", "Code", "Meaning", "Why", "What helps"), rows),
        "## Errors of the command",
        "These end the command `unisono` with a sentence, before anything is served.",
        _table(("Code", "Meaning"), of_the_command),
    )


def events() -> str:
    """Return the document of every event, by its subject."""
    _load_all()
    facts = sorted((fact for fact in FACTS.values() if _is_ours(fact)), key=lambda fact: fact.name)
    parts = []
    inner: dict[str, type[msgspec.Struct]] = {}
    for fact in facts:
        parts += [f"## {fact.name}", _words(fact.__doc__), _fields(fact, inner)]
    documents = []
    waiting = dict(inner)
    while waiting:
        name = min(waiting)
        kind = waiting.pop(name)
        before = set(inner)
        documents += [f"### {name}", _words(kind.__doc__), _fields(kind, inner)]
        waiting |= {each: inner[each] for each in set(inner) - before}
    if documents:
        parts += ["## Documents in events", *documents]
    return _document(
        "Events",
        "Facts about one thing each, in the past tense. The events of one thing have dense "
        "sequence numbers from 1, and are read in that order; the position gives the order of all. "
        "Each is told at least once.",
        *parts,
    )


def all_lifecycles() -> dict[str, Lifecycle]:
    """Return every lifecycle of the package by its name."""
    return {
        each.name: each
        for module in _load_all()
        for each in vars(module).values()
        if isinstance(each, Lifecycle)
    }


def lifecycles() -> str:
    """Return the document of every lifecycle, each as a diagram."""
    parts = []
    for name, lifecycle in sorted(all_lifecycles().items()):
        title = name.replace("_", " ").capitalize()
        parts += [f"## {title}", f"```mermaid\n{lifecycle.drawn()}\n```"]
    return _document(
        "Lifecycles",
        "Every change of state that is allowed. Anything else is refused with "
        "`transition_refused`, and nothing is changed.",
        *parts,
    )


def tables(database_url: str) -> str:
    """Return the document of every table, read from the catalog."""
    parts = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        for area in dict.fromkeys(table.split(".")[0] for table in TABLES):
            parts.append(f"## {area}")
            for table, kind in TABLES.items():
                if table.split(".")[0] == area:
                    parts += list(_described_table(connection, table, KIND_WORDS[kind]))
    return _document(
        "Tables",
        "One schema per area; only that area writes its tables. *On every node*, *by SKU* and so "
        "on say how a sharded PostgreSQL divides a table: a key that begins with it is never "
        "spread over nodes.",
        *parts,
    )


def _described_table(
    connection: psycopg.Connection[tuple[Any, ...]], table: str, kind: str
) -> Iterator[str]:
    row = connection.execute(
        "SELECT obj_description(%(table)s::regclass),"
        " (SELECT string_agg(attname, ', ' ORDER BY n) FROM pg_index,"
        "  unnest(indkey) WITH ORDINALITY AS k (number, n), pg_attribute"
        "  WHERE indrelid = %(table)s::regclass AND indisprimary"
        "  AND attrelid = indrelid AND attnum = number),"
        " ARRAY(SELECT conname::text FROM pg_constraint"
        "  WHERE conrelid = %(table)s::regclass AND contype = 'c' ORDER BY conname)",
        {"table": table},
    ).fetchone()
    assert row is not None  # noqa: S101 - a listed table exists, or the query has failed
    comment, key, rules = row
    yield f"### {table}"
    said = f"{comment}. " if comment else ""
    yield f"{said}Key: {key}; {kind}."
    columns = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull,"
        " coalesce(col_description(attrelid, attnum), '') FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (table,),
    ).fetchall()
    yield _table(
        ("Column", "Type", "Meaning"),
        [
            (f"`{name}`", typed if required else f"{typed} or null", meaning)
            for name, typed, required, meaning in columns
        ],
    )
    if rules:
        yield "Rules: " + "; ".join(rule.replace("_", " ") for rule in rules) + "."


def _load_all() -> list[types.ModuleType]:
    """Import every module of the package, so that each event and error is known."""
    return [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(unisono.__path__, prefix="unisono.")
        if not found.name.endswith("__main__")
    ]


def _is_ours(kind: type[Fact]) -> bool:
    return kind.__module__.split(".")[0] == "unisono"


def _fields(kind: type[msgspec.Struct], inner: dict[str, type[msgspec.Struct]]) -> str:
    hints = typing.get_type_hints(kind)
    return _table(
        ("Field", "Type"),
        [(f"`{name}`", _typed(hints[name], inner)) for name in kind.__struct_fields__],
    )


def _typed(hint: Any, inner: dict[str, type[msgspec.Struct]]) -> str:  # noqa: ANN401 - a hint may be anything
    """Return a type in words; structs that are met on the way are entered in ``inner``."""
    if hint in JSON_WORDS:
        return JSON_WORDS[hint]
    if typing.get_origin(hint) is Literal:
        return ", ".join(f"`{value}`" for value in typing.get_args(hint))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        inner[hint.__name__] = hint
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    return _made_of(typing.get_origin(hint), [_typed(each, inner) for each in _parts(hint)])


def _parts(hint: Any) -> list[Any]:  # noqa: ANN401 - a hint may be anything
    return [each for each in typing.get_args(hint) if each is not Ellipsis]


def _made_of(origin: object, parts: list[str]) -> str:
    """Return a generic type in words, of its parts in words."""
    if origin in (typing.Union, types.UnionType):
        return " or ".join(parts)
    if origin is tuple and len(parts) > 1:
        return "(" + ", ".join(parts) + ")"
    if origin in (list, tuple):
        return f"list of {parts[0]}"
    if origin is dict:
        return f"map from {parts[0]} to {parts[1]}"
    message = f"{origin} has no words yet"
    raise TypeError(message)


def _words(docstring: str | None) -> str:
    """Return a docstring as Markdown."""
    paragraphs = re.split(r"\n\s*\n", (docstring or "").strip())
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return text.replace("``", "`")


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _document(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", DRAWN, *(part for part in parts if part)]) + "\n"


if __name__ == "__main__":
    main()
