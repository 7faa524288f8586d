"""The files that pages load in a browser. The build hook `hatch_build.py` fetches them from npm."""

from pathlib import Path

__all__ = ["vendor_directory"]


def vendor_directory() -> Path:
    """Absolute path of the folder of fetched files, one folder per npm package.

    `swagger-ui-dist/` in it holds `swagger-ui-bundle.js`, `swagger-ui-standalone-preset.js`,
    `swagger-ui.css` and `favicon-32x32.png`. Pages link to these, never to another host.
    """
    return Path(__file__).resolve().parent / "vendor"
