"""The one place that reaches into httpx and httpcore: the connections of an HTTP client.

Both are pinned, and tests over real sockets show that it works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx


def wrap_network(client: httpx.Client | httpx.AsyncClient, wrap: Callable[[Any], Any]) -> None:
    """Replace the network backend of each of the client's connection pools, those of proxies included.

    httpcore lets a network backend be given, httpx does not pass one on.
    """
    for pool in _pools(client):
        pool._network_backend = wrap(pool._network_backend)  # noqa: SLF001  # see above


async def drop_lost(client: httpx.AsyncClient) -> None:
    """Close the connections that no request uses and none can be given.

    httpcore keeps one for ever where a request is cancelled between connecting and sending.
    """
    for pool in _pools(client):
        if not isinstance(pool, httpcore.AsyncConnectionPool):
            continue
        used = [request.connection for request in pool._requests]  # noqa: SLF001  # see above
        lost = [
            connection
            for connection in pool.connections
            if connection not in used
            and not (connection.is_available() or connection.is_idle() or connection.is_closed())
        ]
        for connection in lost:
            pool._connections.remove(connection)  # noqa: SLF001  # see above
        if lost:  # a request may wait for the place of one of them
            closing = pool._assign_requests_to_connections()  # noqa: SLF001  # see above
            await pool._close_connections(lost + closing)  # noqa: SLF001  # see above


def _pools(client: httpx.Client | httpx.AsyncClient) -> Iterator[Any]:
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # see above
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            yield pool
