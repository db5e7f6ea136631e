"""What the assertions say of an answer and of a callback."""

import copy
import json
from collections.abc import Mapping
from typing import Any, Literal

import httpx
import pytest
import requests

from sleeptalk_contract.pytest_plugin import (
    AsleepSandbox,
    CallbackSender,
    PhonexiaSandbox,
    assert_callback_conforms,
    assert_conforms,
)
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

SESSION_PATH = "/data/v2/sessions/"
TASK_PATH = "/api/technology/time-analysis/"


def session(sandbox: AsleepSandbox, scenario: str, **headers: str) -> httpx.Response:
    identifier = sandbox.known_ids[scenario]
    return httpx.get(f"{sandbox.url}{SESSION_PATH}{identifier}", headers={**sandbox.headers, **headers})


def changed(response: httpx.Response, body: Any) -> httpx.Response:
    return httpx.Response(response.status_code, json=body, request=response.request)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_night_of_the_sandbox_conforms_strictly(asleep_sandbox: AsleepSandbox, scenario: str) -> None:
    assert_conforms(session(asleep_sandbox, scenario, timezone="Asia/Kolkata"), strict=True)


def test_every_task_of_the_sandbox_conforms_strictly(phonexia_sandbox: PhonexiaSandbox) -> None:
    statuses = set()
    for identifier in phonexia_sandbox.known_ids.values():
        response = httpx.get(f"{phonexia_sandbox.url}{TASK_PATH}{identifier}")
        statuses.add(response.status_code)
        assert_conforms(response, strict=True)
    assert statuses == {200, 404, 429}


def test_an_answer_that_requests_made_conforms(asleep_sandbox: AsleepSandbox) -> None:
    address = f"{asleep_sandbox.url}{SESSION_PATH}{asleep_sandbox.known_ids['four-stages']}"
    with requests.Session() as client:
        assert_conforms(client.get(address, headers=asleep_sandbox.headers, timeout=5))


def test_a_broken_rule_is_named_with_its_sentence_its_source_and_the_place(asleep_sandbox: AsleepSandbox) -> None:
    honest = session(asleep_sandbox, "open-with-real-time")
    body = honest.json()
    body["result"]["session"]["end_time"] = body["result"]["session"]["start_time"]
    with pytest.raises(AssertionError) as caught:
        assert_conforms(changed(honest, body))
    told = str(caught.value)
    assert "session.end-time-null-while-open: While the state is OPEN, end_time is null. (source: Get Single " in told
    assert "    /result/session/end_time " in told
    assert told.count("session.") == 1


def test_a_should_rule_counts_only_strictly(asleep_sandbox: AsleepSandbox) -> None:
    honest = session(asleep_sandbox, "four-stages")
    body = honest.json()
    body["result"]["validity"] = "VALID"
    body["result"]["session"]["osa_stages"].pop()
    assert_conforms(changed(honest, body))
    with pytest.raises(AssertionError, match=r"session\.stage-list-lengths"):
        assert_conforms(changed(honest, body), strict=True)


def test_an_answer_for_another_id_does_not_conform(asleep_sandbox: AsleepSandbox) -> None:
    honest, other = session(asleep_sandbox, "four-stages"), session(asleep_sandbox, "two-stages")
    with pytest.raises(AssertionError, match=r"session\.id-echoed") as caught:
        assert_conforms(changed(honest, other.json()))
    assert "session.not-found-404" not in str(caught.value)


def test_refusals_are_judged_too(asleep_sandbox: AsleepSandbox) -> None:
    address = f"{asleep_sandbox.url}{SESSION_PATH}20220821093117_hz82"
    refused = httpx.get(address, headers=asleep_sandbox.headers)
    assert refused.status_code == 422
    assert_conforms(refused, strict=True)
    with pytest.raises(AssertionError, match=r"session\.malformed-id-422"):
        assert_conforms(changed(refused, {"detail": "no"}))


def test_with_the_right_key_given_an_answer_to_a_wrong_one_is_a_breach(asleep_sandbox: AsleepSandbox) -> None:
    honest = session(asleep_sandbox, "four-stages")
    assert_conforms(honest)
    with pytest.raises(AssertionError, match=r"session\.api-key-required") as caught:
        assert_conforms(honest, api_key="another-key-than-sent")
    assert asleep_sandbox.api_key not in str(caught.value)
    assert "another-key-than-sent" not in str(caught.value)


def test_an_answer_of_another_service_cannot_be_judged() -> None:
    response = httpx.Response(200, json={}, request=httpx.Request("GET", "http://example.com/elsewhere"))
    with pytest.raises(ValueError, match="is not an address of the contract"):
        assert_conforms(response)


@pytest.mark.parametrize("version", ["V1", "V2", "V3"])
def test_every_callback_of_the_sandbox_conforms_strictly(
    callback_sender: CallbackSender, version: Literal["V1", "V2", "V3"]
) -> None:
    for scenario in callback_sender.scenarios:
        made = callback_sender.deliveries(scenario, timezone="America/St_Johns", version=version)
        for delivery in (*made[:3], *made[-1:]):
            assert_callback_conforms(delivery.body, delivery.headers, api_key=callback_sender.api_key, strict=True)


@pytest.fixture
def completion(callback_sender: CallbackSender) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(callback_sender.deliveries("four-stages")[-1].body)
    return body


@pytest.fixture
def headers(callback_sender: CallbackSender) -> Mapping[str, str]:
    return callback_sender.deliveries("four-stages")[-1].headers


def test_a_callback_may_be_bytes_text_or_a_value_with_headers_in_any_form(
    completion: dict[str, Any], headers: Mapping[str, str]
) -> None:
    text = json.dumps(completion)
    assert_callback_conforms(text.encode(), {name.upper(): value for name, value in headers.items()})
    assert_callback_conforms(text, [(name.encode(), value.encode()) for name, value in headers.items()])
    assert_callback_conforms(completion, httpx.Headers(dict(headers)))


def test_a_broken_callback_is_named_by_its_rule(completion: dict[str, Any], headers: Mapping[str, str]) -> None:
    broken = copy.deepcopy(completion)
    broken["callback_data"]["sleep_data"]["state"] = "CLOSED"
    with pytest.raises(AssertionError, match=r"callback\.state-complete: The state in sleep_data is COMPLETE"):
        assert_callback_conforms(broken, headers)


def test_a_callback_without_its_key_does_not_conform(completion: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=r"callback\.api-key-header"):
        assert_callback_conforms(completion, {"x-user-id": completion["callback_data"]["user_id"]})


def test_the_fixtures_of_the_same_names_are_the_functions(
    request: pytest.FixtureRequest,
) -> None:
    assert request.getfixturevalue("assert_conforms") is assert_conforms
    assert request.getfixturevalue("assert_callback_conforms") is assert_callback_conforms
