"""Whatever was sent and answered, the judge gives a verdict and never raises."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaProvider
from tests.rules.exchanges import ASLEEP, HEADERS, PHONEXIA, ask, completion, exchange
from tests.sandbox_ids import known_ids
from tests.targets import target_named

HONEST = {
    "asleep": [
        json.loads(ask(AsleepProvider(), "asleep", ("GET", "known-id", identifier, HEADERS)).response_body)
        for identifier in known_ids("asleep")[:6]
    ],
    "phonexia": [
        json.loads(ask(PhonexiaProvider(), "phonexia", ("GET", "known-id", identifier, {})).response_body)
        for identifier in known_ids("phonexia")
    ],
    "callback": [json.loads(completion().body), json.loads(completion("never-slept").body)],
}
KNOWLEDGE = {"asleep": ASLEEP, "phonexia": PHONEXIA, "callback": ASLEEP}

HOSTILE_BODIES = [
    b"",
    b"\xff\xfe",
    b"null",
    b"NaN",
    b"[[[[[",
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'{"a":' * 240 + b"1" + b"}" * 240,
    b'"\\ud800"',
    b'{"\\ud800":"\\udfff"}',
    b"1e999999999999",
    b"9" * 10_000,
    b'{"result":{"stat":{"rem_ratio":1e-9999999,"time_in_bed":1e9999999},"session":{"start_time":"0001-01-01T00:00:00+23:59"}}}',
    b'{"result":{"stat":{"sleep_time":"9999-12-31T23:59:59-23:59"},"session":{"state":"COMPLETE","sleep_stages":[{}]}}}',
    b'{"result":{"channel_analyses":[7,null,{"channel_number":[]}],"reaction_analyses":[{"crosstalks":[1,{"start_time":true}]}]}}',
    b'{"callback_event":"INFERENCE_COMPLETE","callback_data":{"session_id":"a","inference_seq_num":1e400,"stage_list":{}}}',
]

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False),
    st.text(max_size=30),
    st.sampled_from(["2022-08-21T09:31:17Z", "OPEN", "COMPLETE", "done", "0000", [], {}, [0, 1, 2], [{}], {"a": 1}]),
)


def paths(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    return [at, *(path for key, item in inner for path in paths(item, (*at, key)))]


def replaced(value: Any, path: tuple[str | int, ...], by: Any) -> Any:
    if not path:
        return by
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], by)
    return changed


@pytest.mark.parametrize("target", HONEST)
@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=lambda body: repr(body[:24]))
def test_hostile_bodies_are_judged(target: str, body: bytes) -> None:
    judge = Judge(target_named(target), KNOWLEDGE[target])
    for status in (200, 204, 301, 400, 401, 404, 422, 429, 500, 700, None):
        for method, intent in (("GET", "known-id"), ("POST", "delivery")):
            made = exchange(target, status, body, method=method, intent=intent, sent=body)
            assert judge.judge(made).checked is not None


@pytest.mark.parametrize("target", HONEST)
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_honest_bodies_with_any_value_anywhere_are_judged(target: str, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(HONEST[target]))
    for _ in range(2):
        body = replaced(body, data.draw(st.sampled_from(paths(body))), data.draw(values))
    sent = json.dumps(body).encode()
    judge = Judge(target_named(target), KNOWLEDGE[target])
    method, intent = ("POST", "delivery") if target == "callback" else ("GET", "known-id")
    headers = dict(completion().headers) if target == "callback" else HEADERS
    made = exchange(target, 200, sent, method=method, intent=intent, sent=sent, headers=headers)
    verdict = judge.judge(made)
    assert all(breach.rule and breach.message for breach in verdict.breaches)
    assert all(verdict.checked[breach.rule] > 0 for breach in verdict.breaches)


@given(
    identifier=st.text(max_size=40),
    headers=st.dictionaries(st.sampled_from(["x-api-key", "x-user-id", "timezone"]), st.text(max_size=20)),
    status=st.integers(100, 599),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_request_is_judged(identifier: str, headers: dict[str, str], status: int) -> None:
    for target in ("asleep", "phonexia"):
        made = exchange(target, status, {"detail": "x"}, identifier=identifier, headers=headers, intent="generated")
        assert Judge(target_named(target), KNOWLEDGE[target]).judge(made).checked is not None
