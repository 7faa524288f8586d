"""A client of an application, on the event loop of the test.

The framework's own test client runs the application on another loop, where the connections that the
test opened wake nobody up: now and then a request then waits for a connection until it is refused.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from litestar import Litestar


@asynccontextmanager
async def connected(app: Litestar, *, key: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Run the application's lifespan, and yield a client that sends this API key."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with (
        _living(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers) as client,
    ):
        yield client


@asynccontextmanager
async def _living(app: Litestar) -> AsyncIterator[None]:
    """Hold the lifespan open in one task: a fixture ends in another than it began in."""
    begun, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            begun.set()
            await over.wait()

    living = asyncio.create_task(live())
    await asyncio.wait(
        (living, asyncio.create_task(begun.wait())), return_when=asyncio.FIRST_COMPLETED
    )
    try:
        yield
    finally:
        over.set()
        await living
