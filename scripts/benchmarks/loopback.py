"""A whole call over loopback: get_session against a bare httpx.get and json.loads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx

from benchmarks.measure import interleaved, ratio
from sleeptalk.asleep import Asleep
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Results


def measure(results: Results, workspace: Path) -> None:  # noqa: ARG001  # every part is called alike
    """Measure one read of a night, connections kept open on both sides where the client can."""
    session_id = SCENARIOS["four-stages"].session_id
    headers = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}
    with (
        running(asleep_app()) as server,
        Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=server.url) as asleep,
        httpx.Client(headers=headers) as client,
    ):
        url = f"{server.url}/data/v2/sessions/{session_id}"
        timings = interleaved(
            {
                "ours": lambda: asleep.get_session(session_id),
                "get": lambda: json.loads(httpx.get(url, headers=headers).content),
                "kept": lambda: json.loads(client.get(url).content),
            }
        )
    results.add(
        "read one night over loopback",
        "httpx.get + json.loads",
        ratio(timings["ours"], timings["get"]),
        ("at most", 1.1),
    )
    results.add(
        "read one night over loopback",
        "an open httpx.Client + json.loads",
        ratio(timings["ours"], timings["kept"]),
        None,
    )
