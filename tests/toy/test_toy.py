"""A service that the project does not know goes through all of it, without an edit elsewhere."""

import io
from dataclasses import replace
from typing import Any

import httpx
import pytest
import requests
from rich.console import Console

from sleeptalk_contract import conformance
from sleeptalk_contract.commands.program import run
from sleeptalk_contract.commands.sending import deliveries_of
from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.contract.service import Service, Target
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.listening.display import Display
from sleeptalk_contract.listening.endpoint import Endpoint
from sleeptalk_contract.listening.listener import Listener, Terms
from sleeptalk_contract.mutation.trials import trials
from sleeptalk_contract.mutation.trying import tried
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.sandbox.embedded import embedded
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from tests.fuzzing.helpers import made


def fuzzed(target: Target, fault: Any = None) -> Report:
    with embedded(target, fault=fault) as its:
        plan = Plan(
            target,
            its.url,
            its.credentials,
            its.known_ids,
            seed=1,
            max_examples=20,
            judge_sender=fault is None,
            allow_writes=True,
        )
        return made(plan)


def broken(report: Report) -> set[str]:
    return {result.rule.id for result in report.of("failed")}


def test_an_honest_kettle_keeps_every_rule(kettle: Target) -> None:
    report = fuzzed(kettle)
    assert broken(report) == set()
    assert [result.rule.id for result in report.of("not-exercised")] == []
    assert report.beyond == ()
    assert report.exit_code == 0


def test_a_receiver_and_its_sender_keep_every_rule(cup: Target) -> None:
    report = fuzzed(cup)
    assert broken(report) == set()
    assert [result.rule.id for result in report.of("not-exercised")] == []
    assert report.exit_code == 0


@pytest.mark.parametrize("index", range(4))
def test_each_fault_of_what_answers_is_named_alone(service: Service, index: int) -> None:
    fault = service.faults[index]
    target = next(each for each in service.targets if fault.rule in each.rules)
    assert broken(fuzzed(target, fault)) == {fault.rule}


def test_requests_with_a_body_are_judged_by_it(kettle: Target) -> None:
    judge, operation = Judge(kettle, Knowledge()), kettle.operation("createKettle")
    json = (("content-type", "application/json"),)

    def filled(status: int, answer: bytes) -> set[str]:
        answered = Answer(status, json, answer)
        exchange = Exchange.sent(operation, "filling", "http://kettle/kettles", json, b'{"celsius": 20}', answered)
        return {breach.rule for breach in judge.judge(exchange).breaches}

    assert filled(201, b'{"id": "k0003", "celsius": 20}') == set()
    assert filled(201, b'{"id": "k0003", "celsius": 21}') == {"kettle.filled-as-asked"}
    assert filled(201, b'{"celsius": 20}') == {"kettle.shape"}
    assert filled(201, b"boiled") == {"kettle.shape"}
    assert filled(200, b"{}") == set()  # no documented success, so neither shape nor value of one
    assert filled(400, b'{"celsius": 21}') == set()


def test_a_listener_judges_what_a_kettle_sends(service: Service, cup: Target) -> None:
    listener, screen = Listener(Terms(cup, "kitchen-key")), io.StringIO()
    assert cup.deliveries is not None
    honest, wrong = (cup.deliveries({}, faults)["boiling"][0] for faults in ((), service.faults))
    endpoint = Endpoint(listener, Display(Console(file=screen, width=200), cup), None)
    with running(endpoint) as server, httpx.Client(trust_env=False) as client:
        answered = [client.post(server.url, content=each.body, headers=dict(each.headers)) for each in (honest, wrong)]
        report = listener.report(server.url)
    assert [answer.status_code for answer in answered] == [204, 422]
    assert "whistle of k0002: 204" in screen.getvalue()
    assert broken(report) == {"whistle.shape"}
    assert report.target == "cup"


def test_the_sandbox_serves_a_kettle_as_its_faults_leave_it(service: Service) -> None:
    for faults, celsius in (((), 12.5), (service.faults_named("kettle.celsius-values"), 200)):
        app = sandbox_app([service], {"x-kettle-key": "mine"}, faults)
        with running(app) as server, httpx.Client(base_url=server.url, headers={"x-kettle-key": "mine"}) as client:
            assert client.get("/kettles/k0001").json() == {"id": "k0001", "celsius": celsius}
            assert client.post("/kettles", json={"celsius": 20}).status_code == 201
            assert client.delete("/kettles/k0001").status_code == 405
            assert client.get("/pots").status_code == 404


def test_every_fault_of_it_is_proven_beside_its_honest_implementations(service: Service) -> None:
    planned = trials([service], (), 1, 1)
    assert {trial.rule for trial in planned} - {""} == {fault.rule for fault in service.faults}
    assert [trial.group for trial in planned if trial.is_honest] == ["kettle", "cup", "whistle"]
    for trial in planned:
        proof = tried(trial, lambda: False)
        assert (proof.holds, proof.others, proof.problem) == (True, (), ""), proof


def test_the_deliveries_of_two_senders_are_distinguished(cup: Target) -> None:
    mug = replace(cup, name="mug")
    assert list(deliveries_of([cup], ["boiling"], {}, (), "UTC")) == ["boiling"]
    made = deliveries_of([cup, mug], (), {}, (), "UTC")
    assert [(label, len(deliveries)) for label, deliveries in made.items()] == [
        ("cup cold", 0),
        ("cup boiling", 1),
        ("mug cold", 0),
        ("mug boiling", 1),
    ]


def test_the_command_of_the_sandbox_knows_its_rules_and_scenarios(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, sentence in (
        (("--fault", "cup.hears"), "has no fault 'cup.hears': name a kettle or whistle rule of the catalogue."),
        (("--fault", "whistle.shape"), "--fault whistle.shape would break nothing, for the sandbox sends no callbacks"),
        (("--scenario", "boiling"), "none are: add --callback-url."),
    ):
        assert run(["sandbox", *options], lambda: [service]) == 2
        assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("library", [httpx, requests])
def test_answers_and_whistles_are_asserted(service: Service, monkeypatch: pytest.MonkeyPatch, library: Any) -> None:
    monkeypatch.setattr(conformance, "SERVICES", (service,))
    headers = {"x-kettle-key": "kitchen-key"}
    for faults, kept in (((), True), (service.faults_named("kettle.filled-as-asked"), False)):
        with running(sandbox_app([service], headers, faults)) as server:
            response = library.post(f"{server.url}/kettles", json={"celsius": 20}, headers=headers)
        if kept:
            conformance.assert_conforms(response)
        else:
            with pytest.raises(AssertionError, match=r"kettle\.filled-as-asked: "):
                conformance.assert_conforms(response)
    conformance.assert_callback_conforms({"kettle_id": "k0002"}, headers)
    with pytest.raises(AssertionError, match=r"whistle\.shape: "):
        conformance.assert_callback_conforms({}, headers)
