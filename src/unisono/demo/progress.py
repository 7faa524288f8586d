"""Progress on whatever the output is: moving bars on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LINE_SECONDS = 5.0


class Shown(Protocol):
    """Whatever shows how far the demo is."""

    def __call__(self, *, answered: int, finished: int) -> None:
        """Show how many orders have their answer, and how many have come to their end."""


@contextmanager
def shown(console: Console, *, orders: int) -> Iterator[Shown]:
    """Give what shows the progress of so many orders."""
    if not console.is_terminal:
        yield _lines(console, orders)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        captured = progress.add_task("orders answered", total=orders)
        ended = progress.add_task("orders finished", total=orders)

        def move(*, answered: int, finished: int) -> None:
            progress.update(captured, completed=answered)
            progress.update(ended, completed=finished)

        yield move


def _lines(console: Console, orders: int) -> Shown:
    began = told = time.monotonic()

    def tell(*, answered: int, finished: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= LINE_SECONDS:
            told = now
            console.print(
                f"{now - began:4.0f} s: of {orders} orders {answered} are answered, "
                f"{finished} are finished",
                highlight=False,
            )

    return tell
