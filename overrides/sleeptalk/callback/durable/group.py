"""Group commit: what comes while one commit is under way is committed together by the next."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

T = TypeVar("T")
LARGEST = 500
"""How many are committed together at most, so that the first of them does not wait for long."""


class GroupCommit(Generic[T]):
    """Commits items in groups, one group at a time per event loop.

    `commit(items)` returns one result per item. What it raises, each item of the group gets.
    """

    def __init__(self, commit: Callable[[Sequence[T]], Awaitable[Sequence[Any]]]) -> None:
        self._commit = commit
        self._groups: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Group[T]] = weakref.WeakKeyDictionary()

    async def add(self, item: T) -> Any:
        """Return the item's result once its group is committed. A cancelled item is left out where that is possible."""
        loop = asyncio.get_running_loop()
        group = self._groups.get(loop)
        if group is None:
            group = self._groups[loop] = _Group()
        future: asyncio.Future[Any] = loop.create_future()
        group.waiting.append((item, future))
        if group.task is None:
            group.task = loop.create_task(self._run(group))
        return await future

    async def _run(self, group: _Group[T]) -> None:
        try:
            while group.waiting:
                taken, group.waiting = group.waiting[:LARGEST], group.waiting[LARGEST:]
                wanted = [(item, future) for item, future in taken if not future.done()]
                if wanted:
                    await self._settle(wanted)
        finally:
            group.task = None
            for _, future in group.waiting:
                future.cancel()  # only where this task was cancelled, because its loop ends

    async def _settle(self, wanted: Sequence[tuple[T, asyncio.Future[Any]]]) -> None:
        try:
            results = await self._commit([item for item, _ in wanted])
        except Exception as error:  # noqa: BLE001  # those who wait get it, whatever it is
            for _, future in wanted:
                if not future.done():
                    future.set_exception(error)
        except BaseException:
            for _, future in wanted:
                future.cancel()
            raise
        else:
            for (_, future), result in zip(wanted, results, strict=True):
                if not future.done():
                    future.set_result(result)


class _Group(Generic[T]):
    """What waits for a commit on one event loop, and the task that commits it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[T, asyncio.Future[Any]]] = []
        self.task: asyncio.Task[None] | None = None
