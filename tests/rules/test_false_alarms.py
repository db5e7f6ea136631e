"""Ways in which real implementations differ without breaking the contract: none of them is reported."""

import json
from typing import Any

import pytest

from sleeptalk_contract.contract.exchange import Exchange, Knowledge
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaProvider
from tests.catalogues import catalogue
from tests.rules.exchanges import (
    HEADERS,
    NIGHT_ID,
    TASK_ID,
    UNKNOWN_NIGHT,
    UNKNOWN_TASK,
    ask,
    completion,
    delivered,
    exchange,
    rules_broken,
)
from tests.sandbox_ids import known_ids


def honest_night(identifier: str = NIGHT_ID, **headers: str) -> Any:
    return json.loads(
        ask(AsleepProvider(), "asleep", ("GET", "known-id", identifier, {**HEADERS, **headers})).response_body
    )


def honest_task(identifier: str = TASK_ID) -> Any:
    return json.loads(ask(PhonexiaProvider(), "phonexia", ("GET", "known-id", identifier, {})).response_body)


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def with_extra_fields(value: Any) -> Any:
    """Add a field to every object; not to one that is not populated, nor to a context, whose fields are all values."""
    if isinstance(value, dict) and value:
        extended = {key: item if key == "context" else with_extra_fields(item) for key, item in value.items()}
        return {**extended, "added": {"at": [1, None, "later"]}}
    return [with_extra_fields(item) for item in value] if isinstance(value, list) else value


WRITTEN_DIFFERENTLY = {
    "key order": lambda body: json.dumps(reversed_keys(body)).encode(),
    "extra fields": lambda body: json.dumps(with_extra_fields(body)).encode(),
    "white space": lambda body: b"\r\n\t " + json.dumps(body, indent=3).encode() + b"\n\n",
    "escapes": lambda body: json.dumps(body).replace("/", "\\/").replace("T", "\\u0054").encode(),
    "whole floats": lambda body: json.dumps(body).replace(": 1200,", ": 1200.0,").replace(": 30,", ": 3e1,").encode(),
    "trailing zeros": lambda body: json.dumps(body).replace("0.9,", "0.900,").replace("0.1,", "0.1000,").encode(),
}


@pytest.mark.parametrize("way", WRITTEN_DIFFERENTLY)
@pytest.mark.parametrize("identifier", known_ids("asleep"))
def test_a_night_may_be_written_differently(identifier: str, way: str) -> None:
    written = WRITTEN_DIFFERENTLY[way](honest_night(identifier))
    assert rules_broken("asleep", exchange(body=written, identifier=identifier)) == set()


@pytest.mark.parametrize("way", WRITTEN_DIFFERENTLY)
@pytest.mark.parametrize("identifier", known_ids("phonexia"))
def test_a_task_may_be_written_differently(identifier: str, way: str) -> None:
    written = WRITTEN_DIFFERENTLY[way](honest_task(identifier))
    assert rules_broken("phonexia", exchange("phonexia", body=written, identifier=identifier)) == set()


@pytest.mark.parametrize("way", WRITTEN_DIFFERENTLY)
@pytest.mark.parametrize("scenario", [name for name, night in SCENARIOS.items() if night.state == "COMPLETE"])
def test_a_callback_may_be_written_differently(scenario: str, way: str) -> None:
    delivery = completion(scenario)
    written = WRITTEN_DIFFERENTLY[way](json.loads(delivery.body))
    assert rules_broken("callback", delivered(delivery, sent=written)) == set()


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"]
)
def test_the_content_type_may_have_parameters_and_capitals(content_type: str) -> None:
    answered = exchange(
        body=honest_night(), answered={"content-type": content_type, "server": "nginx", "via": "1.0 proxy"}
    )
    assert rules_broken("asleep", answered) == set()


@pytest.mark.parametrize("nothing", [{}, {"result": None, "error": None}, {"result": {}, "error": {}}, {"error": None}])
def test_nothing_may_be_absent_null_or_empty(nothing: dict[str, Any]) -> None:
    body = {"task": {"task_id": TASK_ID, "state": "pending"}, **nothing}
    assert rules_broken("phonexia", exchange("phonexia", body=body, identifier=TASK_ID)) == set()


def test_a_task_id_may_be_asked_for_in_capitals_and_answered_without() -> None:
    answered = exchange("phonexia", body=honest_task(), identifier=TASK_ID.upper())
    assert rules_broken("phonexia", answered) == set()


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", ""),
        (b"Forbidden", "text/plain"),
        (b"<html>no</html>", "text/html"),
        (b'{"detail": "Invalid API key"}', "application/json"),
        (b'{"message": "Forbidden"}', "application/json"),
        (b'"no"', "application/json"),
    ],
)
def test_a_gateway_may_refuse_a_key_in_its_own_words(status: int, body: bytes, content_type: str) -> None:
    headers = {**HEADERS, "x-api-key": "wrong"}
    refused = exchange(status=status, body=body, headers=headers, answered={"content-type": content_type})
    assert rules_broken("asleep", refused) == set()


@pytest.mark.parametrize("target", ["asleep", "phonexia"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", [404, 405, 501])
def test_other_methods_may_be_refused_either_way(target: str, method: str, status: int) -> None:
    answered = exchange(target, status, b"Method Not Allowed", method=method, answered={"content-type": "text/plain"})
    assert rules_broken(target, answered) == set()


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("status", [200, 204, 400, 405, 501])
def test_methods_of_http_itself_are_free(method: str, status: int) -> None:
    assert rules_broken("asleep", exchange(status=status, method=method, answered={})) == set()


@pytest.mark.parametrize("identifier", ["", ".", "..", "a/b", "%2e%2e", "a b", "ü", "\x00", "a?b", "x" * 5000])
@pytest.mark.parametrize("status", [400, 404, 405, 414, 301])
def test_what_a_server_makes_of_odd_paths_is_its_own_affair(identifier: str, status: int) -> None:
    for target in ("asleep", "phonexia"):
        answered = exchange(target, status, b"<html>", identifier=identifier, answered={"content-type": "text/html"})
        assert rules_broken(target, answered) == set()


def refusal(status: int, detail: str, identifier: str = NIGHT_ID, **headers: str | None) -> Exchange:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    merged = {name: value for name, value in {**HEADERS, **given}.items() if value is not None}
    return exchange(status=status, body={"detail": detail}, identifier=identifier, headers=merged, intent="generated")


MALFORMED = "20220821093117_hz82"
SAYS_MALFORMED = f"The format of sleep session id {MALFORMED} is not valid"


@pytest.mark.parametrize(
    "answered",
    [
        pytest.param(
            refusal(400, "The invalid timezone is provided", MALFORMED, timezone="Mars/Phobos"), id="timezone first"
        ),
        pytest.param(refusal(422, SAYS_MALFORMED, MALFORMED, timezone="Mars/Phobos"), id="id first"),
        pytest.param(
            refusal(
                404, f"Unable to find the sleep session of id {UNKNOWN_NIGHT}", UNKNOWN_NIGHT, timezone="Mars/Phobos"
            ),
            id="unknown first",
        ),
        pytest.param(refusal(422, SAYS_MALFORMED, MALFORMED, x_api_key=None), id="id before key"),
        pytest.param(refusal(404, "no", UNKNOWN_NIGHT, x_api_key="wrong"), id="unknown before key"),
        pytest.param(
            refusal(400, "The format of x-user-id is invalid", MALFORMED, x_user_id="somebody"), id="user before id"
        ),
        pytest.param(refusal(404, "no such user", x_user_id="somebody"), id="another user"),
        pytest.param(refusal(400, "no user", x_user_id=None), id="no user"),
        pytest.param(refusal(403, "rate limit exceeded", UNKNOWN_NIGHT), id="too many requests"),
        pytest.param(
            refusal(422, "The format of sleep session id 20221399999999_zzzzz is not valid", "20221399999999_zzzzz"),
            id="digits that are no date",
        ),
        pytest.param(
            refusal(404, "Unable to find the sleep session of id 20221399999999_zzzzz", "20221399999999_zzzzz"),
            id="or unknown all the same",
        ),
    ],
)
def test_either_refusal_of_a_request_that_is_wrong_twice_is_right(answered: Exchange) -> None:
    assert rules_broken("asleep", answered) == set()


@pytest.mark.parametrize(
    "timezone",
    [
        "",
        " ",
        "UTC+9",
        "+09:00",
        "-0330",
        "EST5EDT",
        "KST",
        "asia/seoul",
        "Asia",
        "America/Indiana",
        "local",
        "Z",
        "GMT0",
        "<+03>-3",
        "한국",
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_what_may_be_a_timezone_is_not_judged(timezone: str, status: int) -> None:
    body = honest_night() if status == 200 else {"detail": "The invalid timezone is provided"}
    body = {**body, "result": {**body["result"], "timezone": timezone}} if status == 200 else body
    answered = exchange(status=status, body=body, headers={**HEADERS, "timezone": timezone}, intent="generated")
    exempt = {
        "session.times-in-requested-timezone"
    }  # asked for in small letters it is the zone, and these times are UTC
    assert rules_broken("asleep", answered) - exempt == set()


@pytest.mark.parametrize("timezone", ["Mars/Phobos", "Asia/Nowhere", "Not-A-Timezone", "Asia/Seoul/Gangnam"])
def test_what_is_clearly_no_timezone_must_be_refused(timezone: str) -> None:
    answered = exchange(body=honest_night(), headers={**HEADERS, "timezone": timezone})
    assert rules_broken("asleep", answered) == {"session.invalid-timezone-400"}


def test_an_implementation_may_have_a_night_that_we_do_not_know() -> None:
    answered = exchange(body=honest_night(), intent="generated")
    assert rules_broken("asleep", answered, knowledge=Knowledge({"x-api-key": "sandbox-api-key"})) == set()


def test_an_implementation_may_have_a_task_that_we_do_not_know() -> None:
    answered = exchange("phonexia", body=honest_task(), identifier=TASK_ID, intent="generated")
    assert rules_broken("phonexia", answered, knowledge=Knowledge()) == set()


@pytest.mark.parametrize(
    "identifier", [UNKNOWN_TASK.replace("-", ""), f"urn:uuid:{UNKNOWN_TASK}", f"{{{UNKNOWN_TASK}}}"]
)
@pytest.mark.parametrize(("status", "kind"), [(404, "resource.not-found"), (422, "request.validation-error")])
def test_other_spellings_of_a_uuid_may_be_taken_or_refused(identifier: str, status: int, kind: str) -> None:
    body = {"type": kind, "message": "no"}
    assert rules_broken("phonexia", exchange("phonexia", status, body, identifier=identifier)) == set()


def test_a_redelivery_in_the_middle_of_a_night_is_not_a_breach() -> None:
    first, second, third = (delivered(each) for each in deliveries(SCENARIOS["four-stages"])[:3])
    assert rules_broken("callback", first, second, third, first, second, third) == set()


def test_rounding_is_not_a_breach() -> None:
    body = honest_night()
    body["result"]["stat"] |= {"time_in_sleep": 24300, "time_in_bed": 28800, "sleep_efficiency": 0.84}
    assert "session.efficiency-arithmetic" not in rules_broken("asleep", exchange(body=body))


@pytest.mark.parametrize(
    ("digits", "is_a_breach"),
    [
        ("0.30000000000000004", True),
        ("0.30", False),
        ("0.300", False),
        ("1", False),
        ("0", False),
        ("1.0", False),
        ("3e-1", False),
        ("0.305", True),
    ],
)
def test_decimals_are_counted_on_the_digits_that_were_sent(digits: str, is_a_breach: bool) -> None:
    text = json.dumps(honest_night()).replace('"rem_ratio": ', f'"rem_ratio": {digits}, "was": ')
    broken = rules_broken("asleep", exchange(body=text.encode()))
    assert ("session.ratio-two-decimals" in broken) is is_a_breach


def test_only_should_rules_are_about_samples() -> None:
    assert {rule.level for rule in catalogue().values() if rule.broken_by_sample} == {"should"}


@pytest.mark.parametrize(
    "identifier", [f"{NIGHT_ID}\n", "\u0662\u0660\u0662\u0662_hz82a"], ids=["line end", "other digits"]
)
def test_an_id_that_servers_may_treat_as_they_like_must_still_not_be_served(identifier: str) -> None:
    refused = refusal(422, "whatever the server says", identifier)
    assert rules_broken("asleep", refused) == set()
    served = exchange(status=200, body={"detail": "ok"}, identifier=identifier, headers=HEADERS, intent="generated")
    assert "session.malformed-id-422" in rules_broken("asleep", served)
