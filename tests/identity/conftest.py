import pytest

from tests.identity.staff import CountingHasher
from unisono.identity import passwords


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Passwords are hashed quickly, and counted."""
    quick = CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", quick)
    return quick
