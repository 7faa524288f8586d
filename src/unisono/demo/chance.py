"""Chance that is repeatable: the same seed and the same circumstances decide the same.

What happens to an order must not depend on who else was served before, as it would if all drew from
one series of numbers.
"""

import hashlib

_BYTES = 8


def chance(seed: int, *circumstances: object) -> float:
    """Return a number from 0 (included) to 1 (not included)."""
    text = "\x1f".join(map(str, (seed, *circumstances)))
    digest = hashlib.blake2b(text.encode(), digest_size=_BYTES).digest()
    # Of 64 bits only 53 fit a float below 1.
    return (int.from_bytes(digest) >> 11) / 2**53
