"""What it costs to store a callback before it is answered, and what a slow handler and a full store do to that.

Costs are what the receiver's process computes, which other processes disturb less than how long it takes. A receiver
that commits each callback computes little and waits for the disk: against it, the time counts.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
import statistics
import time
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING, Final

import httpx

from benchmarks.measure import ratio
from benchmarks.processes import serving
from benchmarks.receiving_server import KEY
from sleeptalk.callback.durable.sqlite import SqliteStore
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from benchmarks.results import Results

_CONNECTIONS: Final = 64
_IN_A_ROUND: Final = 1000
_ROUNDS: Final = 9
_PACED: Final = 600
_PACE: Final = 150.0  # a second
_WAITING: Final = 1_000_000

_numbers = count()


def measure(results: Results, workspace: Path) -> None:
    """Measure receivers in processes of their own, in turns."""
    kinds = ("bare", "committing", "inbox")
    with ExitStack() as stack:
        ports = {kind: stack.enter_context(_serving(kind, workspace / f"{kind}.db")) for kind in kinds}
        costs, seconds = _measured(ports)
    what = "callbacks accepted by an inbox in a second"
    results.add(
        what,
        "Starlette + msgspec, nothing stored (processor time)",
        ratio(costs["bare"], costs["inbox"]),
        ("at least", 0.5),
    )
    peer = "Starlette + msgspec, each committed"
    results.add(what, peer, ratio(seconds["committing"], seconds["inbox"]), ("at least", 1.0))
    _measure_slow_handler(results, workspace)
    _measure_many_waiting(results, workspace)


def _measure_slow_handler(results: Results, workspace: Path) -> None:
    """Measure how long the slowest hundredth of the answers takes, while a handler is busy for 3 s at a time."""
    with _serving("bare", workspace) as bare, _serving("handling", workspace / "slow.db") as handling:
        rounds = [[_percentile(asyncio.run(_paced(port))) for port in (bare, handling)] for _ in range(5)]
    above = [max(0.0, ours - theirs) for theirs, ours in rounds]
    what = "p99 of an inbox's answers with a handler of 3 s, above the bare receiver's"
    results.add(what, "50 ms", ratio(above, [0.05] * len(above)), ("at most", 1.0))


def _measure_many_waiting(results: Results, workspace: Path) -> None:
    """Measure what accepting costs with a million callbacks waiting."""
    full = workspace / "full.db"
    _fill(full)
    with _serving("inbox", workspace / "empty.db") as empty, _serving("inbox", full) as waiting:
        costs, _ = _measured({"empty": empty, "waiting": waiting})
    measured = ratio(costs["waiting"], costs["empty"])
    results.add("accept a callback while 1,000,000 wait", "an empty inbox", measured, ("at most", 1.2))


def _measured(ports: dict[str, int]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return how long each receiver computes in each round, and how long the round takes, in seconds."""
    costs: dict[str, list[float]] = {name: [] for name in ports}
    seconds: dict[str, list[float]] = {name: [] for name in ports}
    names = list(ports)
    for port in ports.values():
        asyncio.run(_sent(port, 300))
    for first in range(_ROUNDS):
        for turn in range(len(names)):
            name = names[(first + turn) % len(names)]
            before, started = _computed(ports[name]), time.perf_counter()
            asyncio.run(_sent(ports[name], _IN_A_ROUND))
            seconds[name].append(time.perf_counter() - started)
            costs[name].append(_computed(ports[name]) - before)
    return costs, seconds


def _computed(port: int) -> float:
    return float(httpx.get(f"http://127.0.0.1:{port}/processor-seconds").text)


def _fill(path: Path) -> None:
    """Make a store in which a million callbacks of fifty thousand sessions wait."""
    SqliteStore(path).counts()
    lanes = [secrets.token_hex(16) for _ in range(50_000)]
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO sleeptalk_callbacks (id, topic, lane, event, session_id, received, due)"
        " VALUES (?, ?, ?, 'INFERENCE_COMPLETE', 'session', 0, ?)",
        (
            (
                secrets.token_hex(32),
                secrets.token_hex(16),
                lanes[number % len(lanes)],
                0 if number < len(lanes) else None,
            )
            for number in range(_WAITING)
        ),
    )
    db.execute("INSERT INTO sleeptalk_bodies SELECT seq, zeroblob(400), '{}' FROM sleeptalk_callbacks")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


async def _sent(port: int, total: int) -> None:
    """Send callbacks over some connections, each as soon as the one before is answered."""
    remaining = iter(range(total))

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in remaining:
            await _answered(reader, writer)
        writer.close()

    await asyncio.gather(*(one() for _ in range(_CONNECTIONS)))


async def _paced(port: int) -> list[float]:
    """Send callbacks at a steady pace, whether or not the ones before are answered; return how long each took."""
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for connection in await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(_CONNECTIONS))):
        idle.put_nowait(connection)
    started = time.perf_counter()

    async def one(number: int) -> float:
        await asyncio.sleep(max(0.0, started + number / _PACE - time.perf_counter()))
        connection = await idle.get()
        seconds = await _answered(*connection)
        idle.put_nowait(connection)
        return seconds

    taken = await asyncio.gather(*(one(number) for number in range(_PACED)))
    while not idle.empty():
        idle.get_nowait()[1].close()
    return list(taken)


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> float:
    request = _request()
    started = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 204"):
        raise RuntimeError(f"the receiver answered {head[:40]!r}")
    return time.perf_counter() - started


def _request() -> bytes:
    """Return a request with a callback that was never sent before."""
    number = next(_numbers)
    body = _TEMPLATE.replace(b"NUMBER", str(number).encode()).replace(b"SESSION", b"bench%06d" % (number % 5000))
    return b"%scontent-length: %d\r\n\r\n%s" % (_HEAD, len(body), body)


def _template() -> bytes:
    body = json.loads(deliveries(SCENARIOS["four-stages"])[7].body)
    body["callback_data"] |= {"session_id": "SESSION", "inference_seq_num": "NUMBER"}
    return json.dumps(body).replace('"NUMBER"', "NUMBER").encode()


_TEMPLATE: Final = _template()
_HEAD: Final = (
    f"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {KEY}\r\nx-user-id: bench\r\ncontent-type: application/json\r\n"
).encode()


def _percentile(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def _serving(kind: str, path: Path) -> AbstractContextManager[int]:
    """Return a context in which a receiver of a kind runs in a process of its own, at the port that it gives."""
    return serving("benchmarks.receiving_server", kind, str(path))
