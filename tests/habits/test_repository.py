"""The repository names nothing of the machine or the place where it was written."""

import re
import subprocess
from pathlib import Path

from tests.habits import sources

# Addresses of package registries belong into the settings of a machine, not into a lock.
REGISTRY = re.compile(
    r"index-url|extra-index|find-links|files\.pythonhosted|pypi\.org/simple|registry\.npmjs"
    r"|artifactory|\bnexus\b|\"resolved\":",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|tmp/brief|home/\w+|Users/\w+)/")
# Taken apart, so that this file does not find itself.
WRITTEN_BY = re.compile(
    "|".join(("chat" + "gpt", "clau" + "de", "anth" + "ropic", "open" + "ai", "co-auth" + "ored"))
    + r"|\b(?:previous|earlier) ses"
    + r"sion\b|\bsub-?ag"
    + r"ents?\b",
    re.IGNORECASE,
)
BINARY = frozenset((".gz", ".png", ".ico", ".woff2", ".jpg"))
# The arguments with which the locks are made switch every address off.
NAMES_OPTIONS = frozenset(("Makefile", "tests/habits/test_repository.py"))


def test_no_file_names_a_package_registry() -> None:
    assert _found(REGISTRY, without=NAMES_OPTIONS) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert _found(MACHINE) == []


def test_no_file_tells_who_or_what_typed_it() -> None:
    # A town of France has such a name.
    places = frozenset(("src/unisono/demo/data/places.csv",))
    assert _found(WRITTEN_BY, without=places) == []


def test_what_is_forbidden_is_recognised() -> None:
    assert REGISTRY.search("--index-url https://example.org")
    assert MACHINE.search("see /" + "work/main/x")
    assert not MACHINE.search("GET /v1/work/x")
    assert WRITTEN_BY.search("Co-Auth" + "ored-By: x")


def test_every_file_is_text_or_data_of_the_demo_or_a_picture_of_the_documents() -> None:
    places = (sources.SOURCE / "demo" / "data", sources.ROOT / "docs" / "images")
    binary = [
        sources.named(path)
        for path in _files()
        if path.suffix in BINARY and not any(path.is_relative_to(place) for place in places)
    ]
    assert binary == []


def _found(pattern: re.Pattern[str], *, without: frozenset[str] = frozenset()) -> list[str]:
    return [
        f"{sources.named(path)}:{number}: {match[0]}"
        for path in _files()
        if path.suffix not in BINARY and sources.named(path) not in without
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := pattern.search(line))
    ]


def _files() -> list[Path]:
    """Return the files of the repository; outside of one, every file but those that are made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git is found as the developer finds it
        cwd=sources.ROOT,
        capture_output=True,
        check=False,
    )
    names = listed.stdout.decode().split("\0")[:-1]
    found = [sources.ROOT / name for name in names] or list(
        sources.written(".py", ".sql", ".md", ".toml", ".txt", ".json", ".in", "")
    )
    return [path for path in found if path.is_file()]
