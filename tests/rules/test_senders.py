"""What a sender may do without breaking a rule, and what breaks one: bytes, and several deliveries of a session."""

import codecs
import json
from typing import Any

import pytest

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.rules.exchanges import ASLEEP, completion, delivered, rules_broken
from tests.targets import target_named

END = completion()
BODY = json.loads(END.body)


def end(**changes: Any) -> Exchange:
    """Return the delivery of the night's end with other values in its `sleep_data`."""
    data = BODY["callback_data"]
    changed = {**BODY, "callback_data": {**data, "sleep_data": {**data["sleep_data"], **changes}}}
    return delivered(END, sent=json.dumps(changed).encode())


def test_a_session_may_be_completed_again_unchanged() -> None:
    backwards = json.dumps(dict(reversed(BODY.items())), indent=1).encode()
    attempt = json.dumps({**BODY, "attempt": 2}).encode()
    assert rules_broken("callback", end(), end(), delivered(END, sent=backwards), delivered(END, sent=attempt)) == set()


def test_a_session_may_not_be_completed_again_with_other_values() -> None:
    assert rules_broken("callback", end(), end(estimated_ahi=7.5)) == {"callback.complete-once"}


def test_sessions_are_completed_each_for_itself() -> None:
    assert rules_broken("callback", end(), delivered(completion("two-stages"))) == set()


def test_a_window_may_be_delivered_again_after_the_end_as_another_attempt() -> None:
    window, last = deliveries(SCENARIOS["four-stages"])[0], end()
    again = json.dumps({**json.loads(window.body), "attempt": 2}).encode()
    assert rules_broken("callback", delivered(window), last, delivered(window, sent=again)) == set()


@pytest.mark.parametrize(
    ("headers", "body", "words"),
    [
        ({"content-length": "5000"}, END.body[:4000], "is cut short: 4000 of 5000 bytes came"),
        ({"content-length": "5000"}, b"", "is cut short: 0 of 5000 bytes came"),
        ({"content-encoding": "gzip"}, END.body, "is gzip, so that the body is not JSON as it is"),
        ({}, codecs.BOM_UTF8 + END.body, "is not JSON: it begins with a byte order mark"),
        ({}, END.body[:-1] + rb',"note":"\ud83d"}', "has half of a surrogate pair"),
        ({}, END.body.replace(b'"user_id":"', b'"user_id":"\xff', 1), "is not UTF-8"),
        ({}, b"", "it is empty"),
    ],
)
def test_a_body_that_a_receiver_cannot_read_is_named_with_its_reason(
    headers: dict[str, str], body: bytes, words: str
) -> None:
    made = delivered(END, headers={**END.headers, **headers}, sent=body)
    (breach,) = Judge(target_named("callback"), ASLEEP).judge(made).breaches
    assert breach.rule == "callback.json-body"
    assert words in breach.message


@pytest.mark.parametrize("headers", [{"content-length": str(len(END.body))}, {"content-encoding": "identity"}])
def test_a_length_and_no_encoding_may_be_said(headers: dict[str, str]) -> None:
    assert rules_broken("callback", delivered(END, headers={**END.headers, **headers})) == set()
