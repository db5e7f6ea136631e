"""`sleeptalk proxy` against a plain proxy: requests in a second, and how long the slowest hundredth of them takes."""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.measure import ratio
from benchmarks.passing_server import LARGE
from benchmarks.processes import serving
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.results import Results

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_NIGHT: Final = SCENARIOS["four-stages"].session_id
_PEER: Final = "a proxy of Starlette + httpx"
_CONNECTIONS: Final = 16
_ROUNDS: Final = 48
_TOGETHER: Final = 6
"""Rounds whose requests are taken together for their slowest hundredth."""
_HEADERS: Final = "HTTP/1.1\r\nhost: 127.0.0.1\r\ntimezone: Asia/Seoul\r\nx-api-key: k\r\nx-user-id: bench\r\n"
_SMALL: Final = f"GET /data/v2/sessions/{_NIGHT} {_HEADERS}\r\n".encode()
_LARGE: Final = f"POST /upload {_HEADERS}content-length: {LARGE}\r\n\r\n".encode() + bytes(LARGE)
_LOADS: Final = (("a night", _SMALL, 96), ("1 MB both ways", _LARGE, 16))


class _Served(NamedTuple):
    """A proxy: its port, and the process that passes requests on."""

    port: int
    process: int

    def computed(self) -> float:
        """Return the seconds that the process has computed; only Linux says so of another one, and else 0."""
        return time.clock_gettime(~self.process << 3 | 2) if sys.platform == "linux" else 0.0


class _Measured(NamedTuple):
    """Of one proxy, in each round, or in each few of them: seconds in all, computed, and of the slowest hundredth."""

    seconds: list[float]
    computed: list[float]
    slowest: list[float]


def measure(results: Results, _: Path) -> None:
    """Measure both proxies in turns, each in a process of its own before the same server.

    The turns are short, and many: what else the machine does then meets both alike. What the process that passes on
    computes depends on that least, and bounds how many requests there can be.
    """
    with serving("benchmarks.passing_server") as server:
        to = f"http://127.0.0.1:{server}"
        commands = ["benchmarks.plain_proxy", to], ["sleeptalk_contract", "proxy", "asleep", "--to", to, "--port", "0"]
        with _running(commands[0]) as plain, _running(commands[1]) as ours:
            for what, request, count in _LOADS:
                theirs, own = asyncio.run(_measured((plain, ours), request, count))
                passed, at_least = f"requests through sleeptalk proxy in a second, {what}", ("at least", 0.8)
                results.add(passed, _PEER, ratio(theirs.seconds, own.seconds), at_least)
                if sys.platform == "linux":
                    results.add(passed, f"{_PEER} (processor time)", ratio(theirs.computed, own.computed), at_least)
                results.add(
                    f"p99 of a request through sleeptalk proxy, {what}",
                    _PEER,
                    ratio(own.slowest, theirs.slowest),
                    ("at most", 1.25),
                )


async def _measured(proxies: tuple[_Served, ...], request: bytes, count: int) -> list[_Measured]:
    """Send requests through each proxy in turns, over the same connections all the time."""
    connections = [[await _connected(each.port) for _ in range(_CONNECTIONS)] for each in proxies]
    found = [_Measured([], [], []) for _ in proxies]
    taken: list[list[float]] = [[] for _ in proxies]
    for each in connections:
        await _asked(each, request, count)
    for number in range(1, _ROUNDS + 1):
        for turn in range(len(proxies)):
            which = (number + turn) % len(proxies)
            before, started = proxies[which].computed(), time.perf_counter()
            taken[which] += await _asked(connections[which], request, count)
            found[which].seconds.append(time.perf_counter() - started)
            found[which].computed.append(proxies[which].computed() - before)
            if number % _TOGETHER == 0:
                found[which].slowest.append(statistics.quantiles(taken[which], n=100)[98])
                taken[which].clear()
    return found


@contextmanager
def _running(command: list[str]) -> Iterator[_Served]:
    """Run a module with its arguments, whose first line has its port; what it says of broken rules is not shown."""
    whole, quiet = [sys.executable, "-m", *command], subprocess.DEVNULL
    with subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=quiet, text=True) as process:  # noqa: S603  # ours
        assert process.stdout is not None
        try:
            found = re.match(r"(?:Passing on http://127\.0\.0\.1:)?(\d+)", process.stdout.readline())
            assert found is not None
            yield _Served(int(found[1]), process.pid)
        finally:
            process.kill()


async def _connected(port: int) -> _Connection:
    return await asyncio.open_connection("127.0.0.1", port, limit=2 * LARGE)


async def _asked(connections: list[_Connection], request: bytes, total: int) -> list[float]:
    """Send requests over some connections, each as soon as the one before is answered; return how long each took."""
    remaining = iter(range(total))
    taken: list[float] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in remaining:
            started = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            assert length is not None
            await reader.readexactly(int(length[1]))
            taken.append(time.perf_counter() - started)

    await asyncio.gather(*(one(*each) for each in connections))
    return taken
