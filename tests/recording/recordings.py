"""Recordings of the sandbox's services, made in this process, in each form in which traffic is kept."""

import base64
import io
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from sleeptalk.runtime.recorded import Recorded, RecordedRequest, RecordedResponse, body_of, encode_line
from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.services.registered import SERVICES
from tests.rules.exchanges import reads_run, sender_run, session_run

KEY = "sandbox-api-key"
OPERATIONS = {
    operation.id: operation
    for service in reversed(SERVICES)  # of two versions, the first
    for target in service.targets
    for operation in target.operations
}


def recorded(exchange: Exchange) -> Recorded:
    """Return an exchange as a line has it."""
    operation = OPERATIONS[exchange.operation]
    path = "/hook" if operation.is_webhook else operation.path_of(exchange.path_parameters)
    query = exchange.url.partition("?")[2]
    return Recorded(
        request=RecordedRequest(
            method=exchange.method,
            url=f"https://gateway.example/base{path}" + (f"?{query}" if query else ""),
            headers=list(exchange.request_headers.items()),
            body=body_of(exchange.request_body),
        ),
        response=None
        if exchange.status is None
        else RecordedResponse(
            exchange.status, list(exchange.response_headers.items()), body_of(exchange.response_body), "HTTP/1.1"
        ),
        seconds=exchange.seconds,
        failure=None if exchange.status is not None else "connection",
    )


def nights(*faults: Fault) -> list[Recorded]:
    """Return every request of the session and its answer."""
    return [recorded(each) for each in session_run(faults)]


def calls(*faults: Fault) -> list[Recorded]:
    """Return every request of the analysis and its answer."""
    return [recorded(each) for each in reads_run(faults)]


def callbacks(*faults: Fault) -> list[Recorded]:
    """Return deliveries of every night, accepted by their receiver."""
    return [recorded(each) for each in sender_run(faults)]


def written(path: Path, exchanges: Iterable[Recorded]) -> Path:
    """Write NDJSON."""
    path.write_bytes(b"".join(map(encode_line, exchanges)))
    return path


def as_har(exchanges: Sequence[Recorded], **content: Any) -> dict[str, Any]:
    """Return the HAR file of some exchanges, bodies in base64 as browsers keep what is not text; `content` replaces."""
    return {"log": {"version": "1.2", "entries": [_entry(each, content) for each in exchanges]}}


def _entry(exchange: Recorded, content: dict[str, Any]) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    assert request is not None
    data = {"postData": {"mimeType": "application/json", "text": request.body}} if request.body is not None else {}
    body = b"" if response is None else str(response.body).encode()
    return {
        "startedDateTime": "2026-11-26T08:00:00.000Z",
        "time": 12.5,
        "timings": {"blocked": 9000, "send": 0.5, "wait": 11, "receive": 1},
        "request": {
            "method": request.method,
            "url": request.url,
            "httpVersion": "h2",
            "headers": [{"name": ":method", "value": request.method}, *_pairs(request.headers)],
            **data,
        },
        "response": {"status": 0, "headers": []}
        if response is None
        else {
            "status": response.status,
            "httpVersion": "h2",
            "headers": [*_pairs(response.headers), {"name": "Content-Encoding", "value": "gzip"}],
            "content": {"size": len(body), "encoding": "base64", "text": base64.b64encode(body).decode()} | content,
        },
    }


def _pairs(headers: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name.title(), "value": value} for name, value in headers]


def as_cassette(exchanges: Sequence[Recorded], *left_out: str) -> dict[str, Any]:
    """Return the cassette of VCR.py of some exchanges, as `filter_headers` leaves some headers out."""
    interactions = []
    for each in exchanges:
        request, response = each.request, each.response
        assert request is not None
        assert response is not None
        interactions.append(
            {
                "request": {
                    "method": request.method,
                    "uri": request.url,
                    "body": request.body,
                    "headers": {name: [value] for name, value in request.headers if name not in left_out},
                },
                "response": {
                    "status": {"code": response.status, "message": "-"},
                    "headers": {name: [value] for name, value in response.headers},
                    "body": {"string": str(response.body).encode()},
                },
            }
        )
    return {"interactions": interactions, "version": 1}


def judge(*arguments: object, stdin: bytes | None = None) -> tuple[int, str, str]:
    """Run `sleeptalk judge` in this process: its exit code, and what it prints on both streams."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.stdin
    if stdin is not None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)))  # type: ignore[arg-type]  # which has peek
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.run(["judge", *map(str, arguments)])
    finally:
        sys.stdin = before
    return code, out.getvalue(), err.getvalue()


def outcomes(folder: Path) -> dict[str, str]:
    """Return the outcome of each rule of a report."""
    report = json.loads((folder / "report.json").read_text())
    return {rule["id"]: rule["outcome"] for rule in report["rules"]}
