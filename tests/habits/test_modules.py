"""Imports stand at the top, names say what is inside, and only core touches transactions.

That imports go down the ladder is checked by import-linter in ``make check``.
"""

import ast
from pathlib import Path

import pytest

from tests.habits import sources

MEANINGLESS = frozenset(
    name + ending
    for name in ("util", "helper", "common", "manager", "misc", "service", "tool", "shared", "base")
    for ending in ("", "s")
)
# What speaks with another machine. Connectors do; everything else waits for events.
NETWORK_CLIENTS = frozenset(
    "aiohttp aiosmtplib asyncssh ftplib http.client httpx httpx2 imaplib nats paramiko requests"
    " smtplib socket ssl telnetlib urllib.request urllib3 websockets xmlrpc".split()
)
OPENING = frozenset(("transaction", "pipeline", "read"))
# Who opens transactions: the database, and the command's installation, which opens one first.
OPENERS = frozenset(("database", "installed"))


def test_imports_stand_at_the_top_of_a_file() -> None:
    inner = [
        f"{sources.named(path)}:{node.lineno}"
        for path in sources.written(".py")
        for function in sources.functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_only_the_command_imports_by_a_computed_name() -> None:
    # Such an import is seen by no check of the ladder; nothing stands above the command.
    computed = [
        f"{sources.named(path)}:{line}: {name}"
        for path in sources.modules()
        for line, name in sources.imported(path)
        if name in ("importlib.import_module", "importlib.__import__", "importlib")
    ]
    computed += [
        f"{sources.named(path)}:{node.lineno}: __import__"
        for path in sources.modules()
        for node in sources.nodes(path)
        if isinstance(node, ast.Name) and node.id == "__import__"
    ]
    assert [each for each in computed if not each.startswith("src/unisono/cli/")] == []


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    found = [
        sources.named(path)
        for path in sources.written(".py", ".sql", ".html")
        for part in (*path.relative_to(sources.ROOT).parts[1:-1], path.stem.removeprefix("test_"))
        if part in MEANINGLESS
    ]
    assert found == []


def test_only_core_commits_and_rolls_back() -> None:
    assert [fault for path in _outside_core() for fault in transaction_faults(path)] == []


def test_only_core_and_connectors_reach_for_the_raw_connection() -> None:
    found = [
        f"{sources.named(path)}:{node.lineno}"
        for path in _outside_core()
        for node in sources.nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "connection"
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("async def f(database):\n    async with database.transaction() as db:\n        pass", 0),
        ("async def f(a):\n    async with a.database.pipeline() as db:\n        pass", 0),
        ("async def f(c):\n    await c.commit()", 1),
        ("async def f(c):\n    await c.rollback()", 1),
        ("async def f(c):\n    async with c.transaction():\n        pass", 1),
        ("async def f(database):\n    await database.transaction().__aenter__()", 1),
    ],
)
def test_a_transaction_opened_in_another_way_is_found_out(
    text: str, faults: int, tmp_path: Path
) -> None:
    path = tmp_path / "area.py"
    path.write_text(text, encoding="utf-8")
    assert len(transaction_faults(path)) == faults


def test_no_area_speaks_with_another_machine() -> None:
    found = [
        f"{sources.named(path)}:{line}: {name}"
        for path in sources.modules()
        if sources.folder(path) not in sources.NOT_AREAS
        for line, name in sources.imported(path)
        for client in NETWORK_CLIENTS
        if name == client or name.startswith(f"{client}.")
    ]
    assert found == []


def test_every_folder_of_the_package_says_what_it_is_for() -> None:
    silent = [
        sources.named(path)
        for path in sources.modules()
        if path.name == "__init__.py" and not ast.get_docstring(sources.tree(path))
    ]
    assert silent == []


def transaction_faults(path: Path) -> list[str]:
    """Return where a file ends a transaction, or opens one other than by ``async with``."""
    opened = {
        id(item.context_expr)
        for node in sources.nodes(path)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if _is_opening(item.context_expr)
    }
    return [
        f"{path.name}:{node.lineno}: {node.func.attr}"
        for node in sources.nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ("commit", "rollback")
        or (node.func.attr in ("transaction", "pipeline") and id(node) not in opened)
    ]


def _is_opening(node: ast.expr) -> bool:
    """Return whether this is ``database.transaction()``, wherever the database comes from."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = node.func.value
    name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return node.func.attr in OPENING and name.removeprefix("_") in OPENERS


def _outside_core() -> list[Path]:
    return [path for path in sources.modules() if sources.folder(path) != "core"]
