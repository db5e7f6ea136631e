"""Honest implementations whose servers, frameworks or firewalls answer some requests by themselves raise no alarm."""

import re
from collections.abc import Callable

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.implementations.judging import broken, judged, not_exercised
from tests.sandbox_ids import known_ids

WELL_FORMED = re.compile(rb".*/(\d{14}_[a-z0-9]{5}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
START = "/api/technology/time-analysis"
UNTRIED = {"asleep": set(), "phonexia": {"analysis.rate-limit-429"}}  # no known task is answered 429

Front = Callable[[Scope, bytes], Response | None]
"""Answers a request, of which it is given the path as it was sent, or leaves it to the implementation."""


def header(scope: Scope, name: bytes) -> str:
    return str(dict(scope["headers"]).get(name, b"").decode("latin-1"))


def is_used(scope: Scope) -> bool:
    """Whether the document has the method at the path."""
    return scope["method"] == ("POST" if scope["path"] == START else "GET")


def firewall(scope: Scope, path: bytes) -> Response | None:
    """Refuse what looks like an attack, with a page."""
    if re.search(rb"%00|%0A|%22|%27|%F|:", path) or re.match(r"\.\.|/", header(scope, b"timezone")):
        return HTMLResponse("<h1>Forbidden</h1>", 403)
    return None if is_used(scope) else HTMLResponse("<h1>Method Not Allowed</h1>", 405)


def cross_origin(scope: Scope, _path: bytes) -> Response | None:
    """Answer what browsers ask before they send a key, and HEAD without looking at anything."""
    if scope["method"] == "OPTIONS":
        return Response(status_code=204, headers={"access-control-allow-methods": "GET"})
    return Response(headers={"content-type": "application/json"}) if scope["method"] == "HEAD" else None


def only_get(scope: Scope, _path: bytes) -> Response | None:
    """Implement nothing but what is used, as small servers do."""
    if scope["method"] in {"HEAD", "OPTIONS"}:
        return Response(status_code=501)
    return None if is_used(scope) else Response(status_code=404)


def validator(scope: Scope, path: bytes) -> Response | None:
    """Look at the id before the method."""
    if not is_used(scope) and not WELL_FORMED.fullmatch(path):
        return JSONResponse({"errors": ["session_id does not match"]}, 400)
    return None


def proxy(_scope: Scope, path: bytes) -> Response | None:
    """Refuse paths that are not plain text, and long ones, with nothing but a status."""
    if len(path) > 200:
        return Response(status_code=414)
    return Response(status_code=400) if b"%" in path else None


def behind(front: Front, app: ASGIApp) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        answer = front(scope, scope["raw_path"]) if scope["type"] == "http" else None
        await (answer or app)(scope, receive, send)

    return serve


@pytest.mark.parametrize("target", ["asleep", "phonexia"])
@pytest.mark.parametrize("front", [firewall, cross_origin, only_get, validator, proxy])
def test_what_stands_in_front_may_answer_by_itself(front: Front, target: str) -> None:
    app = asleep_app() if target == "asleep" else phonexia_app()
    with running(behind(front, app)) as server:
        report = judged(target, server.url, known_ids(target), allow_writes=True)
    assert broken(report, "must") | broken(report, "should") == set()
    assert not report.beyond
    assert not_exercised(report) == UNTRIED[target]
