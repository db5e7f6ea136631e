"""The errors that a page promises are those that the clients raise, and what is said to be retried is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import sleeptalk.errors
from sleeptalk import asleep, asleep_v3, phonexia
from sleeptalk.callback import asgi
from sleeptalk.errors import CallFailed
from sleeptalk_contract.reference.examples import examples_of_answer
from sleeptalk_contract.reference.raised import otherwise, raised, receiver_errors
from sleeptalk_contract.reference.site import published
from sleeptalk_contract.services.registered import SERVICES
from tests.reference.conftest import words_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARTS = {part.name: part for part in published(SERVICES)}
NIGHT = "20220821093117_hz82a"
TASK = "123e4567-e89b-12d3-a456-426614174000"


def _asleep(client: httpx.Client) -> Any:
    return asleep.Asleep("key", "G-1", http_client=client, retries=1)


def _asleep_v3(client: httpx.Client) -> Any:
    return asleep_v3.Asleep("key", "G-1", http_client=client, retries=1)


def _phonexia(client: httpx.Client) -> Any:
    return phonexia.Phonexia("http://localhost:8000", http_client=client, retries=1)


CALLS: dict[tuple[str, str], tuple[Callable[[httpx.Client], Any], Callable[[Any], object]]] = {
    ("asleep", "getSession"): (_asleep, lambda client: client.get_session(NIGHT)),
    ("asleep-v3", "getSession"): (_asleep_v3, lambda client: client.get_session(NIGHT)),
    ("asleep-v3", "getUser"): (_asleep_v3, lambda client: client.get_user("G-1")),
    ("asleep-v3", "deleteUser"): (_asleep_v3, lambda client: client.delete_user("G-1")),
    ("asleep-v3", "deleteSession"): (_asleep_v3, lambda client: client.delete_session(NIGHT)),
    ("phonexia", "getTimeAnalysis"): (_phonexia, lambda client: client.get_time_analysis(TASK)),
    ("phonexia", "startTimeAnalysis"): (_phonexia, lambda client: client.start_time_analysis(b"RIFF")),
}


def outcome(service: str, operation: str, status: int, body: Any) -> tuple[str, bool]:
    """Return the name of the error that a call raises where it is answered so, and whether it was sent again."""
    sent = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal sent
        request.read()
        sent += 1
        return httpx.Response(status, json=body, headers={"retry-after": "0"})

    make, call = CALLS[service, operation]
    with httpx.Client(transport=httpx.MockTransport(answer)) as client, pytest.raises(CallFailed) as caught:
        call(make(client))
    return type(caught.value).__name__, sent > 1


@pytest.mark.parametrize(("service", "identity"), CALLS)
def test_a_client_raises_what_the_page_says_and_retries_where_it_says_so(service: str, identity: str) -> None:
    part = PARTS[service]
    operation = part.document.operation(identity)
    for status in (each for each in operation.responses if each[0] in "45"):
        values = [each.value for each in examples_of_answer(part, operation, status)]
        promised = raised(part, operation, status, values)
        assert {(each.name, each.retried) for each in promised if "malformed" not in each.when} == {
            outcome(service, identity, int(status), value) for value in values
        }, status
    for status, each in otherwise(part, operation):
        assert outcome(service, identity, int(status), None) == (each.name, each.retried)


def test_every_documented_refusal_has_an_error_of_the_package() -> None:
    for part in PARTS.values():
        for operation in part.document.operations.values():
            for status in (each for each in operation.responses if each.isdigit() and each[0] in "45"):
                values = [each.value for each in examples_of_answer(part, operation, status)]
                assert values, (operation.id, status)
                names = [each.name for each in raised(part, operation, status, values)]
                assert names, (operation.id, status)
                assert set(names) <= set(sleeptalk.errors.__all__)
                assert "UnexpectedStatus" not in names, (operation.id, status)


def test_a_malformed_id_has_an_error_of_its_own() -> None:
    part = PARTS["phonexia"]
    operation = part.document.operation("getTimeAnalysis")
    found = {each.name: each.when for each in raised(part, operation, "422", [])}
    assert found["InvalidTaskId"] == "where the task id is malformed"


def test_the_statuses_of_the_receiver_are_those_that_it_answers() -> None:
    part = PARTS["asleep"]
    operation = part.document.operation("receiveCallback")
    promised = {status for status, _ in receiver_errors(part, operation, "4XX")}
    app = asgi(lambda _: None, api_key="key")

    async def answers() -> set[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver") as client:
            sent: tuple[tuple[dict[str, str], bytes], ...] = (
                ({}, b"{}"),
                ({"x-api-key": "key"}, b"{"),
                ({"x-api-key": "key"}, b"{}"),
            )
            return {(await client.post("/", content=body, headers=headers)).status_code for headers, body in sent}

    assert asyncio.run(answers()) == promised


def test_the_pages_say_it(site: Path) -> None:
    page = words_of(site / "asleep-v3-getSession.html")
    assert "Python raises RateLimited where it says Rate limit exceeded. The client has tried again before." in page
    assert "Python raises QuotaExceeded where it says Quota exceeded. It is not tried again." in page
    twin = (site / "asleep-v3-getSession.md").read_text(encoding="utf-8")
    assert "`RateLimited` where it says `Rate limit exceeded`, after retries" in twin
    assert "The receiver of the Python package answers 401 for CallbackForbidden." in words_of(
        site / "asleep-receiveCallback.html"
    )
