# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml, openapi/phonexia.yaml
"""The least that sends a request: one pool of connections, a finite timeout, no key kept or shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from .request import Request

TIMEOUT = 30.0
"""Seconds that connecting, sending, or waiting for more of the answer may take each."""


class Client:
    """Sends requests to the server at `base_url`; use it in a `with` statement. `timeout` is in seconds."""

    def __init__(self, base_url: str, *, timeout: float = TIMEOUT) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = httpx.Client(timeout=timeout)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, request: Request) -> httpx.Response:
        """Send one request and read the whole answer; raises httpx.HTTPError where there is none."""
        return self._http.request(request.method, self._base_url + request.path, headers=request.headers)


class AsyncClient:
    """Sends requests to the server at `base_url`; use it in an `async with` statement. `timeout` is in seconds."""

    def __init__(self, base_url: str, *, timeout: float = TIMEOUT) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = httpx.AsyncClient(timeout=timeout)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def send(self, request: Request) -> httpx.Response:
        """Send one request and read the whole answer; raises httpx.HTTPError where there is none."""
        return await self._http.request(request.method, self._base_url + request.path, headers=request.headers)
