"""Named queries: the ``.sql`` file beside a module, read once.

A file holds queries of the form::

    -- name: levels_of_skus
    -- The stock of these SKUs at every location.
    SELECT ... WHERE sku = ANY(%(skus)s::bigint[]);

and ``sql = queries.beside(__file__)`` gives ``sql.levels_of_skus``, ready for ``execute``.
"""

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)
_CAST = re.compile(r"%\((\w+)\)[sbt]::(\w+(?:\[\])?)")
_PARAMETER = re.compile(r"%\((\w+)\)[sbt]")


class Queries:
    """The queries of one file, as attributes holding their text."""

    def __init__(self, path: Path) -> None:
        """Read the file and split it at its ``-- name:`` lines."""
        self.path = path
        parts = _NAME.split(path.read_text(encoding="utf-8"))
        self.texts: dict[str, str] = {
            name: body.strip().rstrip(";")
            for name, body in zip(parts[1::2], parts[2::2], strict=True)
        }

    def __getattr__(self, name: str) -> bytes:
        """Return the text of one query."""
        try:
            text = self.texts[name]
        except KeyError:
            message = f"{self.path.name} has no query named {name}"
            raise AttributeError(message) from None
        # Parameters travel in binary: no quoting, no parsing, and the types are those of the casts.
        setattr(self, name, encoded := _PARAMETER.sub(r"%(\1)b", text).encode())
        return encoded


def beside(module_file: str) -> Queries:
    """Return the queries of the ``.sql`` file that lies beside a module (pass ``__file__``)."""
    return Queries(Path(module_file).with_suffix(".sql"))


def numbered(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a query with ``$1``-style parameters, and each parameter's name and cast, in order."""
    parameters: list[tuple[str, str]] = []

    def number(match: re.Match[str]) -> str:
        if (match[1], match[2]) not in parameters:
            parameters.append((match[1], match[2]))
        return f"${parameters.index((match[1], match[2])) + 1}::{match[2]}"

    return _CAST.sub(number, text).replace("%%", "%"), parameters
