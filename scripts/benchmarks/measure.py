"""How the benchmarks measure: in interleaved rounds, so that other load on the machine affects every peer alike."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ROUND_SECONDS = 0.01


@dataclass(frozen=True)
class Ratio:
    """How long something takes in relation to its peer: the median of the rounds, and the quartiles around it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = 2 if self.median < 10 else 0  # noqa: PLR2004  # two digits are all that the spread carries
        return f"{self.median:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def ratio(numerators: list[float], denominators: list[float]) -> Ratio:
    """Compare two series of the same rounds, round by round."""
    rounds = [above / below for above, below in zip(numerators, denominators, strict=True)]
    low, median, high = statistics.quantiles(rounds, n=4)
    return Ratio(median, low, high)


def interleaved(
    peers: Mapping[str, Callable[[], object]], rounds: int = 75, *, cpu: bool = False
) -> dict[str, list[float]]:
    """Time every peer once per round, each often enough for the clock; seconds for one call, per round.

    With `cpu` only the time that this process computes counts, which other processes disturb less.
    """
    clock = time.process_time if cpu else time.perf_counter
    repeats = {name: _repeats(call) for name, call in peers.items()}
    names = list(peers)
    timings: dict[str, list[float]] = {name: [] for name in names}
    gc.disable()
    try:
        for first in range(rounds):  # another peer begins each round: what follows a collection finds cold caches
            for turn in range(len(peers)):
                name = names[(first + turn) % len(peers)]
                timings[name].append(_once(peers[name], repeats[name], clock))
            gc.collect()
    finally:
        gc.enable()
    return timings


def _repeats(call: Callable[[], object]) -> int:
    call()
    seconds = _once(call, 3, time.perf_counter)
    return max(1, int(_ROUND_SECONDS / max(seconds, 1e-7)))


def _once(call: Callable[[], object], repeats: int, clock: Callable[[], float]) -> float:
    started = clock()
    for _ in range(repeats):
        call()
    return (clock() - started) / repeats
