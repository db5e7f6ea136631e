"""What a sender may do without breaking a rule, and what breaks one: bytes, and several deliveries of a session."""

import json
from typing import Any

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.rules.exchanges import completion, delivered, rules_broken

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
