"""Recorded traffic: exchanges a second, against jsonschema_rs alone, and of two processes against one."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

import jsonschema_rs
import msgspec

from benchmarks.bodies import session_body
from benchmarks.measure import interleaved, ratio
from sleeptalk.recording import Recorded, RecordedRequest, RecordedResponse, encode_line
from sleeptalk_contract.recording.files import recorded_exchanges
from sleeptalk_contract.recording.traffic import Terms, Traffic
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.results import Results

_TARGET: Final = next(target for service in SERVICES for target in service.targets if target.name == "asleep")
_NIGHT: Final = SCENARIOS["four-stages"].session_id
_EXCHANGES: Final = 2000
_TIMES: Final = 10
_ROUNDS: Final = 5
_LONG: Final = 20_000


def measure(results: Results, workspace: Path) -> None:
    """Measure the judging of a file in this process, and with two processes."""
    schema = _TARGET.operation("getSession").response_schema(200)
    assert schema is not None
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    decoder = msgspec.json.Decoder(Recorded)

    def by_schema(path: Path) -> Callable[[], object]:
        def check() -> None:
            with path.open("rb") as lines:
                for line in lines:
                    response = decoder.decode(line).response
                    assert response is not None
                    list(validator.iter_errors(msgspec.json.decode(str(response.body))))

        return check

    def judged(path: Path) -> Callable[[], object]:
        def check() -> None:
            traffic = Traffic([Terms(_TARGET)])
            for recorded in recorded_exchanges(path):
                traffic.take(recorded)

        return check

    for what, times, target in (("each body ten times", _TIMES, ("at least", 0.3)), ("no body twice", 1, None)):
        path = _recording(workspace / f"{times}.ndjson", _EXCHANGES, times)
        peers = {"ours": judged(path), "theirs": by_schema(path)}
        timings = interleaved(peers, _ROUNDS, cpu=True)
        results.add(
            f"judge recorded sessions, exchanges in a second, {what}",
            "jsonschema_rs alone, all errors of each body",
            ratio(timings["theirs"], timings["ours"]),
            target,
        )
    _measure_workers(results, workspace)


def _recording(path: Path, count: int, times: int) -> Path:
    """Write a recording of sessions, of which each is read `times` times."""
    body = session_body().decode()
    with path.open("wb") as file:
        for number in range(count):
            session = f"{_NIGHT[:-5]}{number // times:05d}"
            request = RecordedRequest(
                "GET",
                f"https://api.example/data/v2/sessions/{session}",
                [
                    ("accept", "application/json"),
                    ("timezone", "Asia/Seoul"),  # which the body is in
                    ("x-api-key", "[key left out]"),
                    ("x-user-id", "bench"),
                ],
            )
            answer = RecordedResponse(200, [("content-type", "application/json")], body.replace(_NIGHT, session))
            file.write(encode_line(Recorded(request=request, response=answer, seconds=0.1)))
    return path


def _measure_workers(results: Results, workspace: Path) -> None:
    """Compare two processes with one, each without the time that it takes to begin."""
    short, long = _recording(workspace / "short.ndjson", 1, 1), _recording(workspace / "long.ndjson", _LONG, 1)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(_ROUNDS):
        for workers, taken in seconds.items():
            taken.append(_command_seconds(long, workers) - _command_seconds(short, workers))
    measured = ratio(seconds[1], seconds[2])
    results.add("sleeptalk judge --workers 2, exchanges in a second", "--workers 1", measured, ("at least", 1.6))


def _command_seconds(path: Path, workers: int) -> float:
    command = [sys.executable, "-m", "sleeptalk_contract", "judge", "asleep", str(path), "--workers", str(workers)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own program
    return time.perf_counter() - started
