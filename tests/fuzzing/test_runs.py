"""What a run asks, and what it says of honest implementations."""

import dataclasses

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sleeptalk_contract.contract.operation import SAFE_METHODS
from sleeptalk_contract.fuzzing.control import Control, StopReason
from sleeptalk_contract.fuzzing.plan import Plan, Shard
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.fuzzing.workers import Workers
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.fuzzing.helpers import Quiet, broken, plan_for, requests_of, run_against, serving
from tests.sandbox_ids import known_ids
from tests.surroundings import below


async def _accept(request: Request) -> Response:
    await request.body()
    return Response(status_code=204)


def any_receiver() -> ASGIApp:
    return Starlette(routes=[Route("/{path:path}", _accept, methods=["POST"])])


def sent_steps(plan: Plan) -> Report:
    """Send the particular requests only."""
    with Run(plan, Control(), Quiet()) as run, Workers() as workers:
        run._send_probes(workers)
        return run.report()


class Stopping(Quiet):
    """Progress that ends a run out of time after some exchanges."""

    def __init__(self, control: Control, after: int) -> None:
        self._control = control
        self._after = after

    def exchanged(self, requests: int, broken: int) -> None:
        """End the run once enough exchanges were judged."""
        if requests >= self._after:
            self._control.stop(StopReason.OUT_OF_TIME)


@pytest.mark.parametrize("after", [1, 10])
def test_hints_of_a_run_that_was_cut_short_name_no_id_that_was_given(after: int) -> None:
    control = Control()
    with serving(asleep_app()) as url, Run(plan_for("asleep", url), control, Stopping(control, after)) as run:
        run.preflight()
        run.execute()
        report = run.report()
    assert report.exit_code == 0
    assert {result.hint for result in report.of("not-exercised")} == {"The run ended before it came to it."}


def test_hints_of_a_run_that_sent_all_that_rules_need_name_what_they_take() -> None:
    with serving(asleep_app()) as url:
        plan = dataclasses.replace(plan_for("asleep", url), known_ids=known_ids("asleep")[:1])
        report = sent_steps(plan)
    hints = {result.hint for result in report.of("not-exercised")}
    assert "It takes an OPEN session: name one with --session-id." in hints


APPS = {"asleep": asleep_app, "phonexia": phonexia_app, "callback": any_receiver}


@pytest.mark.parametrize("target", APPS)
def test_the_same_seed_sends_the_same_requests_and_another_one_others(target: str) -> None:
    first, second, other = (requests_of(target, APPS[target](), seed=seed) for seed in (7, 7, 8))
    assert len(first) > 50
    assert first == second
    assert first != other


@pytest.mark.parametrize("target", ["asleep", "phonexia"])
def test_the_shards_of_a_run_send_together_what_one_run_sends(target: str) -> None:
    whole = requests_of(target, APPS[target](), seed=3)
    shards = [requests_of(target, APPS[target](), seed=3, shard=Shard(index, 3)) for index in (1, 2, 3)]
    assert all(shards)
    assert sorted(map(repr, whole)) == sorted(repr(request) for shard in shards for request in shard)


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("target", ["asleep", "phonexia"])
def test_the_honest_sandbox_keeps_every_rule(target: str, seed: int) -> None:
    with serving(APPS[target]()) as url:
        report = run_against(dataclasses.replace(plan_for(target, url, seed=seed), allow_writes=True))
    assert [result.rule.id for result in report.rules if result.outcome != "passed"] == []
    assert report.beyond == ()
    assert report.outcome == "passed"


def test_every_known_id_is_asked_for_by_name_and_with_time_zones() -> None:
    requests = requests_of("asleep", asleep_app())
    for identifier in known_ids("asleep"):
        timezones = {dict(headers).get("timezone") for _, path, headers, _ in requests if path.endswith(identifier)}  # type: ignore[union-attr,attr-defined,call-overload]
        assert {None, "UTC", "Asia/Kolkata", "America/New_York"} <= timezones


def test_known_ids_are_spared_from_methods_that_could_change_them() -> None:
    requests = requests_of("asleep", asleep_app())
    changed = [path for method, path, _, _ in requests if method not in SAFE_METHODS]
    assert changed
    assert not any(str(path).endswith(known_ids("asleep")) for path in changed)


def test_without_ids_an_implementation_is_fuzzed_and_the_report_says_what_would_help() -> None:
    with serving(phonexia_app()) as url:
        plan = plan_for("phonexia", url)
        report = run_against(type(plan)(target=plan.target, url=url, seed=1, max_examples=20))
    outcomes = {result.rule.id: result for result in report.rules}
    assert outcomes["analysis.not-found-404"].outcome == "passed"
    assert outcomes["analysis.malformed-id-422"].outcome == "passed"
    assert outcomes["analysis.done-has-result"].outcome == "not-exercised"
    assert "--task-id" in outcomes["analysis.done-has-result"].hint
    assert all(result.hint for result in report.of("not-exercised"))


@pytest.mark.parametrize("target", APPS)
def test_without_credentials_the_report_says_which_would_help(target: str) -> None:
    with serving(APPS[target]()) as url:
        plan = dataclasses.replace(plan_for(target, url), credentials={}, known_ids=(), tried_ids=(), max_examples=5)
        report = run_against(plan)
    hints = [result.hint for result in report.of("not-exercised")]
    assert all(hints)
    assert any("--api-key" in hint for hint in hints) == (target != "phonexia")


def test_a_receiver_that_accepts_everything_breaks_the_rules_about_refusing() -> None:
    with serving(any_receiver()) as url:
        report = run_against(plan_for("callback", url))
    assert broken(report) == {
        "receiver.refuses-bad-key",
        "receiver.refuses-non-json",
        "receiver.refuses-non-utf-8",
        "receiver.refuses-invalid",
    }


def test_a_base_path_in_the_address_is_kept() -> None:
    with serving(below(asleep_app(), "/gateway/v7")) as url:
        report = run_against(plan_for("asleep", f"{url}/gateway/v7"))
    assert report.outcome == "passed"


def answering_pages(app: ASGIApp, status: int) -> ASGIApp:
    """An application that answers requests for a page by itself."""

    async def negotiated(scope: Scope, receive: Receive, send: Send) -> None:
        page = dict(scope["headers"]).get(b"accept") == b"text/html"
        await (HTMLResponse("<p>A page.", status) if page else app)(scope, receive, send)

    return negotiated


@pytest.mark.parametrize("status", [200, 406, 500])
@pytest.mark.parametrize("target", ["asleep", "phonexia"])
def test_a_page_may_be_sent_or_refused_to_who_asks_for_one_but_is_no_reason_to_fail(target: str, status: int) -> None:
    with serving(answering_pages(APPS[target](), status)) as url:
        report = sent_steps(plan_for(target, url))
    rule = {"asleep": "session.no-server-error", "phonexia": "analysis.no-server-error"}[target]
    assert broken(report) == ({rule} if status == 500 else set())
    assert report.beyond == ()


@pytest.mark.parametrize("status", [204, 422, 500])
def test_a_number_beyond_64_bits_where_nobody_looks_may_be_refused_but_is_no_reason_to_fail(status: int) -> None:
    inner = receiver_app()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        too_large = b":%d," % 2**64 in body
        await (Response(status_code=status) if too_large else inner)(scope, again, send)

    with serving(app) as url:
        report = sent_steps(plan_for("callback", url))
    assert broken(report) == ({"receiver.never-5xx"} if status == 500 else set())


def test_a_receiver_is_counted_by_its_own_rules() -> None:
    with serving(receiver_app()) as url:
        report = sent_steps(plan_for("callback", url))
    assert {result.rule.group for result in report.rules} == {"receiver"}


def test_requests_that_http_cannot_carry_are_a_problem_of_the_run() -> None:
    with serving(asleep_app()) as url:
        plan = dataclasses.replace(plan_for("asleep", url), credentials={"x-api-key": "a-key-with-a-line-end\n"})
        report = sent_steps(plan)
    assert report.outcome == "error"
    assert any("HTTP cannot carry" in problem for problem in report.problems)
