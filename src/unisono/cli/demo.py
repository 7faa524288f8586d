"""``unisono demo``: a retailer that works, to look at."""

import sys

import click
from rich.console import Console

from unisono.cli.ending import Ending
from unisono.core import logs, settings
from unisono.demo import run
from unisono.demo.story import Wanted

ORDERS_MAX = 1_000_000
PACE_MAX = 6000
SEED_MAX = 2**31 - 1


@click.command()
@click.option(
    "--orders",
    type=click.IntRange(1, ORDERS_MAX),
    default=300,
    show_default=True,
    help="Orders of the days before now, told at full speed.",
)
@click.option(
    "--pace",
    type=click.IntRange(0, PACE_MAX),
    default=30,
    show_default=True,
    help="Orders a minute from then on; 0 sells nothing more.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, SEED_MAX),
    default=1,
    show_default=True,
    help="The same number gives the same orders, stock and accidents.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port to serve on; without one, any that is free.",
)
@click.option(
    "--exit",
    "exit_when_done",
    is_flag=True,
    help="End when everything is delivered, without a live show.",
)
@click.pass_obj
def demo(
    ending: Ending, *, orders: int, pace: int, seed: int, port: int, exit_when_done: bool
) -> int:
    """Let a French retailer sell, fulfill and deliver real orders, through the public API.

    First it tells what happened in the days before, then it says how to look at it, and goes on
    live until Ctrl-C. It uses an embedded database of its own that is emptied at each start, never
    yours, and that grows by about 20 kB an order. With --exit the code is 1 when the audit finds a
    fault, an order is lost, or something was oversold.
    """
    known = settings.load(defaults=run.DEFAULTS)
    logs.configure(known)
    wanted = Wanted(orders=orders, seed=seed, port=port, pace=pace, exit_when_done=exit_when_done)
    try:
        return run.run(
            known,
            wanted,
            console=Console(file=sys.stdout),
            on_signal=ending.note,
            # What follows is short, and must come to its end.
            on_over=ending.ignore,
        )
    finally:
        ending.ignore()
