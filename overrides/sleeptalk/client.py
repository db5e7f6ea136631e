"""What the four clients share: where they send, what they may be told, and how they are closed."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Self

from sleeptalk.errors import ConfigurationError

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from sleeptalk.transport.blocking import BlockingTransport
    from sleeptalk.transport.server import Server
    from sleeptalk.transport.settings import Secret, Settings
    from sleeptalk.transport.waiting import WaitingTransport


class Client:
    """The part of a client that neither sends nor waits. Subclasses keep their transport in `_transport`."""

    _server: Server
    _settings: Settings
    _lent = False  # whether the connections are another client's

    def _configure(self, base_url: str, secret: Secret, timeout: float, retries: int) -> None:
        from sleeptalk.transport.server import server_at  # noqa: PLC0415  # `import sleeptalk.asleep` is cheap
        from sleeptalk.transport.settings import Settings  # noqa: PLC0415  # as above

        self._settings = Settings(timeout=timeout, retries=retries)
        self._server = server_at(base_url, secret)

    def __repr__(self) -> str:
        if "_server" not in vars(self):  # the constructor has failed, and a debugger shows what it was about to make
            return f"<{type(self).__name__}, not configured>"
        settings = self._settings
        return (
            f"{type(self).__name__}(base_url={self._server.base_url!r}, "
            f"timeout={settings.timeout!r}, retries={settings.retries!r})"
        )

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retries: int | None = None,
        body_limit: int | None = None,
        check_ids: bool | None = None,
        follow_redirects: bool | None = None,
    ) -> Self:
        """Give a client with other options that shares this one's connections. None leaves an option as it is.

        - `timeout`: the deadline of a whole call in seconds: connecting, retries and reading included.
        - `retries`: how many further requests a call may send.
        - `body_limit`: the largest body in bytes, after decompression; 32 MiB unless changed.
        - `check_ids`: whether ids are compared with the contract before sending; True unless changed.
        - `follow_redirects`: whether redirects are followed; keys stay at the origin (scheme, host, port) either way.
          Unless changed, as the injected HTTP client does; our own does not.

        Closing the copy does nothing: the connections are this client's. Raises ConfigurationError.
        """
        from sleeptalk.transport.settings import Settings  # noqa: PLC0415  # as above

        now = self._settings
        twin = copy.copy(self)
        twin._settings = Settings(  # noqa: SLF001  # of our own class
            timeout=now.timeout if timeout is None else timeout,
            retries=now.retries if retries is None else retries,
            body_limit=now.body_limit if body_limit is None else body_limit,
            check_ids=now.check_ids if check_ids is None else check_ids,
            follow_redirects=now.follow_redirects if follow_redirects is None else follow_redirects,
        )
        twin._lent = True  # noqa: SLF001  # as above
        return twin


class BlockingClient(Client):
    """A client whose calls block. Use it in a `with` statement, or close it."""

    _transport: BlockingTransport

    def _connect(self, http_client: httpx.Client | None) -> None:
        from sleeptalk.transport.blocking import BlockingTransport  # noqa: PLC0415  # as above

        self._transport = BlockingTransport(self._server, http_client)

    def close(self) -> None:
        """Close the connections. An HTTP client that was injected stays open."""
        if not self._lent:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class WaitingClient(Client):
    """A client whose calls are awaited. Use it in an `async with` statement, or close it."""

    _transport: WaitingTransport

    def _connect(self, http_client: httpx.AsyncClient | None) -> None:
        from sleeptalk.transport.waiting import WaitingTransport  # noqa: PLC0415  # as above

        self._transport = WaitingTransport(self._server, http_client)

    async def close(self) -> None:
        """Close the connections. An HTTP client that was injected stays open."""
        if not self._lent:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


def required(given: str | None, argument: str, variable: str) -> str:
    """Give an argument, or the environment variable that stands in for it; raises ConfigurationError without either."""
    value = os.environ.get(variable, "") if given is None else given
    problem = unusable(value, variable)
    if problem is not None:
        raise ConfigurationError(f"{argument} {problem}.")
    return value


def hidden(given: str | None, variable: str) -> Secret:
    """Wrap a key, or what the environment has in its place, checked or not.

    It raises nothing, and its callers `del` what they were given: a traceback that shows the variables of its frames
    must not show a key.
    """
    from sleeptalk.transport.settings import Secret  # noqa: PLC0415  # as above

    return Secret(os.environ.get(variable, "") if given is None else given)


def unusable(value: object, variable: str) -> str | None:
    """Say what is wrong with a text that must be there, or give None. It does not raise: the text may be a key."""
    if not isinstance(value, str):
        return f"must be a str, not {type(value).__name__}"
    return None if value else f"is missing: pass it, or set {variable} in the environment"
