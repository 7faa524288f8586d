"""What an area's file in ``console`` offers to the application."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.handlers import HTTPRouteHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages of an area; ``name`` is that of its folder of templates and of its texts."""

    name: str
    routes: Sequence[HTTPRouteHandler]
