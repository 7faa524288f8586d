"""The gatherer: a bounded queue, decided together, each request with an answer of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from unisono.core.batching import Gatherer
from unisono.core.errors import Overloaded


class Decider:
    """A use case that doubles numbers; it waits at the gate, and remembers what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()

    async def decide(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        await self.gate.wait()
        return [ValueError(f"{number} is odd") if number % 2 else number * 2 for number in numbers]


@pytest.fixture
def decider() -> Decider:
    return Decider()


@pytest.fixture
def gatherer(decider: Decider) -> Gatherer[int, int]:
    return Gatherer(decider.decide, batch_max=3, queue_max=5, wait_seconds=60)


async def test_a_lone_request_does_not_wait_for_company(
    gatherer: Gatherer[int, int], decider: Decider
) -> None:
    decider.gate.set()
    gatherer.start()
    assert await gatherer.submit(2) == 4
    assert await gatherer.submit(4) == 8
    assert decider.batches == [[2], [4]]
    await gatherer.close()


async def test_what_waits_is_decided_together_in_order_and_in_bounded_batches(
    gatherer: Gatherer[int, int], decider: Decider
) -> None:
    gatherer.start()
    first = gatherer.submit(0)
    await asyncio.sleep(0)
    rest = [gatherer.submit(number) for number in (2, 4, 6, 8)]
    assert gatherer.waiting == 4
    decider.gate.set()
    assert await asyncio.gather(first, *rest) == [0, 4, 8, 12, 16]
    assert decider.batches == [[0], [2, 4, 6], [8]]
    await gatherer.close()


async def test_more_than_the_queue_holds_is_turned_away_at_once(
    gatherer: Gatherer[int, int], decider: Decider
) -> None:
    waiting = [gatherer.submit(2 * number) for number in range(5)]
    with pytest.raises(Overloaded):
        _ = gatherer.submit(10)
    assert gatherer.waiting == 5
    decider.gate.set()
    gatherer.start()
    assert await asyncio.gather(*waiting) == [0, 4, 8, 12, 16]
    assert await gatherer.submit(10) == 20
    await gatherer.close()
    assert [number for batch in decider.batches for number in batch] == [0, 2, 4, 6, 8, 10]


async def test_an_exception_reaches_only_the_request_that_it_belongs_to(
    gatherer: Gatherer[int, int], decider: Decider
) -> None:
    answers = [gatherer.submit(number) for number in (2, 3, 4)]
    decider.gate.set()
    gatherer.start()
    even, odd, other = await asyncio.gather(*answers, return_exceptions=True)
    assert (even, other) == (4, 8)
    assert isinstance(odd, ValueError)
    assert str(odd) == "3 is odd"
    await gatherer.close()


async def test_an_exception_of_the_whole_batch_reaches_all_of_it_and_no_other() -> None:
    async def decide(numbers: Sequence[int]) -> list[int | Exception]:
        if 13 in numbers:
            message = "the database is gone"
            raise ConnectionError(message)
        return list(numbers)

    gatherer: Gatherer[int, int] = Gatherer(decide, batch_max=2, queue_max=9, wait_seconds=60)
    answers = [gatherer.submit(number) for number in (1, 13, 2)]
    gatherer.start()
    first, second, third = await asyncio.gather(*answers, return_exceptions=True)
    assert isinstance(first, ConnectionError)
    assert isinstance(second, ConnectionError)
    assert third == 2
    await gatherer.close()


async def test_a_request_that_nobody_waits_for_any_more_does_not_disturb_the_others(
    gatherer: Gatherer[int, int], decider: Decider
) -> None:
    gone, kept = gatherer.submit(2), gatherer.submit(4)
    gatherer.start()
    await asyncio.sleep(0)
    gone.cancel()
    decider.gate.set()
    assert await kept == 8
    assert await gatherer.submit(6) == 12
    await gatherer.close()


async def test_closing_decides_what_waits_and_takes_nothing_more(
    gatherer: Gatherer[int, int], decider: Decider
) -> None:
    gatherer.start()
    answers = [gatherer.submit(number) for number in (2, 4, 6, 8)]
    closing = asyncio.create_task(gatherer.close())
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        _ = gatherer.submit(10)
    decider.gate.set()
    await closing
    assert [answer.result() for answer in answers] == [4, 8, 12, 16]
    assert decider.batches == [[2, 4, 6], [8]]


async def test_a_gatherer_that_was_never_used_closes_at_once(
    gatherer: Gatherer[int, int], decider: Decider
) -> None:
    gatherer.start()
    await gatherer.close()
    assert decider.batches == []


async def test_what_waited_too_long_is_never_decided(decider: Decider) -> None:
    impatient: Gatherer[int, int] = Gatherer(
        decider.decide, batch_max=3, queue_max=5, wait_seconds=0
    )
    decider.gate.set()
    answer = impatient.submit(1)
    await asyncio.sleep(0.01)
    impatient.start()
    with pytest.raises(Overloaded):
        await answer
    await impatient.close()
    assert decider.batches == []


async def test_a_use_case_that_loses_answers_fails_its_batch_and_no_other() -> None:
    async def decide(numbers: Sequence[int]) -> list[int | Exception]:
        return [] if 13 in numbers else list(numbers)

    forgetful: Gatherer[int, int] = Gatherer(decide, batch_max=1, queue_max=5, wait_seconds=60)
    forgetful.start()
    lost, answered = forgetful.submit(13), forgetful.submit(2)
    with pytest.raises(ValueError, match="zip"):
        await lost
    assert await answered == 2
    await forgetful.close()
