"""E-mail addresses, in the one form in which they are kept and compared."""

from unisono.core.errors import Fault

_LENGTH_MAX = 254


def folded(email: str) -> str:
    """Return an address as it is kept: in lower case, without blanks around it."""
    return email.strip().lower()


def is_address(folded_email: str) -> bool:
    """Return whether this can be an address at all."""
    local, at, domain = folded_email.partition("@")
    written = folded_email.isprintable() and " " not in folded_email
    return bool(local and at and domain) and written and len(folded_email) <= _LENGTH_MAX


def fault_of(folded_email: str) -> Fault | None:
    """Return what is wrong with an address, if anything."""
    if is_address(folded_email):
        return None
    detail = "this is not an e-mail address: write for example zoe@shop.example"
    return Fault(pointer="/email", code="wrong_format", detail=detail)
