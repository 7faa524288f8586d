"""Chance: repeatable by seed and circumstances, evenly spread, and of nothing else."""

from unisono.demo.chance import chance


def test_the_same_circumstances_decide_the_same() -> None:
    assert chance(1, "WEB-000001", "cancels") == chance(1, "WEB-000001", "cancels")
    assert len({chance(1, "a", 1), chance(2, "a", 1), chance(1, "b", 1), chance(1, "a", 2)}) == 4


def test_circumstances_are_kept_apart() -> None:
    assert chance(1, "ab", "c") != chance(1, "a", "bc")


def test_every_share_of_the_numbers_is_met_as_often_as_it_says() -> None:
    numbers = [chance(7, n) for n in range(10_000)]
    assert 0 <= min(numbers) < 0.01
    assert 0.99 < max(numbers) < 1
    assert 1900 < sum(number < 0.2 for number in numbers) < 2100
