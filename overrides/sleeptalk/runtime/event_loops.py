"""What differs between event loops: which one runs, its tasks, and how they are cancelled.

asyncio cancels a task wherever it waits, even where it gives a connection back and the shields of anyio ask not to:
httpcore 1.0 then counts that connection as busy for ever (https://github.com/encode/httpcore/issues/658). A cancelled
scope respects shields, and Trio knows nothing else, so under asyncio a request runs in a task of its own that only its
scope cancels.
"""

from __future__ import annotations

import os
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.lowlevel

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

_loop = anyio.lowlevel.RunVar[object]("loop")


async def cancelled_by_scope(work: Callable[[], Coroutine[Any, Any, T]], scope: anyio.CancelScope) -> T:
    """Await `work`, which runs inside `scope`; a cancellation cancels the scope, and waits until the work has ended."""
    import asyncio  # noqa: PLC0415  # nothing else brings it, and a sync program need not wait for it

    try:
        in_asyncio = asyncio.current_task() is not None
    except RuntimeError:  # no asyncio loop runs in this thread
        in_asyncio = False
    if not in_asyncio:
        return await work()
    context = copy_context()
    task = asyncio.create_task(work(), context=context)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        scope.cancel()
        with anyio.CancelScope(shield=True):
            while not task.done():
                with suppress(asyncio.CancelledError):  # one more than the one that is raised below
                    await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # or asyncio would log that it was never retrieved
        raise
    finally:  # what hooks of the caller's HTTP client have set is for the caller
        for variable, value in context.items():
            if variable.get(None) is not value:
                variable.set(value)
    return task.result()


def spawner() -> Callable[..., object]:
    """Return what runs an async function in a task of the running event loop that is nobody's child.

    A generator must not yield inside a group of tasks: it may be closed by another task, or never.
    """
    import asyncio  # noqa: PLC0415  # as above

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # no asyncio loop runs in this thread
        import trio  # noqa: PLC0415  # which does

        return trio.lowlevel.spawn_system_task
    tasks: set[asyncio.Task[None] | None] = set()  # as the loop has only weak references

    async def run(function: Callable[..., Coroutine[Any, Any, None]], *arguments: object) -> None:
        try:
            await function(*arguments)
        finally:
            tasks.discard(asyncio.current_task())

    return lambda function, *arguments: tasks.add(loop.create_task(run(function, *arguments)))


def here() -> tuple[int, object]:
    """Return what identifies this process and this event loop."""
    try:
        loop = _loop.get()
    except LookupError:
        loop = object()
        _loop.set(loop)
    return os.getpid(), loop
