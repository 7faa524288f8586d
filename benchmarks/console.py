"""How fast pages answer with a long history: the 95th percentile of each, as a browser sees it.

    python -m benchmarks.console --json

The demo sells and delivers some hundred orders, ``history`` makes a hundred thousand of them, and
``unisono serve`` runs on that with its workers, in one process. Then every page is asked for in
random order, of random orders, SKUs, locations and words, one request after the other, and once
more by BUSY people at the same time. A figure is the best of several rounds, because what else the
machine does can only make a page slower. The exit code is 1 when a page is over the limit.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks import history, pages
from benchmarks.serving import serving
from unisono.core import embedded
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.demo import run as demo
from unisono.identity import people, sessions
from unisono.tracking import links

LIMIT_MS = 100
SEED = 1
DEMO_ORDERS = 300
DEMO_SECONDS_MAX = 600
BUSY = 8
"""People who look at pages at the same time."""
STATEMENT_SECONDS_MAX = 600
"""Audits of everything take longer than a request may."""
LANGUAGES = ("en", "fr")

_OK = frozenset((200, 303))


Asked = tuple[str, str]
"""A page by its name, and one of its addresses."""

Latencies = Mapping[str, Sequence[float]]
"""By page, in milliseconds."""


def percentile(latencies: Sequence[float], share: float) -> float:
    """Return the smallest latency that at least ``share`` of them do not exceed."""
    return sorted(latencies)[max(0, ceil(share * len(latencies)) - 1)]


def best(rounds: Sequence[Latencies], share: float) -> dict[str, float]:
    """Return for each page the percentile of its best round."""
    return {
        page: round(min(percentile(each[page], share) for each in rounds), 1)
        for page in sorted(rounds[0])
    }


def main() -> None:
    """Set up, measure, print."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="unisono-bench-") as folder:
        settings = Settings(data_directory=Path(folder) / "own")
        _play_demo(settings)
        with embedded.start(demo.data_directory(settings), owner_note="a benchmark") as server:
            url = urlsplit(server.url)._replace(path=f"/{demo.DATABASE}").geturl()
            session, tracking_key = asyncio.run(_prepare(url, options.orders))
            figures = measured(
                url,
                session=session,
                tracking_key=tracking_key,
                requests=options.requests,
                rounds=options.rounds,
            )
    if not options.json:
        for page, p95_ms in figures["p95_ms"].items():
            print(f"{page:>22}  {p95_ms:7,}  {figures['p95_ms_busy'][page]:7,}")
    print(json.dumps(figures))
    if over := sorted(page for page, ms in figures["p95_ms"].items() if ms > LIMIT_MS):
        print(f"over {LIMIT_MS} ms: {', '.join(over)}", file=sys.stderr)
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=200, help="of each page, in all rounds")
    parser.add_argument("--rounds", type=int, default=4)
    return parser.parse_args()


def _play_demo(settings: Settings) -> None:
    """Let the demo tell its past and end it when it would go on live.

    Raises RuntimeError when it does not come that far, or finds something wrong.
    """
    command = [sys.executable, "-m", "unisono", "demo", "--pace", "0", "--seed", str(SEED)]
    process = subprocess.Popen(
        [*command, "--orders", str(DEMO_ORDERS)],
        env={**os.environ, "UNISONO_DATA_DIRECTORY": str(settings.data_directory)},
        stdout=subprocess.PIPE,
        text=True,
    )
    watch = threading.Timer(DEMO_SECONDS_MAX, process.kill)
    watch.start()
    try:
        if not _goes_live(process.stdout or ()):
            message = "the demo did not tell its past to the end"
            raise RuntimeError(message)
        process.send_signal(signal.SIGINT)
        process.communicate()
    finally:
        watch.cancel()
        process.kill()
        process.wait()


def _goes_live(lines: Iterable[str]) -> bool:
    """Show what the demo says until it greets its visitor; return whether it came to that."""
    greets = False
    for line in lines:
        if line.startswith("wrong"):
            print(line, end="", file=sys.stderr)
            return False
        greets = greets or not line.strip()
        if not greets:
            print(line, end="", file=sys.stderr)
        if "Ctrl-C" in line:
            return True
    return False


async def _prepare(url: str, orders: int) -> tuple[str, bytes]:
    """Make the history and somebody who may see everything; return session and tracking key."""
    settings = replace(Settings(), statement_timeout_seconds=STATEMENT_SECONDS_MAX)
    database = Database(settings, url=url)
    await database.open()
    try:
        await history.settle(database)
        await history.tell(database, orders=orders, seed=SEED)
        email, password = "benchmark@shop.example", os.urandom(16).hex()
        async with database.transaction() as db:
            await people.add(
                db, email=email, name="Ada Benchmark", password=password, role="administrator"
            )
        session = await sessions.sign_in(database, email=email, password=password)
        return session.token, await links.key(database)
    finally:
        await database.close()


def measured(
    url: str, *, session: str, tracking_key: bytes, requests: int, rounds: int
) -> dict[str, Any]:
    """Serve the database and return what its pages took, with what there is in it."""
    with psycopg.connect(url) as connection:
        counted = pages.counted(connection)
        known = pages.addresses(connection, tracking_key=tracking_key, seed=SEED)
    each = max(1, requests // rounds)
    chance = random.Random(SEED)
    before = os.getloadavg()[0]
    with serving(url) as port:

        def ask(people_at_once: int) -> Latencies:
            return _asked(_drawn(known, each, chance), port, session, people_at_once)

        # The first requests of a connection plan their queries, and read from the disk.
        _say("warming up", ask(BUSY))
        alone, busy = [], []
        for n in range(rounds):
            alone.append(ask(1))
            busy.append(ask(BUSY))
            _say(f"round {n + 1} of {rounds}", alone[-1])
    return {
        **counted,
        "p95_ms": best(alone, 0.95),
        "p50_ms": best(alone, 0.5),
        "p95_ms_busy": best(busy, 0.95),
        "p50_ms_busy": best(busy, 0.5),
        "busy": BUSY,
        "limit_ms": LIMIT_MS,
        "processes": 1,
        "requests": each * rounds,
        "load_before": round(before, 1),
        "load_after": round(os.getloadavg()[0], 1),
    }


def _drawn(
    known: Mapping[str, Sequence[str]], each: int, chance: random.Random
) -> list[tuple[Asked, str]]:
    """Return so many addresses of each page with a language, in random order."""
    drawn = [
        ((page, chance.choice(found)), chance.choice(LANGUAGES))
        for page, found in known.items()
        for _ in range(each)
    ]
    chance.shuffle(drawn)
    return drawn


def _asked(
    wanted: Sequence[tuple[Asked, str]], port: int, session: str, people_at_once: int
) -> Latencies:
    """Ask for all of them, so many people at the same time, each with a connection of their own."""
    shares = [wanted[n::people_at_once] for n in range(people_at_once)]
    latencies: defaultdict[str, list[float]] = defaultdict(list)
    with ThreadPoolExecutor(people_at_once) as everybody:
        for found in everybody.map(lambda share: _visit(share, port, session), shares):
            for page, took_ms in found:
                latencies[page].append(took_ms)
    return latencies


def _visit(wanted: Iterable[tuple[Asked, str]], port: int, session: str) -> list[tuple[str, float]]:
    """Ask for one page after the other, on one connection as a browser keeps it.

    Raises RuntimeError for anything but a page.
    """
    latencies = []
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        for (page, path), language in wanted:
            headers = {
                "Cookie": f"session={session}; language={language}",
                "Accept-Encoding": "gzip",
            }
            began = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            latencies.append((page, 1000 * (time.perf_counter() - began)))
            if answer.status not in _OK:
                message = f"{path} was answered with {answer.status}"
                raise RuntimeError(message)
    finally:
        connection.close()
    return latencies


def _say(what: str, latencies: Latencies) -> None:
    slowest = sorted(
        ((percentile(found, 0.95), page) for page, found in latencies.items()), reverse=True
    )
    shown = ", ".join(f"{page} {took_ms:.0f}" for took_ms, page in slowest[:5])
    print(f"{what}: slowest at p95, in ms: {shown}", file=sys.stderr)


if __name__ == "__main__":
    main()
