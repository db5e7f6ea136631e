"""Starts and their tasks, judged: what an honest appliance may do otherwise than the sandbox, and what none may."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.services.phonexia.recordings import container, wav
from sleeptalk_contract.services.phonexia.rules.uploads import FOLLOWED, NO_AUDIO, RECORDING, upload_of
from sleeptalk_contract.services.phonexia.sandbox.application import PhonexiaProvider
from tests.rules.exchanges import judged, uploads_run
from tests.targets import target_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TASK = "6b1f0c7e-2d94-4b7a-9f6e-5a1d3c2b4e8f"
PATH = f"/api/technology/time-analysis/{TASK}"
CALL = wav(((0.25, 1.0),), ((1.25, 2.0),), seconds=2.5)
SILENT = wav(((0.25, 1.0),), (), seconds=2.5)
BOUNDARY = "b"
PENDING = {"task": {"task_id": TASK, "state": "pending"}}


def form(content: bytes, name: str = "call.wav", field: str = "file") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def start(
    status: int = 202,
    body: Any = PENDING,
    *,
    sent: bytes | None = None,
    intent: str = RECORDING,
    channels: str = "",
    headers: Mapping[str, str] | None = None,
) -> Exchange:
    located = {"location": PATH} if headers is None else headers
    answered = {"content-type": "application/json", **(located if status == 202 else {})}
    return Exchange.sent(
        target_named("phonexia").operation("startTimeAnalysis"),
        intent,
        f"http://127.0.0.1/api/technology/time-analysis?{channels}",
        [("content-type", f"multipart/form-data; boundary={BOUNDARY}")],
        form(CALL) if sent is None else sent,
        Answer(status, tuple(answered.items()), json.dumps(body).encode(), 0.01),
    )


def read(state: str, status: int = 200, **more: Any) -> Exchange:
    body: Any = {"task": {"task_id": TASK, "state": state}, **more}
    if status == 404:
        detail = {"location": [], "message": "", "type": "task.not-found", "context": {"task_id": TASK}}
        body = {"type": "resource.not-found", "message": "Resource not found.", "detail": [detail]}
    return Exchange.sent(
        target_named("phonexia").operation("getTimeAnalysis"),
        FOLLOWED,
        f"http://127.0.0.1{PATH}",
        [],
        None,
        Answer(status, (("content-type", "application/json"),), json.dumps(body).encode(), 0.01),
        path_parameters={"task_id": TASK},
    )


def channel(number: int, speech: float = 0.75, rate: float | None = 9.0, total: float = 2.5) -> dict[str, Any]:
    return {"channel_number": number, "speech_duration": speech, "speech_rate": rate, "total_duration": total}


def done(*channels: dict[str, Any]) -> Exchange:
    return read("done", result={"channel_analyses": list(channels), "reaction_analyses": []})


def rejected() -> Exchange:
    return read("rejected", error={"type": "task.validation-error", "message": "No."})


def failed() -> Exchange:
    return read("failed", error={"type": "internal", "message": "No."})


def verdict(*exchanges: Exchange) -> tuple[set[str], set[str]]:
    """Return the rules that are exercised, and those that are broken."""
    checked, broken, beyond = judged(Judge(target_named("phonexia"), Knowledge(allow_writes=True)), exchanges)
    assert beyond == []
    return {rule for rule, count in checked.items() if count}, set(broken)


REFUSED = {"type": "request.forbidden", "message": "Request forbidden.", "detail": []}


def refused(status: int, kind: str, **more: Any) -> Exchange:
    return start(status, {"type": kind, "message": "No."}, **more)


@pytest.mark.parametrize(
    "exchanges",
    [
        pytest.param([start(headers={"location": f"http://appliance:8000{PATH}"})], id="an absolute location"),
        pytest.param([start(headers={"location": f"/gateway{PATH.upper()}"})], id="capitals and a gateway"),
        pytest.param([start(), read("running"), done(channel(0), channel(1))], id="never pending"),
        pytest.param([start(), done(channel(0), channel(1)), done(channel(0), channel(1))], id="done at once"),
        pytest.param([start(), rejected(), rejected()], id="a recording of tones is rejected"),
        pytest.param([start(), read("pending"), failed()], id="failed"),
        pytest.param([start(), read("running"), read("cancelled")], id="cancelled"),
        pytest.param([start(), done(channel(0), channel(1)), read("", 404)], id="expired after its end"),
        pytest.param([start(), done(channel(0, total=2.4), channel(1, total=2.8))], id="lengths are rounded"),
        pytest.param([start(channels="channels=1"), done(channel(1))], id="a selected channel keeps its number"),
        pytest.param([start(channels="channels=1"), done(channel(0))], id="selected channels are counted anew"),
        pytest.param([start(channels="channels=1,1"), done(channel(1))], id="a channel that is selected twice"),
        pytest.param([start(sent=form(SILENT)), done(channel(0), channel(1, 0, None))], id="a silent channel"),
        pytest.param(
            [start(sent=form(SILENT), channels="channels=1"), done(channel(0, 0, None))], id="silence is selected"
        ),
        pytest.param([refused(403, "request.forbidden")], id="not licensed"),
        pytest.param([refused(413, "request.size-limit-exceeded")], id="too large"),
        pytest.param([refused(507, "storage.capacity-exceeded")], id="no room"),
        pytest.param([refused(429, "request.rate-limit-exceeded")], id="too many"),
        pytest.param([refused(400, "request.invalid", intent=NO_AUDIO)], id="no audio is refused with 400"),
        pytest.param([refused(422, "request.validation-error", intent=NO_AUDIO)], id="no audio is refused with 422"),
        pytest.param([start(intent=NO_AUDIO), read("running"), rejected()], id="no audio is rejected"),
        pytest.param(
            [refused(400, "request.invalid", sent=form(b"", field="other"), intent="no-file")], id="no file, 400"
        ),
        pytest.param(
            [refused(403, "request.forbidden", sent=form(b""), intent="no-file")], id="no file and no licence"
        ),
        pytest.param([start(channels="channels=0,%201")], id="a space is forgiven"),
    ],
)
def test_what_an_honest_appliance_may_do_raises_no_alarm(exchanges: Sequence[Exchange]) -> None:
    assert verdict(*exchanges)[1] == set()


@pytest.mark.parametrize(
    ("rule", "exchanges"),
    [
        ("start-accepted", [refused(422, "request.validation-error")]),
        ("start-location", [start(headers={})]),
        ("start-location", [start(headers={"location": PATH[:-1] + "0"})]),
        ("start-location", [start(headers={"location": f"{PATH}/result"})]),
        ("start-location", [start(headers={"location": "http://["})]),
        ("start-location", [start(headers={"location": PATH, "x-location": "/"})]),
        ("start-location-current", [start(headers={"x-location": PATH})]),
        ("started-pending", [start(body={"task": {"task_id": TASK, "state": "done"}})]),
        ("shape", [start(body={"task_id": TASK})]),
        ("state-values", [start(), read("archived")]),
        ("file-required", [start(sent=form(CALL, field="recording"), intent="no-file")]),
        ("file-required", [start(sent=form(b""), intent="generated")]),
        ("channels-form", [start(channels="channels=left")]),
        ("started-task-found", [start(), read("", 404)]),
        ("started-task-found", [start(), read("running"), read("", 404)]),
        ("task-moves-forward", [read("running"), read("pending")]),
        ("task-moves-forward", [read("running"), read("pending"), read("running")]),
        ("task-moves-forward", [done(channel(0)), read("running")]),
        ("task-moves-forward", [failed(), done(channel(0))]),
        ("selected-channels-analysed", [start(), done(channel(0))]),
        ("selected-channels-analysed", [start(), done()]),
        ("selected-channels-analysed", [start(channels="channels=1"), done(channel(0), channel(1))]),
        ("total-duration-of-the-recording", [start(), done(channel(0, total=3.1), channel(1))]),
        (
            "total-duration-of-the-recording",
            [start(), replace(done(channel(0, total=9), channel(1)), intent="by hand")],
        ),
        ("no-speech-in-silence", [start(sent=form(SILENT)), done(channel(0), channel(1, 0.5, 3.0))]),
        ("no-audio-rejected", [start(intent=NO_AUDIO), done()]),
        ("no-audio-rejected", [start(intent=NO_AUDIO), failed()]),
        ("no-audio-rejected", [start(404, {"type": "resource.not-found", "message": "No."}, intent=NO_AUDIO)]),
        ("error-type-fits-status", [refused(403, "request.invalid")]),
        ("error-type-fits-status", [refused(507, "internal")]),
    ],
)
def test_what_no_appliance_may_do_breaks_the_rule(rule: str, exchanges: Sequence[Exchange]) -> None:
    assert f"analysis.{rule}" in verdict(*exchanges)[1]


def test_a_507_is_documented_of_a_start_and_not_of_a_read() -> None:
    full = refused(507, "storage.capacity-exceeded")
    assert "analysis.no-server-error" not in verdict(full)[1]
    assert "analysis.no-server-error" in verdict(replace(read("pending"), status=507))[1]


def test_generated_files_say_nothing_about_what_is_accepted_or_rejected() -> None:
    for status, kind in ((422, "request.validation-error"), (400, "request.invalid")):
        exercised, broken = verdict(refused(status, kind, sent=form(b"chance"), intent="generated"))
        assert not exercised & {"analysis.start-accepted", "analysis.no-audio-rejected", "analysis.file-required"}
        assert broken == set()
    exercised, broken = verdict(start(sent=form(b"chance"), intent="generated"), done())
    assert not exercised & {"analysis.selected-channels-analysed", "analysis.no-audio-rejected"}
    assert broken == set()


def test_reads_that_may_overtake_each_other_do_not_show_the_order_of_states() -> None:
    reads = [replace(each, intent="known-id") for each in (read("running"), read("pending"))]
    assert "analysis.task-moves-forward" not in verdict(start(), *reads)[0]


def test_an_upload_is_read_back_from_its_request() -> None:
    upload = upload_of(start(sent=form(SILENT)))
    assert upload is not None
    assert (upload.channels, upload.silent, upload.seconds) == ((0, 1), {1}, 2.5)
    eight_bits = upload_of(start(sent=form(container(b"\x80\x00" * 100, channels=2, width=1))))
    assert eight_bits is not None
    assert eight_bits.silent == {0}
    for sent, channels in ((form(b"RIFF"), ""), (form(CALL), "channels=7"), (form(CALL, field="x"), ""), (b"", "")):
        assert upload_of(start(sent=sent, channels=channels)) is None


def test_an_upload_run_follows_each_task_until_it_has_ended() -> None:
    exchanges = uploads_run(PhonexiaProvider())
    states = [each.response_json["task"]["state"] for each in exchanges if each.operation == "getTimeAnalysis"]
    assert states.count("done") == 4 * 3
    assert states.count("rejected") == 3
    assert len({each.response_body for each in exchanges if each.status == 202}) == 5
