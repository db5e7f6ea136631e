"""Callbacks of V2 and V3: the bundled sender and receiver keep every rule, and each fault breaks its own."""

from __future__ import annotations

import asyncio
import io
import json
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from rich.console import Console

from sleeptalk.callback import UnknownCallback, parse
from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.listening.display import Display
from sleeptalk_contract.listening.endpoint import Endpoint
from sleeptalk_contract.listening.listener import Listener, Terms
from sleeptalk_contract.sandbox import web
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.callbacks import event_of
from sleeptalk_contract.services.asleep.probes.receiver import receiver_probes
from sleeptalk_contract.services.asleep.rules.receiver import SLOW_HANDLER
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_CREDENTIALS, SANDBOX_USER_ID
from sleeptalk_contract.services.asleep.strategies import callback_bodies
from sleeptalk_contract.services.asleep_v3.callbacks import V2, V3
from sleeptalk_contract.services.asleep_v3.service import SERVICE
from tests.rules.test_receivers import post
from tests.targets import target_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sleeptalk_contract.contract.service import Delivery, Fault, Target
    from sleeptalk_contract.fuzzing.probe import Probe
    from sleeptalk_contract.services.asleep.callbacks import CallbackFormat

VERSIONS: Final = pytest.mark.parametrize("written", [V2, V3], ids=lambda written: written.version)
FORMATS: Final = {"V2": V2, "V3": V3}
KNOWLEDGE: Final = Knowledge(SANDBOX_CREDENTIALS, claims=frozenset({SLOW_HANDLER}))
SENDER_FAULTS: Final = [fault for fault in SERVICE.faults if fault.rule.startswith("callback.")]
RECEIVER_FAULTS: Final = [fault for fault in SERVICE.faults if fault.rule.startswith("receiver.")]
ONE_FAULT_PER_RULE: Final = list({fault.rule: fault for fault in RECEIVER_FAULTS}.values())

BEGINNING, END, EVERY = 6, 5, 6
"""How many deliveries of a night are judged, and which share of the bodies with one wrong field is sent."""


def target_of(written: CallbackFormat) -> Target:
    return target_named(f"callback-{written.version.lower()}")


def nights(written: CallbackFormat, faults: Sequence[Fault]) -> Iterator[Delivery]:
    for night in written.nights.values():
        made = written.deliver(night, faults=faults)
        yield from made if len(made) <= BEGINNING + END else (*made[:BEGINNING], *made[-END:])


def heard(written: CallbackFormat, faults: Sequence[Fault] = (), sought: str = "") -> tuple[set[str], set[str]]:
    """Return the rules that a sender exercises, and those that it breaks; what follows once `sought` is broken is not
    delivered.
    """
    target, exercised, broken = target_of(written), set[str](), set[str]()
    judge = Judge(target, KNOWLEDGE)
    for delivery in nights(written, faults):
        sent = delivery.headers.items()
        operation = target.operation(written.operation)
        verdict = judge.judge(Exchange.delivered(operation, "http://127.0.0.1/", sent, delivery.body, Answer(204)))
        exercised |= {rule for rule, count in verdict.checked.items() if count}
        broken |= {breach.rule for breach in (*verdict.breaches, *verdict.beyond)}
        if sought in broken:
            break
    return exercised, broken


@VERSIONS
def test_the_sandbox_sends_what_keeps_and_exercises_every_rule(written: CallbackFormat) -> None:
    exercised, broken = heard(written)
    assert broken == set()
    assert exercised == {rule.id for rule in target_of(written).rules_about("sender")}


@VERSIONS
@pytest.mark.parametrize("fault", SENDER_FAULTS, ids=lambda fault: fault.full_name)
def test_a_fault_of_the_sender_is_named(written: CallbackFormat, fault: Fault) -> None:
    _, broken = heard(written, [fault], fault.rule)
    assert fault.rule in broken


@VERSIONS
def test_the_other_forms_that_the_pages_have_keep_every_rule(written: CallbackFormat) -> None:
    judge, operation = Judge(target_of(written), KNOWLEDGE), target_of(written).operation(written.operation)
    judged = 0
    for delivery in nights(written, ()):
        for other in written.other_forms(json.loads(delivery.body)):
            sent = delivery.headers.items()
            body = json.dumps(other).encode()
            verdict = judge.judge(Exchange.delivered(operation, "http://127.0.0.1/", sent, body, Answer(204)))
            assert {breach.rule for breach in (*verdict.breaches, *verdict.beyond)} <= {"callback.complete-once"}
            judged += 1
    assert judged > 0


@VERSIONS
def test_random_nights_in_every_form_raise_no_alarm(written: CallbackFormat) -> None:
    target = target_of(written)

    @settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(callback_bodies(written, SANDBOX_USER_ID))
    def judged(body: dict[str, Any]) -> None:
        content, sent = json.dumps(body).encode(), SANDBOX_CREDENTIALS.items()
        delivered = Exchange.delivered(target.operations[0], "http://127.0.0.1/", sent, content, Answer(204))
        verdict = Judge(target, KNOWLEDGE).judge(delivered)
        assert (verdict.breaches, verdict.beyond) == ((), ())
        assert not isinstance(parse(content, SANDBOX_CREDENTIALS, api_key=SANDBOX_API_KEY), UnknownCallback)

    judged()


@VERSIONS
def test_a_wrong_value_is_named_as_such_in_every_form(written: CallbackFormat) -> None:
    judge, operation = Judge(target_of(written), KNOWLEDGE), target_of(written).operation(written.operation)
    first = next(nights(written, ()))
    for body in (json.loads(first.body), *written.other_forms(json.loads(first.body))):
        found = event_of(body)
        assert found is not None
        found.data["seq_num"] = -1
        sent = first.headers.items()
        exchange = Exchange.delivered(operation, "http://127.0.0.1/", sent, json.dumps(body).encode(), Answer(204))
        assert {breach.rule for breach in judge.judge(exchange).breaches} == {"callback.sequence-values"}


@VERSIONS
def test_listening_accepts_every_form_and_refuses_with_a_sentence(written: CallbackFormat) -> None:
    target = target_of(written)
    listener, display = Listener(Terms(target, SANDBOX_API_KEY)), Display(Console(file=io.StringIO()), target)
    first, *_, last = written.deliver(written.nights["never-slept"])
    bodies = [json.loads(first.body), json.loads(last.body)]
    bodies += [form for body in bodies for form in written.other_forms(body)]
    with running(Endpoint(listener, display, None)) as server, httpx.Client(base_url=server.url) as client:
        answers = [client.post("/", json=body, headers=SANDBOX_CREDENTIALS) for body in bodies]
        lower = {name: value.lower() if value == written.version else value for name, value in bodies[0].items()}
        refused = client.post("/", json=lower, headers=SANDBOX_CREDENTIALS)
    assert {answer.status_code for answer in answers} == {204}
    assert (refused.status_code, refused.json()["detail"].partition(":")[0]) == (422, "callback.version-values")
    failed = [result.rule.id for result in listener.report(server.url).of("failed") if result.rule.level == "must"]
    assert failed == ["callback.version-values"]


@VERSIONS
def test_the_flat_form_keeps_no_rule_of_the_shape(written: CallbackFormat) -> None:
    (flat,) = [fault for fault in SENDER_FAULTS if fault.full_name == "callback.shape:flat"]
    assert heard(written, [flat], flat.rule)[1] >= {"callback.shape"}


def sent_to(written: CallbackFormat) -> list[Probe]:
    """Return what receivers are sent: of the probes each kind of callback once, and every sixth wrong field."""
    kept: list[Probe] = []
    met: set[object] = set()
    wrong = 0
    for probe in chain.from_iterable(receiver_probes(KNOWLEDGE, written)):
        wrong += probe.intent == "invalid-body"
        if probe.intent == "conforming-callback":
            found = event_of(json.loads(probe.body or b""))
            assert found is not None
            early = found.data.get("seq_num", 0) < 10, len(probe.body or b"") > 16 * 1024
            kind = (found.event, (found.session_id or "")[:14], found.session.get("start_time", "")[-6:-5], found.at)
            if (*kind, *early, *probe.headers) in met:
                continue
            met.add((*kind, *early, *probe.headers) if not early[0] else object())
        elif probe.intent == "invalid-body" and wrong > 2 * EVERY and wrong % EVERY:
            continue
        kept.append(probe)
    return kept


SENT: Final = {version: sent_to(written) for version, written in FORMATS.items()}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a receiver would have waited; it does not."""
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(web, "sleep", pause)
    return waited


def answered(
    written: CallbackFormat, pauses: list[float], faults: Sequence[Fault] = (), sought: str = ""
) -> tuple[set[str], set[str]]:
    """Return the rules that a receiver is judged by, and those that it breaks, until `sought` is broken."""
    target, exercised, broken = target_of(written), set[str](), set[str]()
    make: Callable[..., Any] | None = target.implementation
    assert make is not None
    app, judge, operation = application([make({})], faults), Judge(target, KNOWLEDGE), target.operations[0]

    async def run() -> None:
        for probe in SENT[written.version]:
            pauses.clear()
            status, body = await post(app, (dict(probe.headers), probe.body or b""))
            answer = Answer(status, (), body, 0.01 + sum(pauses), "connection" if status is None else None)
            given = probe.headers.items()
            exchange = Exchange.sent(operation, probe.intent, "http://127.0.0.1/", given, probe.body, answer)
            verdict = judge.judge(exchange)
            exercised.update(rule for rule, count in verdict.checked.items() if count)
            broken.update(breach.rule for breach in verdict.breaches)
            if sought in broken:
                return

    asyncio.run(run())
    return exercised, broken


@VERSIONS
def test_the_bundled_receiver_keeps_and_exercises_every_rule(written: CallbackFormat, pauses: list[float]) -> None:
    exercised, broken = answered(written, pauses)
    assert broken == set()
    assert exercised == {rule.id for rule in target_of(written).rules_about("receiver")}


@pytest.mark.parametrize(
    ("version", "fault"),
    [("V2", fault) for fault in ONE_FAULT_PER_RULE] + [("V3", fault) for fault in RECEIVER_FAULTS],
    ids=lambda value: value if isinstance(value, str) else value.full_name,
)
def test_a_fault_of_a_receiver_is_named(version: str, fault: Fault, pauses: list[float]) -> None:
    _, broken = answered(FORMATS[version], pauses, [fault], fault.rule)
    assert fault.rule in broken


@VERSIONS
@pytest.mark.parametrize("status", [204, 422])
def test_a_receiver_may_take_or_refuse_the_flat_form(written: CallbackFormat, status: int) -> None:
    flat = {"event": "INFERENCE_COMPLETE", "version": "V3", "user_id": "u", "session_id": "s", "sleep_stages": [0]}
    target = target_of(written)
    headers = {**SANDBOX_CREDENTIALS, "content-type": "application/json"}
    body = json.dumps(flat).encode()
    exchange = Exchange.sent(
        target.operations[0], "generated", "http://127.0.0.1/", headers.items(), body, Answer(status)
    )
    assert Judge(target, KNOWLEDGE).judge(exchange).breaches == ()
