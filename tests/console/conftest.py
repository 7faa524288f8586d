import pytest

from tests.identity.staff import CountingHasher
from unisono.identity import passwords


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed quickly: here everybody signs in, and nobody guesses."""
    monkeypatch.setattr(passwords, "_hasher", CountingHasher())
