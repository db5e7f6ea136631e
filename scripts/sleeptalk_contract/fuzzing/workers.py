"""The workers of a run: several requests are under way at once, and which ones there are does not depend on it.

What is to be sent is decided by one thread, in one order, from the seed alone. It hands each piece of work over and
goes on without the answer, so that neither the number of workers nor the speed of a server changes a request.
"""

from __future__ import annotations

import threading
from queue import LifoQueue, Queue
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sleeptalk_contract.contract.exchange import Answer
    from sleeptalk_contract.contract.wire import Wire

_WAITING_PER_WORKER: Final = 2
"""Tasks that wait for each worker: enough to keep it busy, and few enough to be over soon after a run is stopped."""


class Workers:
    """Carries out tasks on `count` threads, which begin them in the order in which they are handed over.

    The first exception of a task is raised by the next `submit` or `finish`, and tasks that wait are left undone. A
    context manager, which ends the threads.
    """

    def __init__(self, count: int = 1) -> None:
        self._tasks: Queue[Callable[[], object] | None] = Queue(count * _WAITING_PER_WORKER)
        self._error: BaseException | None = None
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        self._error = self._error or error  # tasks that wait are left undone
        for _thread in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def submit(self, task: Callable[[], object]) -> None:
        """Hand a task over; waits where many are waiting already. Raises what an earlier task raised."""
        self._raise()
        self._tasks.put(task)

    def finish(self) -> None:
        """Wait until all tasks are done. Raises what one of them raised."""
        self._tasks.join()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                if self._error is None:
                    task()
            except BaseException as error:  # noqa: BLE001  # raised again by the thread that hands tasks over
                self._error = self._error or error
            finally:
                self._tasks.task_done()


class Wires:
    """Some connections to one origin, so that as many threads can exchange at once. Safe to use from several threads.

    `make` makes each of the `count` wires.
    """

    def __init__(self, make: Callable[[], Wire], count: int = 1) -> None:
        self._all = [make() for _ in range(count)]
        self._idle: LifoQueue[Wire] = LifoQueue()  # the one that was used last is connected
        for wire in self._all:
            self._idle.put(wire)

    def exchange(self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes | None) -> Answer:
        """Send one request over an idle connection, and read its answer: see `Wire.exchange`."""
        wire = self._idle.get()
        try:
            return wire.exchange(method, path, headers, body)
        finally:
            self._idle.put(wire)

    def accepts_connections(self) -> bool:
        """Whether the origin still accepts connections, even if it does not answer requests."""
        return self._all[0].accepts_connections()

    def abort(self) -> None:
        """Cut every connection; exchanges that wait on one end at once."""
        for wire in self._all:
            wire.abort()

    def close(self) -> None:
        """Close every connection."""
        for wire in self._all:
            wire.close()
