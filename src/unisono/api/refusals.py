"""What HTTP itself can refuse, before any area is asked."""

from collections.abc import Iterable

from unisono.core.errors import UnisonoError


class MalformedJson(UnisonoError):
    """The body is not JSON."""


class NotJson(UnisonoError):
    """The body is not sent as application/json."""


class BodyTooLarge(UnisonoError):
    """The body is larger than is accepted."""


class MalformedHeader(UnisonoError):
    """A header cannot be understood."""


class MalformedRequest(UnisonoError):
    """The request cannot be understood."""


class UnknownRoute(UnisonoError):
    """There is nothing at this address."""


class MethodRefused(UnisonoError):
    """This address does not take that method."""

    def __init__(self, detail: str, *, allowed: Iterable[str]) -> None:
        """Keep the methods that the address takes."""
        super().__init__(detail)
        self.allowed = tuple(allowed)


class ClientGone(UnisonoError):
    """The client hung up before its request was complete."""


class Unexpected(UnisonoError):
    """Something failed that should not have."""
