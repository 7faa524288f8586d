"""The named queries of the package, and where Python uses them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.habits import sources
from unisono.core.queries import Queries

_LITERAL = re.compile(r"'(?:[^']|'')*'")
_COMMENT = re.compile(r"--[^\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """One query: the module that it lies beside, its name, its comment and its statement."""

    module: Path
    name: str
    comment: str
    statement: str

    def __str__(self) -> str:
        return f"{sources.named(self.module.with_suffix('.sql'))}: {self.name}"

    @property
    def bare(self) -> str:
        """The statement without literals and comments, so that words in it are SQL."""
        return _COMMENT.sub("", _LITERAL.sub("''", self.statement))


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place that names a query: ``sql.name``, or ``other.sql.name`` of another module."""

    module: Path
    line: int
    query: tuple[Path, str]

    def __str__(self) -> str:
        return f"{sources.named(self.module)}:{self.line}: {self.query[1]}"


@cache
def sql_files() -> tuple[Path, ...]:
    """Return every file of named queries; migrations are none."""
    return tuple(
        path for path in sorted(sources.SOURCE.rglob("*.sql")) if path.parent != sources.MIGRATIONS
    )


@cache
def all_queries() -> tuple[NamedQuery, ...]:
    """Return every named query of the package."""
    return tuple(query for path in sql_files() for query in queries_of(path))


def queries_of(path: Path) -> Iterator[NamedQuery]:
    """Return the queries of one file."""
    for name, text in Queries(path).texts.items():
        lines = text.splitlines()
        code = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
        yield NamedQuery(
            module=path.with_suffix(".py"),
            name=name,
            comment=" ".join(line.removeprefix("--").strip() for line in lines[:code]),
            statement="\n".join(lines[code:]),
        )


def uses_of(module: Path) -> Iterator[Use]:
    """Return every place of a module that names a query."""
    modules = _imported_modules(module)
    for node in sources.nodes(module):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        if isinstance(owner, ast.Name) and owner.id == "sql" and _has_queries(module):
            yield Use(module=module, line=node.lineno, query=(module, node.attr))
        elif (
            isinstance(owner, ast.Attribute)
            and owner.attr == "sql"
            and isinstance(owner.value, ast.Name)
            and owner.value.id in modules
        ):
            other = modules[owner.value.id]
            yield Use(module=module, line=node.lineno, query=(other, node.attr))


def _has_queries(module: Path) -> bool:
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "sql" for target in node.targets)
        for node in sources.tree(module).body
    )


def _imported_modules(module: Path) -> dict[str, Path]:
    """Return the modules of the package that a module has imported, by the name that it uses."""
    found = {}
    for node in sources.nodes(module):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unisono"):
            for alias in node.names:
                parts = f"{node.module}.{alias.name}".split(".")[1:]
                path = sources.SOURCE.joinpath(*parts).with_suffix(".py")
                if path.exists():
                    found[alias.asname or alias.name] = path
    return found
