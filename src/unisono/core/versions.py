"""The version that a change was made against: nobody overwrites what he has not seen."""

from unisono.core.errors import VersionMismatch, VersionRequired


def require(*, held: int | None, given: int | None, what: str) -> None:
    """Let a change through that is made against the version that is held; None: there is none.

    Raises VersionRequired when the thing exists and no version was given, VersionMismatch when
    another version was given than the one that is held.
    """
    if held == given:
        return
    if given is None:
        message = f"{what} exists in version {held}; say which version you change"
        raise VersionRequired(message)
    if held is None:
        message = f"{what} does not exist, so it has no version {given}"
        raise VersionMismatch(message)
    message = f"{what} is in version {held}, not {given}; read it again"
    raise VersionMismatch(message)


def require_first(*, held: int | None, stored: int, what: str) -> None:
    """Refuse to have changed what was to be made: somebody made it since this transaction looked.

    ``held`` is the version that was looked at before, ``stored`` the one after. Raises
    VersionRequired.
    """
    if held is None and stored != 1:
        require(held=stored - 1, given=None, what=what)
