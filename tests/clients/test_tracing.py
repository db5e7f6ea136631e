"""A call is one span of OpenTelemetry where the program traces, and none of its attributes is an id or a key."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sleeptalk.asleep import Asleep
from sleeptalk.errors import CallFailed, InvalidSessionId
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, TASK, USER, Call
from tests.clients.clocks import SkippingClock
from tests.clients.hostile import answer, hostile, silence_after

NIGHT = answer(example("SessionComplete"))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The exporter that keeps the spans of a test, in the order of their ends."""
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    yield exporter
    provider.shutdown()


def test_a_call_is_one_span_with_the_names_of_the_conventions(asleep: Call, spans: Any) -> None:
    with hostile(NIGHT) as server:
        asleep(server.url)
    (span,) = spans.get_finished_spans()
    port = int(server.url.rpartition(":")[2])
    assert span.name == "getSession"
    assert span.kind.name == "CLIENT"
    assert span.status.status_code.name == "UNSET"
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.template": "/data/v2/sessions/{session_id}",
        "sleeptalk.service": "asleep",
        "sleeptalk.operation": "getSession",
        "sleeptalk.attempts": 1,
    }


def test_a_call_that_is_repeated_is_still_one_span(asleep: Call, spans: Any, clock: SkippingClock) -> None:
    with hostile(answer({}, 503), answer({}, 503), NIGHT) as server:
        asleep(server.url)
    (span,) = spans.get_finished_spans()
    assert span.attributes["http.request.resend_count"] == 2
    assert span.attributes["sleeptalk.attempts"] == 3
    assert span.attributes["http.response.status_code"] == 200


@pytest.mark.parametrize(
    ("script", "error_type", "status"),
    [
        (answer({"detail": f"Session {SESSION} of {USER} not found"}, 404), "404", 404),
        (answer(b"nonsense"), "sleeptalk.errors.ContractViolation", 200),
        (silence_after(), "sleeptalk.errors.DeadlineExceeded", None),
    ],
)
def test_a_failure_is_named_without_its_message(
    asleep: Call, spans: Any, script: Any, error_type: str, status: int | None
) -> None:
    with hostile(script) as server, pytest.raises(CallFailed):
        asleep(server.url, client={"timeout": 0.3, "retries": 0})
    (span,) = spans.get_finished_spans()
    assert span.attributes["error.type"] == error_type
    assert span.attributes.get("http.response.status_code") == status
    assert span.status.status_code.name == "ERROR"
    assert not span.status.description
    assert not span.events


def test_no_id_key_or_address_is_in_a_span(asleep: Call, phonexia: Call, spans: Any) -> None:
    with hostile(answer({"detail": f"{SESSION} {USER} {KEY} {TASK}"}, 403)) as server:
        with pytest.raises(CallFailed):
            asleep(server.url, timezone="Asia/Seoul")
        with pytest.raises(CallFailed):
            phonexia(server.url)
        with pytest.raises(InvalidSessionId):
            asleep(server.url, "get_session", "20220821093117_WRONG")
    found = spans.get_finished_spans()
    assert [span.attributes["sleeptalk.service"] for span in found] == ["asleep", "phonexia", "asleep"]
    for span in found:
        text = span.to_json()
        assert not [secret for secret in (SESSION, USER, KEY, TASK, "WRONG", "Seoul", server.url) if secret in text]


def test_each_call_of_a_wait_is_a_span_of_the_callers(asleep: Call, spans: Any, clock: SkippingClock) -> None:
    from opentelemetry import trace

    tracer, unfinished = trace.get_tracer("test"), answer(example("SessionOpenWithRealTimeAnalysis"))
    with hostile(unfinished, NIGHT) as server, tracer.start_as_current_span("mine") as mine:
        asleep(server.url, "wait_for_session", poll=0.01)
    first, second, caller = spans.get_finished_spans()
    assert caller.name == "mine"
    assert {first.parent.span_id, second.parent.span_id} == {mine.get_span_context().span_id}


def test_the_calls_of_a_batch_are_spans_of_the_callers(spans: Any) -> None:
    from opentelemetry import trace

    with (
        hostile(NIGHT) as server,
        Asleep(KEY, USER, base_url=server.url) as asleep,
        trace.get_tracer("test").start_as_current_span("mine") as mine,
    ):
        assert len(list(asleep.get_sessions([SESSION] * 3))) == 3
    *calls, _ = spans.get_finished_spans()
    assert [call.parent.span_id for call in calls] == [mine.get_span_context().span_id] * 3


def test_a_call_that_is_cancelled_ends_its_span(spans: Any) -> None:
    from sleeptalk.asleep import AsyncAsleep

    async def run(url: str) -> None:
        async with AsyncAsleep(KEY, USER, base_url=url) as asleep:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asleep.get_session(SESSION), 0.1)

    with hostile(silence_after()) as server:
        asyncio.run(run(server.url))
    (span,) = spans.get_finished_spans()
    assert span.attributes["error.type"] == "asyncio.exceptions.CancelledError"
    assert span.attributes["sleeptalk.attempts"] == 1
    assert "http.response.status_code" not in span.attributes


def test_a_call_that_its_caller_interrupts_says_how_often_it_was_sent(spans: Any) -> None:
    class InterruptedClock(SkippingClock):
        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt

    with hostile(answer(b"", status=503), NIGHT) as server, Asleep(KEY, USER, base_url=server.url) as asleep:
        asleep._clock = InterruptedClock()
        with pytest.raises(KeyboardInterrupt):
            asleep.get_session(SESSION)
    (span,) = spans.get_finished_spans()
    assert span.attributes["error.type"] == "KeyboardInterrupt"
    assert (span.attributes["sleeptalk.attempts"], span.attributes["http.response.status_code"]) == (1, 503)


def test_the_span_is_current_during_the_call_and_not_afterwards(spans: Any) -> None:
    from opentelemetry import trace

    def service(_: httpx.Request) -> httpx.Response:
        during.append(trace.get_current_span().get_span_context().span_id)
        return httpx.Response(200, json=example("SessionComplete"))

    during: list[int] = []
    with httpx.Client(transport=httpx.MockTransport(service)) as http:
        Asleep(KEY, USER, http_client=http).get_session(SESSION)
    (span,) = spans.get_finished_spans()
    assert during == [span.get_span_context().span_id]
    assert not trace.get_current_span().get_span_context().is_valid


def test_a_program_that_does_not_trace_imports_nothing_for_it() -> None:
    program = (
        "import sys; from sleeptalk.asleep import Asleep; Asleep('k', 'u'); 'opentelemetry' in sys.modules and 1 / 0"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
