"""Batches: one call for each of many keys, some at once, and all of them slower where the service asks for that.

`Batch` decides what begins when; `Threads` and `Tasks` begin it, and take what ends.
What is begun next is decided only while the caller waits for an outcome, and in the caller's thread or task: the keys
are read there, as they are needed, and the outcomes that wait to be taken are few.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import anyio

from sleeptalk.runtime.call import Failure, asks_to_wait
from sleeptalk.runtime.clock import PIECE, Deadline, StoppableDeadline
from sleeptalk.runtime.errors import CallFailed
from sleeptalk.runtime.event_loops import spawner

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Generator, Iterable

    from sleeptalk.runtime.call import Result
    from sleeptalk.runtime.clock import Clock

K = TypeVar("K")
T = TypeVar("T")

FIRST_PAUSE = 1.0  # seconds after a rate limit without `retry-after`; the next ones double
LONGEST_PAUSE = 60.0
LONGEST_ASKED_PAUSE = 600.0  # of `retry-after`; a key whose service asks for more has failed
MOST_REFUSALS = 8  # of the service in a row, after which a key has failed: about three minutes without `retry-after`


class Begun(NamedTuple, Generic[K]):
    """A call that is on its way: its key, and how often the batch had been slowed down when it began."""

    key: K
    slowed: int


class Batch(Generic[K]):
    """Which keys are on their way, which are to be repeated, and how fast the next may follow.

    Where the service asks for fewer requests, no call begins before the pause that it asks for is over; then one
    begins, and with every answer one more may be on its way, up to `concurrency`.

    - `concurrency`: how many calls may be on their way at once.
    - `patient`: whether the calls that the service refused for that reason are repeated.
    - `finished`: whether every key has its outcome; `on_way`: how many calls have begun and not ended.
    - `ahead`: how many more may begin at full speed, to wait until one that is on its way has ended.
    - `slowed`: how often the service has asked for fewer requests.
    """

    def __init__(self, keys: Iterable[K], concurrency: int, clock: Clock, *, patient: bool) -> None:
        self.finished = False
        self.on_way = 0
        self.ahead = 0
        self.slowed = 0
        self._keys = iter(keys)
        self._all_read = False
        self._next: deque[K] = deque()
        self.concurrency = self._allowed = concurrency
        self._clock = clock
        self._patient = patient
        self._not_before = clock.monotonic()
        self._refusals = 0

    def begin(self) -> Begun[K] | None:
        """Return the next call to begin, None where none may begin now; raises what the iterable of keys raises."""
        if self.on_way >= self._room or not self._has_more():
            return None
        if self._clock.monotonic() < self._not_before:
            return None
        self.on_way += 1
        return Begun(self._next.popleft(), self.slowed)

    def take_back(self, begun: Begun[K]) -> None:
        """Take back a call of which nothing was done; it begins later."""
        self.on_way -= 1
        self._next.append(begun.key)

    @property
    def _room(self) -> int:
        return self._allowed if self._allowed < self.concurrency else self.concurrency + self.ahead

    def _has_more(self) -> bool:
        """Return whether another key is to be begun, and read it."""
        if not self._next and not self._all_read:
            try:
                self._next.append(next(self._keys))
            except StopIteration:
                self._all_read = True
        self.finished = not self._next and self.on_way == 0
        return bool(self._next)

    def pause(self) -> float | None:
        """Return the seconds until another call may begin; None where one that is on its way has to end first."""
        if self.on_way >= self._room or (self.on_way and self._all_read and not self._next):
            return None
        return max(0.0, self._not_before - self._clock.monotonic())

    def end(self, begun: Begun[K], result: Result[Any]) -> bool:
        """Note how a call has ended; return whether that is its outcome, and it is not to be repeated."""
        self.on_way -= 1
        if not isinstance(result, Failure) or not asks_to_wait(result):
            self._refusals = 0
            self._allowed = min(self._allowed + 1, self.concurrency)
            return True
        if begun.slowed == self.slowed:  # the others that had begun by then are refused for the same reason
            self.slowed += 1
            self._refusals += 1
            self._allowed = 1
        asked = result.error.retry_after
        own = min(FIRST_PAUSE * 2 ** min(self._refusals - 1, 10), LONGEST_PAUSE)
        pause = own if asked is None else min(asked, LONGEST_ASKED_PAUSE)
        self._not_before = max(self._not_before, self._clock.monotonic() + pause)
        if not self._patient or self._refusals > MOST_REFUSALS or (asked or 0) > LONGEST_ASKED_PAUSE:
            return True
        self._next.append(begun.key)
        return False


class Threads(Generic[K, T]):
    """The calls of a batch in threads, at most as many as its `concurrency`.

    - `seconds`: the deadline of each call.
    - `cut_off`: shuts down the connections on which calls with these deadlines wait.

    Each thread finds its next call in a queue, so that it need not wait for the caller. Where the service asks for
    fewer requests, the calls that are still in there go back to the batch.
    """

    def __init__(
        self,
        batch: Batch[K],
        carry_out: Callable[[K, Deadline], Result[T]],
        seconds: float,
        clock: Clock,
        cut_off: Callable[[Collection[Deadline]], None],
    ) -> None:
        self._batch = batch
        self._carry_out = carry_out
        self._seconds = seconds
        self._clock = clock
        self._cut_off = cut_off
        self._threads: list[Thread] = []
        self._begun: SimpleQueue[Begun[K] | None] = SimpleQueue()
        self._ended: SimpleQueue[tuple[Begun[K], Result[T] | BaseException | None]] = SimpleQueue()
        self._deadlines: set[StoppableDeadline] = set()
        batch.ahead = batch.concurrency

    def outcomes(self) -> Generator[tuple[K, Result[T]], None, None]:
        """Yield each key with the result of its call as they come.

        What else a call raises is raised here. Closing the generator ends the calls that are on their way.
        """
        try:
            while True:
                self._begin()
                if self._batch.finished:
                    return
                ended = self._wait()
                if ended is not None and self._batch.end(*ended):
                    yield ended[0].key, ended[1]
        finally:
            self._give_back()
            for _ in self._threads:
                self._begun.put(None)
            stopped = [*self._deadlines]
            for deadline in stopped:
                deadline.stop()
            for thread in self._threads:
                while thread.is_alive():  # again and again, as one may just be sending
                    self._cut_off(stopped)
                    thread.join(PIECE)

    def _begin(self) -> None:
        while self._ended.empty() and (begun := self._batch.begin()) is not None:
            self._begun.put(begun)
            if len(self._threads) < min(self._batch.concurrency, self._batch.on_way):
                thread = Thread(target=copy_context().run, args=(self._work,), name="sleeptalk", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _give_back(self) -> None:
        with suppress(Empty):
            while (begun := self._begun.get_nowait()) is not None:
                self._ended.put((begun, None))
            self._begun.put(None)  # it is another thread's, that is to end

    def _wait(self) -> tuple[Begun[K], Result[T]] | None:
        if not self._batch.on_way:
            self._clock.sleep(self._batch.pause() or 0.0)
            return None
        try:
            begun, result = self._ended.get(timeout=self._batch.pause())
        except Empty:
            return None
        if result is None:
            self._batch.take_back(begun)
            return None
        if isinstance(result, BaseException):
            raise result
        return begun, result

    def _work(self) -> None:
        while (begun := self._begun.get()) is not None:
            deadline = StoppableDeadline(self._seconds, self._clock)
            self._deadlines.add(deadline)
            try:
                result: Result[T] | BaseException = self._carry_out(begun.key, deadline)
            except CallFailed as error:  # of arguments that cannot be sent
                result = Failure(error)
            except BaseException as error:  # noqa: BLE001  # it is raised in the caller's thread
                result = error
            self._deadlines.discard(deadline)
            if isinstance(result, Failure) and asks_to_wait(result):
                self._give_back()
            self._ended.put((begun, result))


class Tasks(Generic[K, T]):
    """The calls of a batch in tasks of the event loop; `seconds` is the deadline of each."""

    def __init__(
        self, batch: Batch[K], carry_out: Callable[[K, Deadline], Awaitable[Result[T]]], seconds: float, clock: Clock
    ) -> None:
        self._batch = batch
        self._carry_out = carry_out
        self._seconds = seconds
        self._clock = clock
        self._ended: deque[tuple[Begun[K], Result[T] | BaseException]] = deque()
        self._scopes: set[anyio.CancelScope] = set()

    async def outcomes(self) -> AsyncGenerator[tuple[K, Result[T]], None]:
        """Yield each key with the result of its call, as those in threads do.

        A cancellation, and closing the generator, cancels the calls that are on their way and waits for their end.
        """
        self._spawn = spawner()
        self._news = anyio.Event()
        try:
            while True:
                self._begin()
                if self._batch.finished:
                    return
                ended = await self._wait()
                if ended is not None and self._batch.end(*ended):
                    yield ended[0].key, ended[1]
        finally:
            with anyio.CancelScope(shield=True):
                for scope in self._scopes:
                    scope.cancel()
                while self._scopes:
                    self._news = anyio.Event()
                    await self._news.wait()

    def _begin(self) -> None:
        while not self._ended and (begun := self._batch.begin()) is not None:
            scope = anyio.CancelScope()
            self._scopes.add(scope)
            self._spawn(self._work, begun, scope)

    async def _wait(self) -> tuple[Begun[K], Result[T]] | None:
        if not self._batch.on_way:
            await self._clock.sleep_async(self._batch.pause() or 0.0)
            return None
        if not self._ended:
            self._news = anyio.Event()
            with anyio.move_on_after(self._batch.pause()):
                await self._news.wait()
        if not self._ended:
            return None
        begun, result = self._ended.popleft()
        if isinstance(result, BaseException):
            raise result
        return begun, result

    async def _work(self, begun: Begun[K], scope: anyio.CancelScope) -> None:
        try:
            with scope:
                self._ended.append((begun, await self._carry_out(begun.key, Deadline(self._seconds, self._clock))))
        except CallFailed as error:  # of arguments that cannot be sent
            self._ended.append((begun, Failure(error)))
        except Exception as error:  # noqa: BLE001  # it is raised in the caller's task
            self._ended.append((begun, error))
        finally:
            self._scopes.remove(scope)
            self._news.set()
