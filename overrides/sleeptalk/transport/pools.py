"""The one place that reaches into httpx: what opens the connections of an HTTP client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx


def wrap_network(client: httpx.Client | httpx.AsyncClient, wrap: Callable[[Any], Any]) -> None:
    """Replace the network backend of each of the client's connection pools, those of proxies included.

    httpcore lets a network backend be given, httpx does not pass one on. Both are pinned, and tests over real sockets
    show that it works.
    """
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # see above
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = wrap(pool._network_backend)  # noqa: SLF001  # see above
