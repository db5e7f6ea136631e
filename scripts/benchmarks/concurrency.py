"""Many calls at once, and `get_sessions`, against loops over a bare client of the same HTTP httpx."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.measure import ratio
from benchmarks.processes import serving
from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from benchmarks.results import Results

_HEADERS = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}
_AT_ONCE = 50
_IN_A_BATCH = 20
_THOUSAND = 1000
_ROUNDS = 9


def measure(results: Results, workspace: Path) -> None:  # noqa: ARG001  # every part is called alike
    """Measure calls that are made at once without any limit, and batches, against a server in a process of its own."""
    with serving("benchmarks.night_server") as port:
        url = f"http://127.0.0.1:{port}"
        rows: list[tuple[str, str, Callable[[], object], Callable[[], object], int, float]] = [
            (
                f"{count:,} calls at once{over}",
                f"httpx behind a semaphore of {_AT_ONCE}",
                partial(_run, _gathered, url, count, client),
                partial(_run, _bare, url, count, _AT_ONCE),
                rounds,
                1.25,
            )
            for count, over, client, rounds in (
                (_THOUSAND, "", None, _ROUNDS),
                (_THOUSAND, " over an injected client", httpx.AsyncClient, _ROUNDS),
                (10 * _THOUSAND, "", None, 3),
            )
        ]
        rows += [
            (
                "get_sessions of 1,000, async",
                f"a loop over httpx, {_IN_A_BATCH} at once",
                partial(_run, _batch_async, url, _THOUSAND),
                partial(_run, _bare, url, _THOUSAND, _IN_A_BATCH),
                _ROUNDS,
                1.1,
            ),
            (
                "get_sessions of 1,000, in threads",
                f"httpx in {_IN_A_BATCH} threads",
                partial(_batch, url, _THOUSAND),
                partial(_bare_threads, url, _THOUSAND),
                _ROUNDS,
                1.1,
            ),
        ]
        for what, peer, ours, theirs, rounds, target in rows:
            timings = _interleaved(ours, theirs, rounds)
            results.add(what, peer, ratio(*timings), ("at most", target))


def _interleaved(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Time both once in each round, in turns; return the seconds of each."""
    timings: tuple[list[float], list[float]] = ([], [])
    for first in range(rounds):
        for turn in (0, 1):
            which = (first + turn) % 2
            gc.collect()
            started = time.perf_counter()
            (ours, theirs)[which]()
            timings[which].append(time.perf_counter() - started)
    return timings


def _run(function: Callable[..., Coroutine[Any, Any, None]], *arguments: object) -> None:
    asyncio.run(function(*arguments))


def _ids(count: int) -> list[str]:
    return [f"20220821093117_{number:05d}" for number in range(count)]


async def _gathered(url: str, count: int, client: Callable[[], Any] | None) -> None:
    http = None if client is None else client()
    async with AsyncAsleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=url, http_client=http) as asleep:
        await asyncio.gather(*map(asleep.get_session, _ids(count)))
    if http is not None:
        await http.aclose()


async def _bare(url: str, count: int, at_once: int) -> None:
    semaphore = asyncio.Semaphore(at_once)
    async with httpx.AsyncClient(headers=_HEADERS) as client:

        async def read(session_id: str) -> Any:
            async with semaphore:
                return json.loads((await client.get(f"{url}/data/v2/sessions/{session_id}")).content)

        await asyncio.gather(*map(read, _ids(count)))


async def _batch_async(url: str, count: int) -> None:
    async with AsyncAsleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=url) as asleep:
        async for outcome in asleep.get_sessions(_ids(count), concurrency=_IN_A_BATCH):
            outcome.unwrap()


def _batch(url: str, count: int) -> None:
    with Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=url) as asleep:
        for outcome in asleep.get_sessions(_ids(count), concurrency=_IN_A_BATCH):
            outcome.unwrap()


def _bare_threads(url: str, count: int) -> None:
    with httpx.Client(headers=_HEADERS) as client, ThreadPoolExecutor(_IN_A_BATCH) as threads:
        for answer in threads.map(lambda each: client.get(f"{url}/data/v2/sessions/{each}"), _ids(count)):
            json.loads(answer.content)
