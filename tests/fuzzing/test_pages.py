"""A failure that only a request for a page meets can be sent again."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS


class FailsForPages:
    """Answers 500 to requests for HTML."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and b"text/html" in dict(scope["headers"]).get(b"accept", b""):
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, send)


def sleeptalk(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sleeptalk_contract", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_it_is_replayed_as_a_request_for_a_page(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(running(FailsForPages(phonexia_app()))).url
        task = ("--task-id", CALLS["done-stereo"].task_id)
        run = sleeptalk("fuzz", "phonexia", "--url", url, *task, "--report-dir", str(tmp_path), "--max-examples", "1")
        assert run.returncode == 1, run.stdout
        rules = json.loads((tmp_path / "report.json").read_text("utf-8"))["rules"]
        (rule,) = [rule for rule in rules if rule["id"] == "analysis.no-server-error"]
        assert any("accept: text/html" in failure["reproduce"] for failure in rule["failures"])
        case = tmp_path / next(failure["case"] for failure in rule["failures"] if "text/html" in failure["reproduce"])
        assert sleeptalk("replay", str(case)).returncode == 1
