"""A small HTTP load: so many connections, each with one request under way, for so many seconds.

It is its own process with as little work per request as it can have, because it shares the cores
with what it measures.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import uvloop

from unisono.core import ids

_BUYER = (
    '"customer":{"name":"Zoé Martin","email":"zoe@example.org"},'
    '"destination":{"name":"Zoé Martin","street":"1 rue Bât","postal_code":"69001","city":"Lyon",'
    '"country":"FR"}'
)


@dataclass(slots=True, kw_only=True)
class Result:
    """What a load saw: answers by status, and every latency in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies_seconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def percentile_ms(self, share: float) -> float:
        """Return the latency that ``share`` of the requests stayed below, in milliseconds."""
        ordered = sorted(self.latencies_seconds)
        return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    @property
    def per_second(self) -> float:
        """Return the answers with status 201 per second."""
        return round(self.statuses[201] / self.seconds, 1)


class _Connection(asyncio.Protocol):
    """One connection: sends the next request as soon as the answer to the last one is whole."""

    def __init__(self, next_request: Callable[[], bytes], result: Result, until: float) -> None:
        self._next_request = next_request
        self._result = result
        self._until = until
        self._sent_at = 0.0
        self._received = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A uvloop transport is a transport without being a subclass.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._next_request())

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            self._received = received
            return
        length_at = received.find(b"content-length: ", 0, head) + 16
        length = int(received[length_at : received.find(b"\r\n", length_at)])
        if len(received) < head + 4 + length:
            self._received = received
            return
        self._received = b""
        now = time.perf_counter()
        self._result.statuses[int(received[9:12])] += 1
        self._result.latencies_seconds.append(now - self._sent_at)
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio gives it
        if not self.done.done():
            self.done.set_result(None)


def order_request(host: str, key: str, body: bytes) -> bytes:
    """Return the bytes of one POST of an order."""
    head = (
        f"POST /v1/orders HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run(
    host: str, port: int, *, connections: int, seconds: float, next_request: Callable[[], bytes]
) -> Result:
    """Load a server and return what was seen; ends by itself after ``seconds``."""
    result = Result()
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        await loop.create_connection(
            lambda: _Connection(next_request, result, began + seconds), host, port
        )
        for _ in range(connections)
    ]
    await asyncio.wait_for(
        asyncio.gather(*(protocol.done for _, protocol in made)), timeout=seconds + 30
    )
    result.seconds = time.perf_counter() - began
    return result


def orders_of(job: dict[str, object]) -> Callable[[], bytes]:
    """Return what makes the next order of a load: two lines drawn from the job's SKUs."""
    run_id = str(ids.uuid7())
    skus = job["skus"]
    assert isinstance(skus, list)  # noqa: S101 - the job is made by this benchmark
    key = str(job["key"])
    host = f"{job['host']}:{job['port']}"
    count = 0

    def next_request() -> bytes:
        nonlocal count
        count += 1
        first = skus[count * 7919 % len(skus)]
        second = skus[(count * 104_729 + 1) % len(skus)]
        body = (
            f'{{"channel":"web","reference":"{run_id}-{count}","currency":"EUR",'
            f'"delivery_option":"home_standard",{_BUYER},"lines":['
            f'{{"sku":"{first}","quantity":1,"unit_price":"10.00"}},'
            f'{{"sku":"{second}","quantity":1,"unit_price":"12.50"}}],"delivery_price":"4.90"}}'
        )
        return order_request(host, key, body.encode())

    return next_request


def main() -> None:
    """Run the job given as JSON on standard input; print the result as JSON."""
    job = json.loads(sys.stdin.read())
    result = uvloop.run(
        run(
            job["host"],
            job["port"],
            connections=job["connections"],
            seconds=job["seconds"],
            next_request=orders_of(job),
        )
    )
    shown = {
        "orders_per_s": result.per_second,
        "p50_ms": result.percentile_ms(0.5),
        "p99_ms": result.percentile_ms(0.99),
        "statuses": dict(result.statuses),
    }
    print(json.dumps(shown))


if __name__ == "__main__":
    main()
