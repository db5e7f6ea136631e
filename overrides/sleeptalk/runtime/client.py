"""What sync and async clients share: their options, and where they send."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from attrs import evolve

from sleeptalk.recording import Recorder
from sleeptalk.runtime.clock import SYSTEM_CLOCK, Clock
from sleeptalk.runtime.options import Options, Secret, check_count, server_at
from sleeptalk.runtime.overrides import Overrides
from sleeptalk_generated.operation import Call

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from sleeptalk.runtime.options import Server

T = TypeVar("T")
H = TypeVar("H")


class Client(ABC, Generic[H]):
    """What a client of any service takes, whether sync or async; H is the class of the HTTP client that it sends with.

    - `base_url`: the address of the service, http or https.
    - `timeout`: the deadline of a whole call in seconds: connecting, retries and reading included. It does not run
      while the call waits for its turn, as long as the service answers the calls before it.
    - `retries`: how many further requests a call may send, after a connection error, 408, 429, 502, 503, 504 or
      one 500.
    - `http_client`: a `Client` or `AsyncClient` of httpx or httpx2 to send with; it is not closed. With one, `timeout`
      of a sync client bounds each try to connect and each read of an answer's head, not their sum. Its pools close a
      connection on which bytes are left over after an answer, as the next call would read them; a transport that is
      not the library's must do so itself. Where it has hooks for answers, it gets one more before them, for our calls
      alone.
    - `max_concurrency`: how many calls are on their way at once; others wait for their turn, first come first served.
      None stands for 50. An injected client has never more than its pool has connections, and None is one line for all
      our clients that it is given to.
    - `recorder`: a `sleeptalk.recording.Recorder`, or the path of a file, to which each request and its answer is
      added for `sleeptalk judge`. A file that is named is closed with the client.
    - `secrets`: the headers that carry keys, by their lower-case names.
    - `arguments`: of every call, by the names of their parameters in Python.

    Raises ConfigurationError. A generated client needs no more than this and the methods of its document:
    `class Kettle(SyncClient, KettleMethods)`. What else is to be other than generated is in `_overrides`.
    """

    _overrides: ClassVar[Overrides] = Overrides()
    _clock: ClassVar[Clock] = SYSTEM_CLOCK
    _server: Server
    _lent = False  # whether the connections are another client's

    def __init__(
        self,
        base_url: str | Secret,
        *,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: H | None = None,
        max_concurrency: int | None = None,
        recorder: Recorder | str | os.PathLike[str] | None = None,
        secrets: Mapping[str, Secret] | None = None,
        arguments: Mapping[str, object] | None = None,
    ) -> None:
        address = base_url if isinstance(base_url, Secret) else Secret(base_url)
        del base_url  # it may hold a password, which the traceback of an error below would show
        options = Options(timeout=timeout, retries=retries)
        self._arguments = arguments or {}
        self._server = server_at(address, secrets or {})
        if max_concurrency is not None:
            check_count("max_concurrency", max_concurrency)
        self._recorder = None if isinstance(recorder, Recorder) else Recorder.of(recorder)  # of our own, to be closed
        self._options = evolve(options, recorder=recorder if isinstance(recorder, Recorder) else self._recorder)
        self._connect(http_client, max_concurrency)

    @abstractmethod
    def _connect(self, http_client: H | None, turns: int | None) -> None:
        """Make the transport, over an HTTP client of the caller's or one of our own."""

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

        - `timeout`, `retries`: as for the constructor.
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

    def _close_recorder(self) -> None:
        if self._recorder is not None:
            self._recorder.close()

    def _complete(self, call: Call[T]) -> Call[T]:
        """Add the arguments that are the client's to a call."""
        if not self._arguments:
            return call
        return Call(operation=call.operation, arguments={**self._arguments, **call.arguments}, body=call.body)
