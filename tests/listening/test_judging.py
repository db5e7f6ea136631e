"""What listening says of the callbacks that it is sent."""

import json
import socket
import threading
from typing import Any

import httpx
import pytest

from sleeptalk_contract.contract.service import Delivery
from sleeptalk_contract.reporting.baseline import Baseline, Entry
from sleeptalk_contract.reporting.files import json_report
from sleeptalk_contract.reporting.model import Acceptance
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.catalogues import rules_of
from tests.listening.conftest import KEY, Listen, night
from tests.waiting import until


def changed(delivery: Delivery, **changes: Any) -> Delivery:
    body = json.loads(delivery.body)
    data = body["callback_data"]
    target = data.get("sleep_data", data)
    target.update(changes)
    return Delivery(delivery.scenario, delivery.event, delivery.second, delivery.headers, json.dumps(body).encode())


def test_every_night_of_the_sandbox_is_accepted_and_keeps_every_rule(listen: Listen) -> None:
    listening = listen()
    for scenario, each in SCENARIOS.items():
        if each.sleep_stages is not None:
            made = night(scenario)
            assert {listening.post(delivery).status_code for delivery in (*made[:5], made[-1])} == {204}
    report = listening.report
    assert report.outcome == "passed"
    assert not report.beyond
    assert [result.rule.id for result in report.rules] == [rule.id for rule in rules_of("callback")]
    assert {result.outcome for result in report.rules} == {"passed"}


def test_a_delivery_is_taken_on_any_path(listen: Listen) -> None:
    listening = listen()
    assert listening.post(night()[0], "/hooks/asleep?from=vendor").status_code == 204
    assert listening.report.requests == 1


def test_a_broken_rule_is_answered_with_its_sentence(listen: Listen) -> None:
    listening = listen()
    answer = listening.post(changed(night()[-1], state="CLOSED"))
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("callback.state-complete: /callback_data/sleep_data/state ")
    assert listening.result("callback.state-complete").outcome == "failed"
    assert listening.report.exit_code == 1
    assert "callback.state-complete (must): /callback_data/sleep_data/state" in listening.shown


@pytest.mark.parametrize(
    ("content", "status", "rule"),
    [
        (b"", 400, "callback.json-body"),
        (b"{", 400, "callback.json-body"),
        (b"[]", 400, "callback.json-body"),
        (b"\xff\xfe", 400, "callback.json-body"),
        (b"{}", 422, "callback.shape"),
    ],
)
def test_a_body_that_is_not_a_callback_is_refused(listen: Listen, content: bytes, status: int, rule: str) -> None:
    listening = listen()
    headers = {"x-api-key": KEY, "x-user-id": "somebody"}
    assert httpx.post(listening.url, content=content, headers=headers).status_code == status
    assert listening.result(rule).outcome == "failed"


def test_a_body_that_is_cut_short_is_a_finding(listen: Listen) -> None:
    listening = listen()
    host, port = listening.url.removeprefix("http://").split(":")
    head = f"POST / HTTP/1.1\r\nhost: a\r\nx-api-key: {KEY}\r\nx-user-id: u\r\ncontent-length: 100\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b'{"callback_event":')
    until(lambda: listening.report.requests)
    result = listening.result("callback.json-body")
    assert "is cut short: 18 of 100 bytes came" in result.findings[0].message
    assert listening.report.exit_code == 1


@pytest.mark.parametrize("key", ["", "another-key-than-ours"])
def test_a_wrong_key_is_refused_and_shown_nowhere(listen: Listen, key: str) -> None:
    listening = listen()
    answer = listening.post(night()[0], **{"x-api-key": key})
    assert answer.status_code == 401
    assert listening.result("callback.api-key-header").outcome == "failed"
    everything = listening.shown + answer.text + json_report(listening.report)
    assert KEY not in everything
    assert not key or key not in everything


def test_without_a_key_of_ours_any_key_will_do_but_not_none(listen: Listen) -> None:
    listening = listen(key=None)
    delivery = night()[0]
    assert listening.post(delivery, **{"x-api-key": "whatever-it-is"}).status_code == 204
    without = {name: value for name, value in delivery.headers.items() if name != "x-api-key"}
    assert httpx.post(listening.url, content=delivery.body, headers=without).status_code == 401


def test_a_redelivery_is_recognised_and_no_breach(listen: Listen) -> None:
    listening = listen()
    first, second = night()[:2]
    rewritten = Delivery(
        first.scenario, first.event, 0, first.headers, json.dumps(json.loads(first.body), indent=1).encode()
    )
    assert [listening.post(each).status_code for each in (first, second, first, rewritten)] == [204] * 4
    assert listening.shown.count("delivery 1 again") == 2
    assert listening.result("callback.delivery-order").outcome == "passed"


def test_the_order_of_deliveries_is_judged_within_a_session(listen: Listen) -> None:
    listening = listen()
    made, other = night(), night("two-stages")
    for delivery in (made[0], made[2], other[0], made[-1], other[1]):
        assert listening.post(delivery).status_code == 204
    assert listening.result("callback.delivery-order").outcome == "passed"
    assert listening.post(made[3]).status_code == 204  # a should rule: shown, not refused
    assert listening.result("callback.delivery-order").broken == 1
    assert "callback.delivery-order (should)" in listening.shown
    assert listening.report.outcome == "passed"


def test_strictly_a_should_rule_is_refused_and_fails(listen: Listen) -> None:
    listening = listen(strict=True)
    made = night()
    assert [listening.post(each).status_code for each in (made[1], made[0])] == [204, 422]
    assert listening.report.outcome == "failed"


def test_a_failure_that_the_baseline_accepts_is_neither_refused_nor_fails(listen: Listen) -> None:
    listening = listen(
        baseline=Baseline((Entry("callback.state-complete", Acceptance("known since March", "2030-01-31")),))
    )
    assert listening.post(changed(night()[-1], state="CLOSED")).status_code == 204
    assert listening.report.outcome == "passed"
    assert listening.result("callback.state-complete").accepted is not None


def test_other_methods_are_not_deliveries(listen: Listen) -> None:
    listening = listen()
    answer = httpx.get(listening.url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert listening.report.requests == 0
    assert "GET answered 405" in listening.shown


def test_a_body_without_end_is_not_read_to_its_end(listen: Listen) -> None:
    listening = listen()
    answer = httpx.post(listening.url, content=b" " * (1024 * 1024 + 1), headers={"x-api-key": KEY})
    assert answer.status_code == 413
    assert listening.report.requests == 0


def test_text_that_plays_tricks_on_a_terminal_is_shown_escaped(listen: Listen) -> None:
    listening = listen()
    listening.post(changed(night()[0], session_id="\x1b[2J\u202eevil"))
    assert "\x1b" not in listening.shown
    assert "\\u001b[2J\\u202eevil" in listening.shown


def test_the_wanted_number_of_deliveries_ends_it_and_no_more_are_judged(listen: Listen) -> None:
    listening = listen(max_events=2)
    made = night()
    assert [listening.post(each).status_code for each in made[:2]] == [204, 204]
    listening.session.wait()
    assert listening.post(made[2]).status_code == 503
    assert listening.report.requests == 2
    assert not listening.report.stopped


def test_deliveries_at_the_same_time_are_each_judged_once(listen: Listen) -> None:
    listening = listen(max_events=24)
    made = night()[:24]
    threads = [threading.Thread(target=listening.post, args=(each,)) for each in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listening.session.wait()
    assert listening.report.requests == 24


def test_the_time_ends_it_and_says_how_far_it_came(listen: Listen) -> None:
    listening = listen(max_events=5, timeout=0.2)
    listening.post(night()[0])
    listening.session.wait()
    assert listening.report.stopped == "--timeout had passed after 1 of 5 deliveries"
    assert listening.report.exit_code == 0


def test_a_rule_that_is_required_has_to_be_exercised(listen: Listen) -> None:
    listening = listen(required=("callback.state-complete",))
    listening.post(night()[0])
    assert listening.report.verdict == "inconclusive"
    assert listening.report.reasons == ("--require asks for what was not exercised: callback.state-complete.",)
    listening.post(night()[-1])
    assert (listening.report.verdict, listening.report.exit_code) == ("passed-in-part", 0)


def test_nothing_received_is_an_error_that_says_what_to_do(listen: Listen) -> None:
    listening = listen(timeout=0.05)
    listening.session.wait()
    assert listening.report.exit_code == 2
    assert listening.report.problems == (
        f"No callback was received within 0.05 s: let the implementation send its callbacks to {listening.url}.",
    )


def test_a_rule_that_was_not_exercised_says_what_it_takes(listen: Listen) -> None:
    listening = listen()
    listening.post(night()[0])
    assert (
        listening.result("callback.never-slept-nulls").hint
        == "It takes a SESSION_COMPLETE of a night in which nobody slept."
    )
    assert listening.result("callback.window-length").hint == ""
    for result in listening.report.of("not-exercised"):
        assert result.hint.startswith("It takes ")
