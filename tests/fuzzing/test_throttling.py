"""Runs against implementations that throttle: they end like others, or say what they could not see."""

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing import throttling
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.reporting.files import write_reports
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.fuzzing.helpers import SLEPT, Quiet, Recording, broken, made, serving, small
from tests.sandbox_ids import RATE_LIMITED_TASK_ID, faults_of, known_ids
from tests.surroundings import (
    Refusal,
    delayed,
    no_headers,
    refusing,
    reset_at,
    reset_in,
    retry_after,
    retry_after_date,
    throttled,
)

APPS = {"asleep": asleep_app, "phonexia": phonexia_app, "callback": receiver_app}

WAYS = {
    "429 without a word": Refusal(429, b"", no_headers),
    "429 with seconds": Refusal(headers=retry_after),
    "429 with a date": Refusal(headers=retry_after_date),
    "429 with the moment of a reset": Refusal(headers=reset_at),
    "429 with the seconds to a reset": Refusal(headers=reset_in),
    "403 that speaks of a limit": Refusal(403, b'{"detail": "Rate limit exceeded"}'),
    "403 of a gateway": Refusal(403),
    "403 in words of its own": Refusal(403, b"Slow down, please."),
    "403 without a word": Refusal(403, b""),
    "503 with seconds": Refusal(503, b"", retry_after),
}


def outcomes(report: Report) -> dict[str, str]:
    return {result.rule.id: result.outcome for result in report.rules}


def asked(recording: Recording) -> Sequence[str]:
    """Return what was asked, each once: a request that was refused is sent again."""
    return sorted(set(map(repr, recording.requests)))


@pytest.fixture(scope="module")
def unthrottled() -> dict[str, tuple[Report, Sequence[str]]]:
    found = {}
    for target, app in APPS.items():
        recording = Recording(app())
        with serving(recording) as url:
            found[target] = (made(small(target, url)), asked(recording))
    return found


@pytest.mark.parametrize("way", WAYS)
def test_a_throttled_run_sees_and_sends_what_another_one_does(
    way: str, unthrottled: dict[str, tuple[Report, Sequence[str]]]
) -> None:
    recording = Recording(asleep_app())
    with serving(throttled(recording, 40, WAYS[way])) as url:
        report = made(small("asleep", url))
    whole, requests = unthrottled["asleep"]
    assert (report.verdict, outcomes(report), report.requests) == (whole.verdict, outcomes(whole), whole.requests)
    assert asked(recording) == requests
    assert (report.unjudged, report.stopped, report.beyond) == (0, "", ())
    assert report.throttled > 0
    assert whole.throttled == 0


@pytest.mark.parametrize("way", ["429 with seconds", "403 without a word"])
@pytest.mark.parametrize("target", ["phonexia", "callback"])
def test_so_does_a_throttled_run_of_another_target_with_several_workers(
    target: str, way: str, unthrottled: dict[str, tuple[Report, Sequence[str]]]
) -> None:
    recording = Recording(APPS[target]())
    with serving(throttled(recording, 120, WAYS[way])) as url:
        report = made(small(target, url, workers=4))
    whole, requests = unthrottled[target]
    assert (report.verdict, outcomes(report)) == (whole.verdict, outcomes(whole))
    assert asked(recording) == requests
    assert (report.unjudged, report.beyond) == (0, ())


@pytest.mark.parametrize("refusal", [Refusal(403, b""), Refusal(429, b"")], ids=["403", "429"])
def test_refusing_every_second_request_is_not_taken_for_an_answer(refusal: Refusal) -> None:
    with serving(refusing(asleep_app(), lambda number: number % 2 == 0, refusal)) as url:
        report = made(small("asleep", url), max_time=6)
    assert broken(report) == set()
    assert report.throttled > 0


@pytest.mark.parametrize("way", ["429 without a word", "429 with seconds", "403 without a word"])
def test_where_throttling_leaves_too_little_time_a_run_is_inconclusive_in_time(way: str) -> None:
    started = time.monotonic()
    with serving(throttled(asleep_app(), 0.5, WAYS[way])) as url:
        report = made(small("asleep", url), max_time=4)
    assert time.monotonic() - started < 6
    assert (report.verdict, report.exit_code) == ("inconclusive", 2)
    assert report.throttled > 0
    (sentence,) = report.reasons
    assert sentence.startswith("Throttling kept the run from its end: it sent ")
    assert "requests that particular rules need" in sentence
    assert {result.hint for result in report.of("not-exercised")} == {"The run ended before it came to it."}


@pytest.mark.parametrize("target", APPS)
@pytest.mark.parametrize("way", ["429 without a word", "403 that speaks of a limit", "403 without a word"])
def test_throttling_for_good_ends_a_run_without_a_time_limit(
    target: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "PATIENCE", 1.0)
    with serving(refusing(APPS[target](), lambda number: number >= 30, WAYS[way])) as url:
        report = made(small(target, url))
    assert (report.verdict, report.exit_code, report.stopped) == ("inconclusive", 2, "throttling did not end")
    assert broken(report) == set()
    assert report.requests == 31
    assert "Pauses did not help" in report.reasons[0]


@pytest.mark.parametrize("max_time", [None, 30.0])
def test_a_pause_that_does_not_fit_is_not_begun(max_time: float | None) -> None:
    refusal = Refusal(headers=lambda _: {"retry-after": "3600"})
    started = time.monotonic()
    with serving(refusing(asleep_app(), lambda number: number >= 10, refusal)) as url:
        report = made(small("asleep", url), max_time)
    assert time.monotonic() - started < 15
    assert report.verdict == "inconclusive"
    assert "asks to wait 3600 s" in report.reasons[0]


@pytest.mark.parametrize(
    "refusal",
    [WAYS["429 with seconds"], WAYS["503 with seconds"], WAYS["403 of a gateway"], WAYS["403 without a word"]],
)
@pytest.mark.parametrize("target", ["asleep", "callback"])
def test_throttling_before_the_first_success_is_waited_out_too(target: str, refusal: Refusal) -> None:
    with (
        serving(refusing(APPS[target](), lambda number: number < 2, refusal)) as url,
        Run(small(target, url), Control(), Quiet()) as run,
    ):
        run.preflight()
        report = run.report()
    assert report.successes > 0
    assert (report.throttled, report.unjudged, broken(report)) == (2, 0, set())


class Forbidding:
    """Answers 403 without a word to some requests, by their path and whether their key is right."""

    def __init__(self, app: ASGIApp, key: str, *, unknown: bool = False, wrong_keys: bool = False) -> None:
        self._app = app
        self._key = key.encode()
        self._unknown = unknown
        self._wrong_keys = wrong_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_key = (b"x-api-key", self._key) in scope["headers"]
        forbidden = (self._wrong_keys and not has_key) or (self._unknown and scope["path"].endswith("_zzzzz"))
        await (Response(status_code=403) if forbidden else self._app)(scope, receive, send)


def test_a_403_to_an_unknown_id_is_its_answer_where_others_are_served() -> None:
    plan = small("asleep", "")
    key = plan.credentials["x-api-key"]
    with serving(Forbidding(asleep_app(), key, unknown=True)) as url:
        report = made(dataclasses.replace(plan, url=url))
    assert broken(report) == {"session.not-found-404"}
    assert (report.verdict, report.throttled, report.unjudged) == ("broken", 0, 0)


def test_a_403_to_a_wrong_key_is_its_answer() -> None:
    plan = small("asleep", "")
    key = plan.credentials["x-api-key"]
    with serving(Forbidding(asleep_app(), key, wrong_keys=True)) as url:
        report = made(dataclasses.replace(plan, url=url))
    assert outcomes(report)["session.api-key-required"] == "passed"
    assert (broken(report), report.throttled, report.unjudged) == (set(), 0, 0)


def test_a_403_to_a_wrong_key_is_its_answer_also_where_403_is_how_it_throttles() -> None:
    plan = small("asleep", "")
    key = plan.credentials["x-api-key"]
    with serving(throttled(Forbidding(asleep_app(), key, wrong_keys=True), 40, Refusal(403, b""))) as url:
        report = made(dataclasses.replace(plan, url=url))
    assert outcomes(report)["session.api-key-required"] == "passed"
    assert (broken(report), report.unjudged) == (set(), 0)
    assert report.throttled > 0


def test_an_id_that_is_always_throttled_shows_just_that_and_holds_nothing_up() -> None:
    with serving(phonexia_app()) as url:
        report = made(small("phonexia", url, known_ids=(RATE_LIMITED_TASK_ID, known_ids("phonexia")[0]), tried_ids=()))
    assert outcomes(report)["analysis.rate-limit-429"] == "passed"
    assert (broken(report), report.unjudged, report.stopped) == (set(), 0, "")
    assert report.throttled > 0


def test_another_429_is_not_judged_as_the_one_of_the_contract() -> None:
    refusal = Refusal(429, b"busy", lambda _: {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"})
    with serving(throttled(phonexia_app(), 40, refusal)) as url:
        report = made(small("phonexia", url, tried_ids=()))
    assert outcomes(report)["analysis.rate-limit-429"] == "not-exercised"
    assert (broken(report), report.unjudged) == (set(), 0)


def test_one_request_that_is_always_throttled_is_left_out_and_makes_a_run_inconclusive() -> None:
    inner = asleep_app()

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        await (Response(status_code=429) if scope["path"].endswith("/abc") else inner)(scope, receive, send)

    with serving(front) as url:
        report = made(small("asleep", url))
    assert report.verdict == "inconclusive"
    assert report.unjudged > 0
    assert report.stopped == ""
    assert "requests were throttled" in report.reasons[0]


def refused(plan: Plan) -> str:
    with pytest.raises(UsageError) as error:
        made(plan)
    return str(error.value)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("ids", [(), (SLEPT,)])
@pytest.mark.parametrize("target", ["asleep", "callback"])
def test_a_key_that_everything_is_refused_to_is_named(target: str, ids: tuple[str, ...], status: int) -> None:
    with serving(Response(status_code=status)) as url:
        sentence = refused(small(target, url, known_ids=ids if target == "asleep" else ()))
    assert f"answers {status}" in sentence
    assert "--api-key" in sentence


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_a_target_does_not_have_are_asked_for(status: int) -> None:
    with serving(Response(status_code=status)) as url:
        sentence = refused(small("phonexia", url, known_ids=(), tried_ids=()))
    assert sentence == f"The implementation answers {status} to honest requests: pass what it asks for with -H."


def test_a_403_that_is_not_how_a_wrong_key_is_refused_is_not_said_to_be_about_the_key() -> None:
    plan = small("asleep", "")
    inner, key = asleep_app(), plan.credentials["x-api-key"].encode()

    async def expired(scope: Scope, receive: Receive, send: Send) -> None:
        answer = Response(b'{"detail": "Plan is expired"}', 403, media_type="application/json")
        await (answer if (b"x-api-key", key) in scope["headers"] else inner)(scope, receive, send)

    with serving(expired) as url:
        sentence = refused(dataclasses.replace(plan, url=url))
    assert "it knows the key, and refuses it for a limit, a plan or a quota" in sentence


def test_a_rate_is_kept() -> None:
    started = time.monotonic()
    with serving(throttled(asleep_app(), 50)) as url:
        report = made(small("asleep", url, rate=40.0))
    assert report.throttled == 0
    assert time.monotonic() - started >= (report.requests - 1) / 40


def test_slow_answers_cost_time_and_no_verdict() -> None:
    with serving(delayed(phonexia_app(), 0.05)) as url:
        assert made(small("phonexia", url, workers=4)).verdict == "passed-in-part"


def test_a_wrong_429_is_replayed_as_the_answer_that_it_is(tmp_path: Path) -> None:
    with serving(phonexia_app(faults_of("analysis.rate-limit-429:type"))) as url:
        plan = small("phonexia", url, known_ids=(known_ids("phonexia")[0], RATE_LIMITED_TASK_ID), tried_ids=())
        report = made(plan)
        assert broken(report) == {"analysis.rate-limit-429"}
        write_reports(report, tmp_path)
        started = time.monotonic()
        assert cli.run(["replay", str(tmp_path)]) == 1
        assert time.monotonic() - started < 10
