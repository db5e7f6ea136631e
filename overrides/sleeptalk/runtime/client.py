"""What sync and async clients share: their options, and where they send."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from attrs import evolve

from sleeptalk.runtime.clock import SYSTEM_CLOCK, Clock
from sleeptalk.runtime.options import Options, server_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk.runtime.options import Secret, Server
    from sleeptalk.runtime.overrides import Overrides
    from sleeptalk_generated.operation import Call

T = TypeVar("T")


class Client:
    """The part of a client that does not send or wait. Subclasses keep their transport in `_transport`.

    A service's class sets `_overrides`; `_clock` times all calls.
    """

    _overrides: ClassVar[Overrides]
    _clock: ClassVar[Clock] = SYSTEM_CLOCK
    _server: Server
    _options: Options
    _arguments: Mapping[str, object]  # of every call
    _lent = False  # whether the connections are another client's

    def _configure(
        self,
        base_url: str,
        timeout: float,
        retries: int,
        *,
        secrets: Mapping[str, Secret] | None = None,
        arguments: Mapping[str, object] | None = None,
    ) -> None:
        """Set up the client from its constructor's arguments; raises ConfigurationError."""
        self._options = Options(timeout=timeout, retries=retries)
        self._arguments = arguments or {}
        self._server = server_at(base_url, secrets or {})

    def __repr__(self) -> str:
        if "_server" not in vars(self):  # the constructor has failed, and a debugger shows what it was about to make
            return f"<{type(self).__name__}, not configured>"
        options = self._options
        return (
            f"{type(self).__name__}(base_url={self._server.base_url!r}, "
            f"timeout={options.timeout!r}, retries={options.retries!r})"
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
        """Return a client with other options that shares this one's connections. None leaves an option as it is.

        - `timeout`: the deadline of a whole call in seconds: connecting, retries and reading included.
        - `retries`: how many further requests a call may send.
        - `body_limit`: the largest body in bytes, after decompression; 32 MiB unless changed.
        - `check_ids`: whether ids are compared with the contract before sending; True unless changed.
        - `follow_redirects`: whether redirects are followed; keys stay at the origin (scheme, host, port) either way.
          By default as the injected HTTP client does; our own does not.

        Closing the copy does nothing: the connections are this client's. Raises ConfigurationError.
        """
        given = {
            "timeout": timeout,
            "retries": retries,
            "body_limit": body_limit,
            "check_ids": check_ids,
            "follow_redirects": follow_redirects,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        twin = copy.copy(self)
        twin._options = evolve(self._options, **changes)  # noqa: SLF001  # of our own class
        twin._lent = True  # noqa: SLF001  # as above
        return twin

    def _complete(self, call: Call[T]) -> Call[T]:
        """Add the arguments that are the client's to a call."""
        return evolve(call, arguments={**call.arguments, **self._arguments}) if self._arguments else call
