"""`sleeptalk proxy` against a plain proxy: requests in a second, and how long the slowest hundredth of them takes."""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

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


def measure(results: Results, _: Path) -> None:
    """Measure both proxies in turns, each in a process of its own before the same server.

    The turns are short, and many: what else the machine does then meets both alike.
    """
    with serving("benchmarks.passing_server") as server:
        to = f"http://127.0.0.1:{server}"
        with serving("benchmarks.plain_proxy", to) as plain, _proxying(to) as ours:
            for what, request, count in _LOADS:
                seconds, slowest = asyncio.run(_measured((plain, ours), request, count))
                results.add(
                    f"requests through sleeptalk proxy in a second, {what}",
                    _PEER,
                    ratio(seconds[plain], seconds[ours]),
                    ("at least", 0.8),
                )
                results.add(
                    f"p99 of a request through sleeptalk proxy, {what}",
                    _PEER,
                    ratio(slowest[ours], slowest[plain]),
                    ("at most", 1.25),
                )


async def _measured(
    ports: tuple[int, ...], request: bytes, count: int
) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
    """Return the seconds of each round by port, and how long the slowest hundredth of its requests took."""
    connections = {port: [await _connected(port) for _ in range(_CONNECTIONS)] for port in ports}
    seconds: dict[int, list[float]] = {port: [] for port in ports}
    taken: dict[int, list[float]] = {port: [] for port in ports}
    slowest: dict[int, list[float]] = {port: [] for port in ports}
    for port in ports:
        await _asked(connections[port], request, count)
    for number in range(1, _ROUNDS + 1):
        for turn in range(len(ports)):
            port = ports[(number + turn) % len(ports)]
            started = time.perf_counter()
            taken[port] += await _asked(connections[port], request, count)
            seconds[port].append(time.perf_counter() - started)
            if number % _TOGETHER == 0:
                slowest[port].append(statistics.quantiles(taken[port], n=100)[98])
                taken[port].clear()
    return seconds, slowest


@contextmanager
def _proxying(to: str) -> Iterator[int]:
    command = [sys.executable, "-m", "sleeptalk_contract", "proxy", "asleep", "--to", to, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own program
        assert process.stdout is not None
        try:
            found = re.search(r":(\d+) to ", process.stdout.readline())
            assert found is not None
            yield int(found[1])
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
