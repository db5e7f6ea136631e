"""A base path, a redirect or a web page in front of an implementation is told; an odd answer among others is judged."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from tests.fuzzing.helpers import SLEPT, exits_2, serving
from tests.fuzzing.reaching import ASLEEP, CALLBACK, PHONEXIA
from tests.surroundings import below

pytestmark = pytest.mark.usefixtures("forgetting")


@pytest.mark.parametrize(
    ("arguments", "path", "told"),
    [
        (ASLEEP, "/data/v2", "/data/v2"),
        (ASLEEP, "/gateway/data/v2/", "/data/v2"),
        (ASLEEP, "/data/v2/sessions", "/data/v2/sessions"),
        (ASLEEP, f"/data/v2/sessions/{SLEPT}", f"/data/v2/sessions/{SLEPT}"),
        (PHONEXIA, "/api/technology", "/api/technology"),
    ],
)
def test_a_base_path_that_repeats_that_of_the_document_is_told(
    arguments: tuple[str, ...], path: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = exits_2(capsys, *arguments, "--url", f"https://staging.example{path}")
    assert f"ends in {told}, with which the paths of the document begin" in printed
    base = path.rstrip("/").removesuffix(told)
    assert f"pass 'https://staging.example{base}', to which they are added" in printed


def test_one_repeated_segment_is_told_where_only_the_address_without_it_answers_as_it_should(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(asleep_app()) as url:
        assert f"pass '{url}', to which they are added" in exits_2(capsys, *ASLEEP, "--url", f"{url}/data")
    with serving(below(asleep_app(), "/data", Response("nothing here", 404))) as url:
        assert cli.run([*ASLEEP, "--url", f"{url}/data"]) == 0


def redirecting(status: int, location: str) -> ASGIApp:
    """Return a front that redirects every request; {path} stands for the path that was asked for."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        await RedirectResponse(location.replace("{path}", scope["path"]), status)(scope, receive, send)

    return front


@pytest.mark.parametrize("arguments", [ASLEEP, ASLEEP[:2], PHONEXIA, PHONEXIA[:2], CALLBACK, CALLBACK[:2]])
@pytest.mark.parametrize(
    ("status", "location", "advice"),
    [
        (301, "https://staging.example{path}", "pass --url https://staging.example"),
        (308, "//staging.example{path}", "pass --url http://staging.example"),
        (302, "/login?next=%2F", "pass the address behind it with --url, or what it asks for with -H"),
    ],
)
def test_a_redirect_in_front_is_told_and_not_judged(
    arguments: tuple[str, ...], status: int, location: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(redirecting(status, location)) as url:
        printed = exits_2(capsys, *arguments, "--url", url)
    assert f"A redirect stands in front of the implementation: it answers {status}" in printed
    assert advice in printed


def test_the_base_path_of_a_redirect_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(redirecting(308, "https://staging.example/gateway{path}")) as url:
        printed = exits_2(capsys, *ASLEEP, "--url", url)
    assert printed.endswith(": pass --url https://staging.example/gateway.\n")


LOGIN = "<!DOCTYPE html><html><title>Sign in \N{EN DASH} Staging</title><form></form></html>"


@pytest.mark.parametrize("arguments", [ASLEEP, PHONEXIA, ("fuzz", "asleep", "--api-key", "k3y", "--user-id", "U-1")])
def test_a_web_page_in_front_is_told_and_not_judged(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Response(LOGIN, media_type="text/html")) as url:
        printed = exits_2(capsys, *arguments, "--url", url)
    assert "A web page stands in front of the implementation: it answers 200 and HTML" in printed
    assert "titled 'Sign in \N{EN DASH} Staging', to GET " in printed
    assert "with -H" in printed


@pytest.mark.parametrize("media_type", ["text/html", "application/json"])
def test_json_that_is_called_html_and_html_that_is_called_json_are_judged(media_type: str) -> None:
    body = '{"detail": "<html>"}' if media_type == "text/html" else LOGIN
    with serving(Response(body, media_type=media_type)) as url:
        assert cli.run([*ASLEEP, "--url", url]) == 1


def test_a_receiver_may_answer_with_a_page() -> None:
    async def receiver(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 204:
                message = {**message, "status": 200, "headers": [(b"content-type", b"text/html")]}
            elif message["type"] == "http.response.body" and not message.get("body"):
                message = {**message, "body": LOGIN.encode()}
            await send(message)

        await receiver_app()(scope, receive, sent)

    with serving(receiver) as url:
        assert cli.run([*CALLBACK, "--url", url]) == 0


@pytest.mark.parametrize("arguments", [ASLEEP, PHONEXIA[:2]])
def test_an_implementation_whose_paths_end_in_a_slash_is_told_so(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(redirecting(301, "{path}/")) as url:
        printed = exits_2(capsys, *arguments, "--url", url)
    assert printed.endswith("/: serve the paths of the contract as they are, without a slash at their end.\n")


def test_a_redirect_that_also_adds_a_slash_leads_to_its_base(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(redirecting(301, "https://staging.example{path}/")) as url:
        assert exits_2(capsys, *ASLEEP, "--url", url).endswith(": pass --url https://staging.example.\n")


def test_a_receiver_whose_path_ends_in_a_slash_is_told_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(redirecting(301, "{path}/")) as url:
        assert exits_2(capsys, *CALLBACK, "--url", f"{url}/callback").endswith(f": pass --url {url}/callback/.\n")


def test_a_single_redirect_is_judged() -> None:
    inner = asleep_app()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        moved = "19990101000000" in scope["path"]
        await (RedirectResponse("/elsewhere") if moved else inner)(scope, receive, send)

    with serving(app) as url:
        assert cli.run([*ASLEEP, "--url", url]) == 1
