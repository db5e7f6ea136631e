"""How a handler is called: a plain one in a thread, an async one on the event loop."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sleeptalk.callback.durable.delivery import pause_after
from sleeptalk.callback.receiver import check_not_generator
from sleeptalk.errors import ConfigurationError
from sleeptalk.runtime.functions import is_async

if TYPE_CHECKING:
    from sleeptalk.callback.durable.delivery import Delivery
    from sleeptalk.callback.events import Callback

DeliveryHandler: TypeAlias = Callable[["Callback", "Delivery"], Awaitable[object] | object]
Abandoned: TypeAlias = Callable[[], Callable[["Future[Any]"], object]]
T = TypeVar("T")

LONGEST_ERROR = 4000

logger = logging.getLogger("sleeptalk")


class Runner:
    """Calls one handler, `concurrency` times at once."""

    def __init__(self, handler: DeliveryHandler, concurrency: int) -> None:
        self._handler = handler
        self.concurrency = concurrency
        self.is_async = is_async(handler)
        self._threads = ThreadPoolExecutor(concurrency, "sleeptalk-inbox-handler")

    async def __call__(self, callback: Callback, delivery: Delivery, abandoned: Abandoned) -> None:
        """Call the handler, and raise what it raises.

        Where this is cancelled while a thread runs it, the thread goes on. `abandoned` is called then, and what it
        returns is called with the future of the handler when that is done.
        """
        if self.is_async:
            result = self._handler(callback, delivery)
        else:
            result = await self.in_thread(lambda: self._handler(callback, delivery), abandoned)
        if inspect.isawaitable(result):
            await result

    async def in_thread(self, call: Callable[[], T], abandoned: Abandoned) -> T:
        """Return the result of a call in a thread of the handlers, with the context variables of here."""
        context = contextvars.copy_context()
        future = self._threads.submit(context.run, _carried, call)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancelled():
                future.add_done_callback(abandoned())
            raise

    def close(self) -> None:
        """Let the threads end when they have nothing to do."""
        self._threads.shutdown(wait=False)


def _carried(call: Callable[[], T]) -> T:
    """Return the result of a call, and raise what it raises.

    StopIteration and GeneratorExit become the cause of a RuntimeError: no future of asyncio takes the first, and the
    second, thrown into a coroutine, closes it.
    """
    try:
        return call()
    except (StopIteration, GeneratorExit) as error:
        raise RuntimeError(f"The handler raised {type(error).__name__}.") from error


def checked_handler(handler: Any) -> DeliveryHandler:
    """Return a handler that can be called with a callback and a delivery; raises ConfigurationError for any other."""
    if not callable(handler):
        raise ConfigurationError("handler must be a function that takes a callback and a delivery.")
    check_not_generator(handler)
    try:
        inspect.signature(handler).bind(None, None)
    except TypeError:
        raise ConfigurationError("handler must take two arguments: the callback and the delivery.") from None
    except ValueError:  # a built-in that does not say what it takes
        pass
    return handler  # type: ignore[no-any-return]  # as was checked


def failure_of(error: BaseException) -> str:
    """Return what is kept of a failed attempt: the traceback, shortened in the middle."""
    text = "".join(traceback.format_exception(error))
    text = text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")  # as every store can keep it
    half = LONGEST_ERROR // 2
    return text if len(text) <= LONGEST_ERROR else f"{text[:half]}\n...\n{text[-half:]}"


def log_failure(identity: str, attempt: int, place: str, *, dead: bool) -> None:
    """Log a failed attempt, where it failed, and what becomes of its callback."""
    outcome = "it is dead" if dead else f"it is tried again in {pause_after(attempt):.0f} s"
    logger.error("inbox: attempt %d of callback %s failed, and %s: %s", attempt, identity[:12], outcome, place)


def place_of(error: BaseException) -> str:
    """Return an error's class and where it was raised, which is all of it that is logged: its text may quote a body."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
