"""Every area that has routes, in the order of the documentation."""

from unisono.api.area import Area

AREAS: tuple[Area, ...] = ()
