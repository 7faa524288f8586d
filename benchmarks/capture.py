"""Capturing orders over HTTP, beside pgbench writing the same rows on the same server.

    python -m benchmarks.capture --json

Every order has two lines, is decided over 40 locations and written durably. Each round measures,
one after the other, unisono, one SQL transaction per order and one stored procedure call per order:
on 1,000 SKUs, and with all orders on one SKU at one place. The figures are medians of the rounds,
so that what else the machine does falls on all of them alike.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from benchmarks import shop
from benchmarks.serving import serving
from unisono.core import embedded, migrate
from unisono.core.embedded import ServerSettings

SQL = Path(__file__).with_name("sql")
CLIENTS = 8
"""Connections of pgbench; more only wait for each other on two cores."""


def main() -> None:
    """Set up, measure, print."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="unisono-bench-") as folder,
        embedded.start(
            Path(folder) / "data", owner_note="a benchmark", settings=ServerSettings()
        ) as server,
    ):
        migrate.migrate(server.url)
        key = asyncio.run(shop.open_shop(server.url))
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute((SQL / "procedure.sql").read_bytes())
            connection.execute(b"VACUUM ANALYZE")
        with serving(server.url, "--no-workers", "--processes", str(options.processes)) as port:
            rounds = [_round(server.url, key, port, options) for _ in range(options.rounds)]
        figures = {name: median(each[name] for each in rounds) for name in rounds[0]}
        figures["oversold"] = _oversold(server.url)
    figures["processes"] = options.processes
    if not options.json:
        for name, figure in figures.items():
            print(f"{name:>28}  {figure:,}")
    print(json.dumps(figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--seconds", type=float, default=5, help="length of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=256, help="buyers at the same time")
    parser.add_argument("--processes", type=int, default=1, help="of the API")
    return parser.parse_args()


def _round(url: str, key: str, port: int, options: argparse.Namespace) -> dict[str, float]:
    """Measure everything once, one after the other."""
    mixed = [shop.sku_code(n) for n in range(shop.SKUS)]
    job = {"host": "127.0.0.1", "port": port, "key": key, "seconds": options.seconds}
    many = {**job, "connections": options.connections}
    ours = _load({**many, "skus": mixed})
    sql = _pgbench(url, "transaction.sql", shop.SKUS, shop.LOCATIONS, options.seconds)
    procedure = _pgbench(url, "call.sql", shop.SKUS, shop.LOCATIONS, options.seconds)
    hot = _load({**many, "skus": mixed[:1]})
    hot_sql = _pgbench(url, "transaction.sql", 1, 1, options.seconds)
    hot_procedure = _pgbench(url, "call.sql", 1, 1, options.seconds)
    few = _load({**job, "connections": CLIENTS, "skus": mixed})
    return {
        "orders_per_s": ours["orders_per_s"],
        "hot_orders_per_s": hot["orders_per_s"],
        "p50_ms": few["p50_ms"],
        "p99_ms": few["p99_ms"],
        "loaded_p50_ms": ours["p50_ms"],
        "loaded_p99_ms": ours["p99_ms"],
        "sql_transaction_per_s": sql,
        "sql_procedure_per_s": procedure,
        "hot_sql_transaction_per_s": hot_sql,
        "hot_sql_procedure_per_s": hot_procedure,
        "ratio": round(ours["orders_per_s"] / sql, 2),
        "hot_ratio": round(hot["orders_per_s"] / hot_sql, 2),
    }


def _load(job: dict[str, Any]) -> dict[str, Any]:
    """Run a load in a process of its own; refuse a result with other answers than 201."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
        timeout=job["seconds"] + 120,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    if set(result["statuses"]) != {"201"}:
        message = f"the load met other answers: {result['statuses']}"
        raise RuntimeError(message)
    return result


def _pgbench(url: str, script: str, skus: int, locations: int, seconds: float) -> float:
    """Return the orders per second of pgbench with a script."""
    command = [
        str(embedded.binaries() / "pgbench"),
        *("--no-vacuum", "--protocol=prepared", f"--file={SQL / script}"),
        *(f"--define=skus={skus}", f"--define=locations={locations}"),
        *(f"--client={CLIENTS}", "--jobs=1", f"--time={max(1, round(seconds))}", url),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        message = f"pgbench did not say its rate: {done.stdout}"
        raise RuntimeError(message)
    return round(float(found[1]), 1)


def _oversold(url: str) -> int:
    """Return the units that are committed beyond what is there, over all levels."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            b"SELECT coalesce(sum(greatest(0, committed - on_hand)), 0) FROM inventory.stock_level"
        ).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
