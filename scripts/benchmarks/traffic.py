"""Recorded traffic: exchanges a second, against jsonschema_rs alone, and of two processes against one."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import jsonschema_rs
import msgspec

from benchmarks.bodies import session_body
from benchmarks.measure import ratio
from sleeptalk.recording import Recorded, RecordedRequest, RecordedResponse, encode_line
from sleeptalk_contract.recording.files import recorded_exchanges
from sleeptalk_contract.recording.traffic import Terms, Traffic, collecting_seldom
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.measure import Ratio
    from benchmarks.results import Results, Target

_TARGET: Final = next(target for service in SERVICES for target in service.targets if target.name == "asleep")
_FIRST_NIGHT: Final = datetime(2022, 8, 21, 9, 31, 17, tzinfo=UTC)
_SLICE: Final = 200
_SLICES: Final = 40
_LONG: Final = 20_000
_ROUNDS: Final = 7


def measure(results: Results, workspace: Path) -> None:
    """Measure the judging of files in this process, and with two processes."""
    rows: tuple[tuple[str, int, Target], ...] = (
        ("no body twice", 1, ("at least", 0.3)),
        ("each body ten times", 10, ("at least", 0.8)),
    )
    for what, times, target in rows:
        results.add(
            f"judge recorded sessions, exchanges in a second, {what}",
            "jsonschema_rs alone: the same conditional schema, all errors of each body, decoding included",
            _against_schema(workspace, times),
            target,
        )
    _measure_workers(results, workspace)


def _against_schema(workspace: Path, times: int) -> Ratio:
    """Compare judging with validation, in turns on short files, none of which has a body of another.

    What counts is the time that this process computes. A judge that knew the bodies of a file before would be asked
    for less than one that reads new traffic.
    """
    schema = _TARGET.operation("getSession").response_schema(200)
    assert schema is not None
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    decoder = msgspec.json.Decoder(Recorded)
    traffic = Traffic([Terms(_TARGET)])

    def judge(path: Path) -> None:
        for recorded in recorded_exchanges(path):
            traffic.take(recorded)

    def validate(path: Path) -> None:
        with path.open("rb") as lines:
            for line in lines:
                response = decoder.decode(line).response
                assert response is not None
                list(validator.iter_errors(msgspec.json.decode(str(response.body))))

    seconds: dict[Callable[[Path], None], list[float]] = {judge: [], validate: []}
    with collecting_seldom():
        for number in range(-1, _SLICES):  # the first one makes both ready
            path = _recording(workspace / "slice.ndjson", _SLICE, times, first=number * _SLICE)
            for check, taken in seconds.items():
                started = time.process_time()
                check(path)
                taken.append(time.process_time() - started)
    if traffic.broken_rules:
        raise RuntimeError(f"The recorded nights are not right: {traffic.broken_ids}")
    return ratio(seconds[validate][1:], seconds[judge][1:])


def _recording(path: Path, count: int, times: int, *, first: int = 0) -> Path:
    """Write a recording of nights, of which each is read `times` times; the `first` one tells files apart."""
    with path.open("wb") as file:
        for number in range(0, count, times):
            session = f"{_FIRST_NIGHT + timedelta(minutes=first + number):%Y%m%d%H%M%S}_bench"
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
            body = session_body(session).decode()
            answer = RecordedResponse(200, [("content-type", "application/json")], body)
            file.write(times * encode_line(Recorded(request=request, response=answer, seconds=0.1)))
    return path


def _measure_workers(results: Results, workspace: Path) -> None:
    """Compare two processes with one, each without the time that it takes to begin."""
    short, long = _recording(workspace / "short.ndjson", 1, 1), _recording(workspace / "long.ndjson", _LONG, 1)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(_ROUNDS):
        for workers, taken in seconds.items():
            taken.append(_command_seconds(long, workers) - _command_seconds(short, workers))
    measured = ratio(seconds[1], seconds[2])
    results.add("sleeptalk judge --workers 2, exchanges in a second", "--workers 1", measured, ("at least", 1.85))


def _command_seconds(path: Path, workers: int) -> float:
    command = [sys.executable, "-m", "sleeptalk_contract", "judge", "asleep", str(path), "--workers", str(workers)]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own program
    return time.perf_counter() - started
