"""The receivers of docs/receivers.md take whole nights in their real frameworks, and refuse what is not a callback."""

import base64
import json
import re
import runpy
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest

from sleeptalk.callback import parse
from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.callbacks import CallbackFormat
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY
from sleeptalk_contract.services.asleep.service import V1
from sleeptalk_contract.services.asleep_v3.callbacks import V2, V3
from tests.clients.bodies import example
from tests.http_servers import Quiet, running_server

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "receivers.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^## ([^\n]+)\n.*?^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
OTHERS = {name: BLOCKS.pop(name) for name in ("What a callback says",)}
SNIPPETS = BLOCKS
WINDOW = json.dumps(example("CallbackWindow")).encode()
HEADERS = {"x-api-key": SANDBOX_API_KEY, "content-type": "application/json"}


class QuietWSGI(Quiet, WSGIRequestHandler):
    """Logs nothing, as well."""


@contextmanager
def wsgi(app: Any) -> Iterator[str]:
    with running_server(make_server("127.0.0.1", 0, app, handler_class=QuietWSGI)) as url:
        yield url


@contextmanager
def asgi_app(names: dict[str, Any]) -> Iterator[str]:
    with running(names["app"]) as server:
        yield server.url


@contextmanager
def flask_app(names: dict[str, Any]) -> Iterator[str]:
    with wsgi(names["app"]) as url:
        yield url


@contextmanager
def django_urls(names: dict[str, Any]) -> Iterator[str]:
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings

    from tests.django_settings import configure

    urls = types.ModuleType("urls_of_the_snippet")
    urls.__dict__.update(names)
    sys.modules[urls.__name__] = urls
    configure()
    with (
        override_settings(ROOT_URLCONF=urls.__name__, ALLOWED_HOSTS=["127.0.0.1"]),
        wsgi(get_wsgi_application()) as url,
    ):
        yield url


@contextmanager
def lambda_function(names: dict[str, Any]) -> Iterator[str]:
    """Stand in for the gateway: an event of the payload format 2.0 for each request, as AWS documents it."""

    def gateway(environment: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        body = environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
        given = {
            name[5:].replace("_", "-").lower(): value for name, value in environment.items() if name[:5] == "HTTP_"
        }
        text = environment.get("CONTENT_TYPE", "").startswith("application/json")
        content = {"body": body.decode() if text else base64.b64encode(body).decode()} if body else {}
        event = {"version": "2.0", "headers": given, "isBase64Encoded": bool(body) and not text, **content}
        answer = names["handler"](event, None)
        start(f"{answer['statusCode']} -", [])
        return [answer.get("body", "").encode()]

    with wsgi(gateway) as url:
        yield url


SERVERS = {
    "Starlette": asgi_app,
    "FastAPI": asgi_app,
    "Flask": flask_app,
    "Django": django_urls,
    "AWS Lambda": lambda_function,
}


@pytest.fixture(params=SERVERS)
def callback_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve one receiver of the page in its framework."""
    monkeypatch.setenv("SLEEPTALK_CALLBACK_KEY", SANDBOX_API_KEY)
    (tmp_path / "receiver.py").write_text(SNIPPETS[request.param], "utf-8")
    with SERVERS[request.param](runpy.run_path(str(tmp_path / "receiver.py"))) as url:
        yield f"{url}/callback"


def test_a_whole_night_is_taken_in_every_version(callback_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    nights = [each for written in (V1, V2, V3) for each in written.deliver(written.nights["never-slept"])]
    receipts = list(send(nights, callback_url, attempts=1))
    assert {receipt.status for receipt in receipts} == {204}
    assert len(set(capfd.readouterr().out.split())) == len(nights)


@pytest.mark.parametrize("written", [V1, V2, V3], ids=lambda written: written.version)
def test_what_a_callback_says_is_told_alike(written: CallbackFormat, tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text(OTHERS["What a callback says"], "utf-8")
    told = runpy.run_path(str(tmp_path / "told.py"))["told"]
    made = [
        parse(each.body, each.headers, api_key=SANDBOX_API_KEY)
        for each in written.deliver(written.nights["two-stages"])
    ]
    assert told(made[0]) == "20240311133000_twost: 10 epochs up to block 0"
    assert told(made[-1]) == "20240311133000_twost: from 2024-03-11 13:30:00+00:00, efficiency 87%"
    assert written.version == made[0].version


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (WINDOW, HEADERS | {"x-api-key": "wrong"}, 401),
        (WINDOW, {"content-type": "application/json"}, 401),
        (b"{", HEADERS, 400),
        (b"", HEADERS, 400),
        (b"{}", HEADERS, 422),
    ],
)
def test_what_is_not_a_callback_is_refused(
    callback_url: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = httpx.post(callback_url, content=body, headers=headers)
    assert answer.status_code == status
    assert SANDBOX_API_KEY not in answer.text


def test_every_receiver_is_tested_and_short() -> None:
    assert SNIPPETS.keys() == SERVERS.keys()
    for name, snippet in SNIPPETS.items():
        lines = [line for line in snippet.splitlines() if line and not line.startswith(("from ", "import "))]
        assert len(lines) <= 10, name


def test_a_lambda_takes_a_body_in_base64(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLEEPTALK_CALLBACK_KEY", SANDBOX_API_KEY)
    (tmp_path / "receiver.py").write_text(SNIPPETS["AWS Lambda"], "utf-8")
    handler = runpy.run_path(str(tmp_path / "receiver.py"))["handler"]
    event = {"headers": HEADERS, "isBase64Encoded": True, "body": base64.b64encode(WINDOW).decode()}
    assert handler(event, None) == {"statusCode": 204}


def test_the_readme_leads_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    sentences = [line for line in re.sub(r"\s+", " ", readme).split(". ") if "docs/receivers.md" in line]
    assert any(all(name in sentence for name in SERVERS) for sentence in sentences)
