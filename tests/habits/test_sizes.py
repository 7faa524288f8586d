"""Functions have at most 70 lines and files at most 500, so that each can be read at once."""

import ast
from pathlib import Path

from tests.habits import sources

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
EXCEPTIONS = Path(__file__).with_name("exceptions.txt")
# Lower it whenever a line of the list was taken away.
EXCEPTIONS_MAX = 0


def test_no_file_and_no_function_is_too_long() -> None:
    listed = _listed()
    assert {name: lines for name, lines in _too_long().items() if name not in listed} == {}


def test_what_is_listed_as_an_exception_is_still_too_long() -> None:
    assert [name for name in _listed() if name not in _too_long()] == []


def test_the_list_of_exceptions_only_shrinks() -> None:
    assert len(_listed()) <= EXCEPTIONS_MAX


def test_lines_of_a_function_are_counted_from_its_name_to_its_end() -> None:
    function = ast.parse("@x\ndef f() -> int:\n    a = 1\n\n    return a\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert _lines(function) == 4


def _listed() -> list[str]:
    lines = EXCEPTIONS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _too_long() -> dict[str, int]:
    found = {}
    for path in sources.written(".py", ".sql", ".html", ".css", ".js"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES_MAX:
            found[sources.named(path)] = lines
        if path.suffix == ".py":
            for function in sources.functions(path):
                if _lines(function) > FUNCTION_LINES_MAX:
                    found[f"{sources.named(path)}::{function.name}"] = _lines(function)
    return found


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
