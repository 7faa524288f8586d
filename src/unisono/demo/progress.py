"""Progress on whatever the output is: moving bars on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

LINE_SECONDS = 5.0
STATUS_SECONDS = 60.0


class Shown(Protocol):
    """Whatever shows how far the demo is."""

    def __call__(self, *, answered: int, finished: int) -> None:
        """Show how many orders have their answer, and how many have come to their end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The live show after so many seconds: orders so far, and what is under way."""

    seconds: float
    captured: int
    refused: int
    open_work: int
    on_the_way: int

    def __str__(self) -> str:
        """Return everything in a line."""
        minutes, seconds = divmod(int(self.seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return (
            f"{hours:02d}:{minutes:02d}:{seconds:02d}  {self.captured} orders, "
            f"{self.refused} refused; {self.open_work} pieces of work are open, "
            f"{self.on_the_way} parcels on their way"
        )


Watched = Callable[[Figures], None]


@contextmanager
def shown(console: Console, *, orders: int) -> Iterator[Shown]:
    """Give what shows the progress of so many orders."""
    if not console.is_terminal:
        yield _lines(console, orders)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        captured = progress.add_task("orders answered", total=orders)
        ended = progress.add_task("orders finished", total=orders)

        def move(*, answered: int, finished: int) -> None:
            progress.update(captured, completed=answered)
            progress.update(ended, completed=finished)

        yield move


@contextmanager
def status(console: Console) -> Iterator[Watched]:
    """Give what shows the live show: one line that is written again, or a line now and then."""
    if not console.is_terminal:
        yield _seldom(console)
        return
    with Live(console=console, refresh_per_second=2, transient=True) as live:
        yield lambda figures: live.update(Text(str(figures), style="dim", no_wrap=True))


def _seldom(console: Console) -> Watched:
    told = 0.0

    def tell(figures: Figures) -> None:
        nonlocal told
        if figures.seconds - told >= STATUS_SECONDS:
            told = figures.seconds
            console.print(str(figures), highlight=False, soft_wrap=True)

    return tell


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
