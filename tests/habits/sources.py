"""The project's own files, as the tests of habits read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "unisono"
MIGRATIONS = SOURCE / "core" / "migrations"
VENDOR = SOURCE / "assets" / "vendor"

# Everything in `src/unisono` that is none of these is a business area.
NOT_AREAS = frozenset(
    "core assets api console workers connectors demo cli app.py __init__.py __main__.py".split()
)


def named(path: Path) -> str:
    """Return a path as messages show it: from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def folder(path: Path) -> str:
    """Return the first part below the package: ``orders`` for ``src/unisono/orders/looks.py``."""
    return path.relative_to(SOURCE).parts[0]


@cache
def modules() -> tuple[Path, ...]:
    """Return every Python file of the package."""
    return tuple(path for path in sorted(SOURCE.rglob("*.py")) if VENDOR not in path.parents)


@cache
def written(*suffixes: str) -> tuple[Path, ...]:
    """Return the files that people write, of these suffixes, in every folder of the repository."""
    folders = [ROOT / name for name in ("src", "tests", "tools", "benchmarks", "docs", "examples")]
    found = [path for each in folders for path in sorted(each.rglob("*")) if path.is_file()]
    found += [path for path in sorted(ROOT.iterdir()) if path.is_file()]
    return tuple(path for path in found if path.suffix in suffixes and VENDOR not in path.parents)


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def nodes(path: Path) -> Iterator[ast.AST]:
    """Return every node of a Python file."""
    return ast.walk(tree(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a Python file, methods and inner ones too."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Return line and full name of everything that a file imports."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
