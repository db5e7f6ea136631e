"""The ASGI application that answers a callback once it is stored, and starts the worker that handles it."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
import json
import logging
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import anyio.to_thread

from sleeptalk.callback.durable.delivery import ATTEMPTS, Accepted, Work
from sleeptalk.callback.durable.handling import Runner, checked_handler, place_of
from sleeptalk.callback.durable.stores import DEFAULT, store_at
from sleeptalk.callback.keys import accepted_keys
from sleeptalk.callback.receiver import BODY_LIMIT, BODY_TIMEOUT, Receiver, RefusalError, check_bounds, respond
from sleeptalk.errors import ConfigurationError, StoreUnavailable
from sleeptalk.recording import Recorder

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Callable, Iterable

    from sleeptalk.callback.durable.delivery import Counts, Queue
    from sleeptalk.callback.durable.handling import DeliveryHandler
    from sleeptalk.callback.durable.stores import Store, Worker
    from sleeptalk.callback.events import Callback
    from sleeptalk.callback.keys import AcceptedKeys
    from sleeptalk.callback.receiver import Receive, Scope, Send

    Metrics: TypeAlias = Callable[[Counts], object]

ANSWER_SECONDS: Final = 4.0
"""How long a callback may take to be stored: less than its sender waits."""
RETRY_AFTER: Final = b"5"
RESTART_PAUSE: Final = 1.0
METRICS_PERIOD: Final = 15.0
CONCURRENCY: Final = 4
KEEP_BODIES: Final = dt.timedelta(days=7)
KEEP_IDENTITIES: Final = dt.timedelta(days=30)

logger = logging.getLogger("sleeptalk")


def inbox(
    handler: DeliveryHandler,
    store: str | Queue = DEFAULT,
    *,
    api_key: str | Iterable[str] | None = None,
    concurrency: int = CONCURRENCY,
    attempts: int = ATTEMPTS,
    keep_bodies: dt.timedelta = KEEP_BODIES,
    keep_identities: dt.timedelta = KEEP_IDENTITIES,
    work: bool = True,
    metrics: Metrics | None = None,
    health: str | None = "/health",
    body_limit: int = BODY_LIMIT,
    body_timeout: float = BODY_TIMEOUT,
    recorder: Recorder | str | os.PathLike[str] | None = None,
) -> Inbox:
    """Make an ASGI application that stores each callback, answers it, and then hands it to `handler`.

    - `handler(callback, delivery)`: the callback as `asgi` gives it, and its Delivery. A plain function runs in a
      thread, an async one on the event loop. One that raises is tried again after 1, 2, 4 and so on seconds, at most
      an hour.
    - `store`: where callbacks are kept: `sqlite:///callbacks.db`, a file for one machine, or `postgresql://...` for
      several (the extra `postgres`); or an object with the one method of `Queue`, which then does the handling, too.
    - `api_key`: the key to accept, or several. None reads SLEEPTALK_CALLBACK_KEY.
    - `concurrency`: how many sessions are handled at once. Within a session, one callback is handled after another.
    - `attempts`: after how many a callback is dead, and the next one of its session is handled.
    - `keep_bodies`, `keep_identities`: for how long after it was done a callback's body is kept, and how long a
      redelivery is known as one.
    - `work`: False only accepts; `sleeptalk inbox work MODULE:NAME` handles then, in a process of its own.
    - `metrics`: called every 15 s by the process that works, with the Counts.
    - `health`: a GET on a path that ends so is answered with the counts as JSON, or 503; None switches that off.
    - `body_limit`, `body_timeout`, `recorder`: as for `asgi`; the first two in bytes and seconds.

    It answers 204 once the callback is committed to the store, also when it is known already; 503 with retry-after
    where it is not; and refuses as `asgi` does. A callback is handled at least once, and again only where an attempt
    failed or its process ended. What the handler writes through `delivery.connection` is there exactly once.

    It needs asyncio. The worker starts with the application's lifespan. Under Starlette or FastAPI, which give theirs
    to no mounted application, pass it on: `Starlette(routes=[...], lifespan=receiver.lifespan)`. Without that it starts
    with the first request, and stops without waiting for what runs.

    Raises ConfigurationError at once for arguments that could not work.
    """
    accepted = accepted_keys(api_key)
    del api_key  # a traceback that shows the variables of its frames would have it
    check_bounds(body_limit, body_timeout)
    for name, number in (("concurrency", concurrency), ("attempts", attempts)):
        if type(number) is not int or number < 1:
            raise ConfigurationError(f"{name} must be a whole number, at least 1.")
    for name, time in (("keep_bodies", keep_bodies), ("keep_identities", keep_identities)):
        if not isinstance(time, dt.timedelta) or time < dt.timedelta(0):
            raise ConfigurationError(f"{name} must be a datetime.timedelta, not a negative one.")
    if keep_identities < keep_bodies:
        raise ConfigurationError("keep_identities must be at least as long as keep_bodies.")
    office = None
    if isinstance(store, str):
        runs = Work(attempts, keep_bodies.total_seconds(), keep_identities.total_seconds())
        office = _Office(store_at(store), checked_handler(handler), concurrency, runs, metrics)
    elif not callable(getattr(store, "put", None)):
        raise ConfigurationError("store must be an address, or an object with a method put(accepted).")
    if isinstance(accepted, ConfigurationError):
        raise accepted
    queue = store if office is None else office.store
    assert not isinstance(queue, str)
    return Inbox(
        queue, office, accepted, (body_limit, body_timeout), health, recorder=Recorder.of(recorder), starts=work
    )


class Inbox(Receiver):
    """The application that `inbox` makes. `store` is where its callbacks are."""

    def __init__(
        self,
        queue: Queue,
        office: _Office | None,
        accepted: AcceptedKeys,
        bounds: tuple[int, float],
        health: str | None,
        *,
        recorder: Recorder | None = None,
        starts: bool,
    ) -> None:
        super().__init__(accepted, *bounds, recorder)
        self._queue = queue
        self._put_waits = not inspect.iscoroutinefunction(queue.put)
        self._office = office
        self._health = health
        self._starts = starts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] == "http" and self._office is not None:
            if self._asks_for_health(scope):
                await self._tell_health(self._office, send)
                return
            if self._starts:
                self._office.start()
        await super().__call__(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _application: Any = None) -> AsyncIterator[None]:
        """Open the store, and work for as long as the block lasts: the lifespan of an application that mounts this one.

        Raises StoreUnavailable where the store cannot be opened.
        """
        if self._office is not None:
            await self._office.store.open()
            if self._starts:
                self._office.start()
        try:
            yield
        finally:
            if self._office is not None:
                await self._office.stop()

    async def work(self, stopped: asyncio.Event, concurrency: int | None = None) -> None:
        """Handle callbacks until the event is set and what ran then has ended, in a process that accepts none.

        Raises StoreUnavailable where the store cannot be opened, ConfigurationError where it is the user's own.
        """
        if self._office is None:
            raise ConfigurationError("This inbox puts callbacks into a queue of its own: what reads it handles them.")
        await self._office.store.open()
        self._office.start(concurrency)
        try:
            await stopped.wait()
        finally:
            await self._office.stop()

    async def _take(self, event: Callback) -> RefusalError | None:
        accepted = Accepted.of(event)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._put_waits:
                    await anyio.to_thread.run_sync(self._queue.put, accepted, abandon_on_cancel=True)
                else:
                    await self._queue.put(accepted)  # type: ignore[misc]  # an awaitable, as was looked
        except Exception as error:  # noqa: BLE001  # whatever keeps it from being stored, it must not be acknowledged
            reason = str(error) if isinstance(error, StoreUnavailable) else place_of(error)
            if isinstance(error, TimeoutError):
                reason = f"that took longer than {ANSWER_SECONDS:g} s"
            self._refusals.write(503, f"not stored: {reason}")
            return RefusalError(503, "The callback could not be stored.", (b"retry-after", RETRY_AFTER))
        return None

    def _asks_for_health(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return self._health is not None and scope["method"] in ("GET", "HEAD") and path.endswith(self._health)

    async def _tell_health(self, office: _Office, send: Send) -> None:
        try:
            counts = await asyncio.to_thread(office.store.counts)
        except StoreUnavailable:
            status, body = 503, {"detail": "The store cannot be used."}
        else:
            status, body = 200, asdict(counts)
        await respond(send, status, json.dumps(body).encode(), (b"content-type", b"application/json"))

    async def _live(self, receive: Receive, send: Send) -> None:
        """Answer a server's start and stop."""
        await receive()
        life = self.lifespan()
        try:
            await life.__aenter__()
        except StoreUnavailable as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await life.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})


class _Office:
    """The worker of a store, on the event loop that it was started on, and what it reports."""

    def __init__(
        self, store: Store, handler: DeliveryHandler, concurrency: int, work: Work, metrics: Metrics | None
    ) -> None:
        self.store = store
        self._handler = handler
        self._concurrency = concurrency
        self._work = work
        self._metrics = metrics
        self._task: asyncio.Task[None] | None = None
        self._worker: Worker | None = None
        self._stopping = False

    def start(self, concurrency: int | None = None) -> None:
        """Work on this event loop, unless that is so already."""
        if self._task is not None and not self._task.done() and self._task.get_loop() is asyncio.get_running_loop():
            return
        self._stopping = False
        runner = Runner(self._handler, concurrency or self._concurrency)
        self._task = asyncio.create_task(self._run(runner), name="sleeptalk inbox")

    async def stop(self) -> None:
        """Let what runs end, and close the store."""
        self._stopping = True
        if self._worker is not None:
            self._worker.stop()
        if self._task is not None:
            await self._task
            self._task = None
        await self.store.close()

    async def _run(self, runner: Runner) -> None:
        reports = None if self._metrics is None else asyncio.create_task(self._report(self._metrics))
        try:
            while not self._stopping:
                self._worker = self.store.worker(runner, self._work)
                try:
                    await self._worker.run()
                except Exception as error:  # noqa: BLE001  # a worker that breaks must not be the last one
                    _log("the worker broke, and starts again", error)
                    await asyncio.sleep(RESTART_PAUSE)
        finally:
            self._worker = None
            runner.close()
            if not self._stopping:
                self.store.abandon()
            if reports is not None:
                reports.cancel()

    async def _report(self, metrics: Metrics) -> None:
        while True:
            try:
                metrics(await asyncio.to_thread(self.store.counts))
            except Exception as error:  # noqa: BLE001  # what measures must not end what works
                _log("the metrics could not be reported", error)
            await asyncio.sleep(METRICS_PERIOD)


def _log(what: str, error: Exception) -> None:
    """Log an error without its text, which may quote a body."""
    logger.error("inbox: %s: %s", what, place_of(error))
