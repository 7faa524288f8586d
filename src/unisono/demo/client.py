"""The client of the demo: an ordinary user of the public API, with a key and patience."""

import asyncio
from typing import TypeVar

import httpx2
import msgspec

T = TypeVar("T")

CONNECTIONS_MAX = 16
"""More would make nothing faster, and the pool looks through all of them for every request."""
TIMEOUT_SECONDS = 60
IDLE_SECONDS = 2
"""A connection that was idle for longer is not used again: the server closes it after five."""
TRIES_MAX = 60
"""How often a request is sent that is answered 503, before the demo gives up."""
_BUSY = 503
_WRONG = 400


class Refused(Exception):
    """The API said no: ``status`` and ``code`` are those of the problem document."""

    def __init__(self, *, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


class _Problem(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    detail: str


def connections(address: str) -> httpx2.AsyncClient:
    """Return the connections that all clients of the demo share."""
    return httpx2.AsyncClient(
        base_url=address,
        timeout=httpx2.Timeout(TIMEOUT_SECONDS, pool=None),
        limits=httpx2.Limits(
            max_connections=CONNECTIONS_MAX,
            max_keepalive_connections=CONNECTIONS_MAX,
            keepalive_expiry=IDLE_SECONDS,
        ),
    )


class Client:
    """Requests under one API key."""

    def __init__(self, http: httpx2.AsyncClient, key: str) -> None:
        """Send over these connections, with this key."""
        self._http = http
        self._headers = {"Authorization": f"Bearer {key}"}
        self._json_headers = {**self._headers, "Content-Type": "application/json"}

    async def get(self, path: str, kind: type[T]) -> T:
        """Return what is at an address. Raises Refused."""
        return msgspec.json.decode((await self._send("GET", path)).content, type=kind)

    async def page(self, path: str, kind: type[T]) -> tuple[T, str | None]:
        """Return a page of a listing and the address of the next one. Raises Refused."""
        answer = await self._send("GET", path)
        following = answer.links.get("next", {}).get("url")
        return msgspec.json.decode(answer.content, type=kind), following

    async def put(self, path: str, body: msgspec.Struct) -> None:
        """Put something at an address. Raises Refused."""
        await self._send("PUT", path, body)

    async def post(
        self, path: str, body: msgspec.Struct | None, kind: type[T], *, version: int | None = None
    ) -> T:
        """Send something and return the answer; ``version`` is that which was read.

        Raises Refused.
        """
        answer = await self._send("POST", path, body, version)
        return msgspec.json.decode(answer.content, type=kind)

    async def _send(
        self,
        method: str,
        path: str,
        body: msgspec.Struct | None = None,
        version: int | None = None,
    ) -> httpx2.Response:
        content = None if body is None else msgspec.json.encode(body)
        headers = self._headers if body is None else self._json_headers
        if version is not None:
            headers = {**headers, "If-Match": f'"v{version}"'}
        tries = 1
        while True:
            answer = await self._http.request(method, path, content=content, headers=headers)
            if answer.status_code != _BUSY or tries == TRIES_MAX:
                break
            tries += 1
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        if answer.status_code >= _WRONG:
            problem = msgspec.json.decode(answer.content, type=_Problem)
            raise Refused(status=answer.status_code, code=problem.code, detail=problem.detail)
        return answer
