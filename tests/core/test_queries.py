"""Named queries are read from the file beside a module."""

from pathlib import Path

import pytest

from unisono.core import queries

FILE = """-- name: first
-- One sentence.
SELECT %(a)s::int, %(b)s::text, %(a)s::int;

-- name: second
-- Another.
SELECT 100 %% 7
FROM x;
"""


@pytest.fixture
def module(tmp_path: Path) -> str:
    (tmp_path / "stock.sql").write_text(FILE, encoding="utf-8")
    return str(tmp_path / "stock.py")


def test_the_queries_of_the_file_beside_a_module_are_its_attributes(module: str) -> None:
    sql = queries.beside(module)
    assert list(sql.texts) == ["first", "second"]
    assert sql.second == b"-- Another.\nSELECT 100 %% 7\nFROM x"
    assert sql.second is sql.second


def test_parameters_travel_in_binary(module: str) -> None:
    assert queries.beside(module).first == (
        b"-- One sentence.\nSELECT %(a)b::int, %(b)b::text, %(a)b::int"
    )


def test_a_query_that_is_not_in_the_file_is_named(module: str) -> None:
    sql = queries.beside(module)
    with pytest.raises(AttributeError, match=r"^stock\.sql has no query named third$"):
        _ = sql.third


def test_a_query_is_numbered_for_preparing(module: str) -> None:
    sql = queries.beside(module)
    text, parameters = queries.numbered(sql.texts["first"])
    assert text == "-- One sentence.\nSELECT $1::int, $2::text, $1::int"
    assert parameters == [("a", "int"), ("b", "text")]
    assert queries.numbered(sql.texts["second"]) == ("-- Another.\nSELECT 100 % 7\nFROM x", [])


def test_numbering_reads_parameters_in_either_form(module: str) -> None:
    sql = queries.beside(module)
    assert queries.numbered(sql.first.decode()) == queries.numbered(sql.texts["first"])
