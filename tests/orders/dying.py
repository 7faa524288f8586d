"""A process that captures orders and is killed at every possible moment, one after the other.

``python -m tests.orders.dying URL WAY`` forks a process for n = 1, 2, ...: it captures the orders
of n and ends at once, without any cleaning up, before its nth statement (WAY ``statement``) or
after it sent its nth trip and before it heard the answer (``answer``). For each it tells ``killed``
or ``done`` and waits for a line before it goes on; it ends after the first that was done.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, cast

import psycopg

from tests.orders.shop import collected, order
from unisono.core import database as databases
from unisono.core import trips
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.core.trips import Leg
from unisono.orders.capture import capture
from unisono.orders.entries import Captured
from unisono.orders.new_order import NewOrder

NAME = "unisono that dies"
KILLED = 9
FAILED = 3


def orders(n: int) -> list[NewOrder]:
    """One order for each look of a capture: as usual, sold already but short, out of a till."""
    return [
        order(f"WEB-{n}", ("CUP", 2), ("LAMP", 1), ("CUP", 1)),
        order(f"MARKET-{n}", ("CUP", 1), ("CHAIR", 1), channel="market"),
        collected(
            f"TILL-{n}", ("CUP", 1), location="S-LILLE", delivery_option="in_store", channel="till"
        ),
    ]


def _die_at(n: int) -> Callable[[], None]:
    left = n

    def step() -> None:
        nonlocal left
        left -= 1
        if not left:
            os._exit(KILLED)

    return step


def _arm(way: str, n: int) -> None:
    step = _die_at(n)
    travel = trips.travel
    receive = trips._receive

    async def one_by_one(connection: psycopg.AsyncConnection[Any], legs: Sequence[Leg]) -> None:
        for leg in legs:
            step()
            await travel(connection, [leg])

    async def unheard(*arguments: Any) -> Exception | None:  # noqa: ANN401 - those of the original
        step()
        return await receive(*arguments)

    if way == "statement":
        vars(databases)["travel"] = one_by_one
    else:
        vars(trips)["_receive"] = unheard


async def _capture(url: str, way: str, n: int) -> int:
    database = Database(Settings(database_writers=1, database_readers=1), url=url)
    for pool in (database._writers, database._readers):
        cast("dict[str, Any]", pool.kwargs)["application_name"] = NAME
    await database.open()
    _arm(way, n)
    answers = await capture(database, orders(n))
    return 0 if all(isinstance(answer, Captured) for answer in answers) else FAILED


def main(url: str, way: str) -> None:
    """Fork one process after the other, each to be killed a little later."""
    n, code = 0, KILLED
    while code == KILLED:
        n += 1
        child = os.fork()
        if not child:
            os._exit(asyncio.run(_capture(url, way, n)))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = {KILLED: "killed", 0: "done"}.get(code, f"failed {code}")
        sys.stdout.write(said + "\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
