"""What is found in recorded traffic: the rules that it breaks, and nothing that it does not show."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sleeptalk.runtime.recorded import KEY as SOME_KEY
from sleeptalk.runtime.recorded import RIGHT_KEY, WRONG_KEY, Recorded, RecordedRequest, RecordedResponse, encode_line
from sleeptalk_contract.judging.case import Recent
from tests.recording.recordings import KEY, as_cassette, as_har, callbacks, calls, judge, nights, outcomes, written
from tests.sandbox_ids import faults_of, known_ids
from tests.targets import target_named

SECRET = "s3cret-Key-9f1c77aa"  # opens nothing

IN_A_SINGLE_EXCHANGE = {
    "session.shape:not-json": nights,
    "session.timestamp-format": nights,
    "session.sleep-period-arithmetic": nights,
    "session.not-found-404": nights,
    "analysis.task-id-echoed": calls,
    "analysis.no-server-error": calls,
    "callback.window-length": callbacks,
    "callback.delivery-order": callbacks,
    "callback.complete-once": callbacks,
}


def test_honest_traffic_breaks_nothing(tmp_path: Path) -> None:
    file = written(tmp_path / "traffic.ndjson", [*nights(), *calls(), *callbacks()])
    for given in ((), ("--api-key", KEY)):
        code, out, err = judge(file, "--strict", "--report-dir", tmp_path / "reports", *given)
        assert (code, err) == (0, ""), out
        assert {name.name for name in (tmp_path / "reports").iterdir()} == {"asleep", "callback", "phonexia"}


@pytest.mark.parametrize("fault", IN_A_SINGLE_EXCHANGE)
def test_what_the_vendor_breaks_is_named(fault: str, tmp_path: Path) -> None:
    rule = fault.partition(":")[0]
    for planted in faults_of(fault)[:1]:
        file = written(tmp_path / "traffic.ndjson", IN_A_SINGLE_EXCHANGE[fault](planted))
        ids = [f"--session-id={each}" for each in known_ids("asleep")] if rule.startswith("session") else []
        _, _, _ = judge(file, "--report-dir", tmp_path / "reports", "--api-key", KEY, *ids)
        folder = next(each for each in (tmp_path / "reports").iterdir() if rule in outcomes(each))
        assert outcomes(folder)[rule] == "failed"


def test_a_delivery_is_judged_for_its_sender_and_its_receiver(tmp_path: Path) -> None:
    refused = [
        msgspec.structs.replace(each, response=RecordedResponse(500, body="oops"))
        for each in callbacks(*faults_of("callback.window-length")[:1])
    ]
    code, out, _ = judge("callback", written(tmp_path / "t.ndjson", refused), "--report-dir", tmp_path / "r")
    assert code == 1
    found = outcomes(tmp_path / "r")
    assert found["callback.window-length"] == found["receiver.never-5xx"] == "failed"
    assert json.loads((tmp_path / "r" / "report.json").read_text())["requests"] == len(refused)
    assert "the right x-api-key" in out  # of a delivery that was received
    assert "sleeptalk replay" in out  # of an answer that can be asked for again


def test_deliveries_are_known_by_their_bodies_by_their_headers_or_by_their_path(tmp_path: Path) -> None:
    delivery = callbacks()[0]
    assert delivery.request is not None
    request = delivery.request
    bare = msgspec.structs.replace(delivery, request=msgspec.structs.replace(request, headers=[]))
    unreadable = msgspec.structs.replace(delivery, request=msgspec.structs.replace(request, body="{"))
    stranger = msgspec.structs.replace(delivery, request=msgspec.structs.replace(request, headers=[], body="{}"))
    file = written(tmp_path / "t.ndjson", [bare, unreadable, stranger])
    _, out, _ = judge("callback", file)
    assert "Not judged: 1 exchange of no operation." in out
    _, out, _ = judge("callback", file, "--webhook-path", "/base/hook")
    assert "of no operation" not in out
    _, out, _ = judge("callback", file, "--webhook-path", "/other")
    assert "None of the 3 exchanges in" in out


@pytest.mark.parametrize(
    ("key", "status", "outcome"),
    [
        (KEY, 200, "passed"),
        (SECRET, 200, "failed"),
        (None, 200, "failed"),
        (SOME_KEY, 200, "passed"),
        ("[Filtered]", 200, "passed"),
        ("***", 200, "passed"),
        (RIGHT_KEY, 200, "passed"),
        (WRONG_KEY, 200, "failed"),
        (SOME_KEY, 401, "passed"),
        (WRONG_KEY, 401, "passed"),
    ],
)
def test_a_key_that_was_left_out_is_neither_right_nor_wrong(
    key: str | None, status: int, outcome: str, tmp_path: Path
) -> None:
    night = next(each for each in nights() if each.response is not None and each.response.status == 200)
    assert night.request is not None
    assert night.response is not None
    headers = [(name, value) for name, value in night.request.headers if name != "x-api-key"]
    headers += [] if key is None else [("X-API-Key", key)]
    answer = night.response if status == 200 else RecordedResponse(401, [("content-type", "application/json")], "{}")
    changed = msgspec.structs.replace(
        night, request=msgspec.structs.replace(night.request, headers=headers), response=answer
    )
    file = written(tmp_path / "t.ndjson", [night, changed])
    judge("asleep", file, "--api-key", KEY, "--report-dir", tmp_path / "r")
    failed = {rule for rule, found in outcomes(tmp_path / "r").items() if found == "failed"}
    assert failed == ({"session.api-key-required"} if outcome == "failed" else set())


def test_keys_that_a_cassette_lacks_break_nothing(tmp_path: Path) -> None:
    answered = [each for each in nights() if each.response is not None]
    (tmp_path / "cassette.json").write_text(
        json.dumps(as_cassette(answered, "x-api-key", "x-user-id"), default=lambda body: body.decode())
    )
    code, out, _ = judge("asleep", tmp_path / "cassette.json", "--api-key", KEY)
    assert code == 0, out
    assert re.search(r"Not judged: \d+ exchanges refused, whose credentials may have been left out", out)


def test_keys_of_a_recording_reach_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASLEEP_API_KEY", raising=False)
    body = json.dumps({"detail": f"no such key: {SECRET}", "cookie": "c00kie-Of-The-Session"})
    broken = Recorded(
        request=RecordedRequest(
            "GET",
            f"https://u:p4ss-Word@h.example/data/v2/sessions/20220821093117_hz82a?api_key=q0ery-Key-77&x={SECRET}",
            [("X-Api-Key", SECRET), ("x-user-id", "u"), ("Authorization", "Bearer t0ken-Of-Mine")],
        ),
        response=RecordedResponse(
            200,
            [("content-type", "application/json"), ("Set-Cookie", "id=c00kie-Of-The-Session"), ("x-echo", SECRET)],
            body,
        ),
    )
    code, out, err = judge("asleep", written(tmp_path / "t.ndjson", [broken]), "--report-dir", tmp_path / "r")
    assert code == 1
    files = [path.read_text() for path in (tmp_path / "r").rglob("*") if path.is_file()]
    for text in (out, err, *files):
        for secret in (SECRET, "q0ery-Key-77", "t0ken-Of-Mine", "p4ss-Word"):
            assert secret not in text
    har = tmp_path / "t.har"
    har.write_text(json.dumps(as_har([broken])))
    _, out, err = judge("asleep", har)
    assert SECRET not in out + err


def test_what_was_not_seen_was_not_kept(tmp_path: Path) -> None:
    file = written(tmp_path / "t.ndjson", [*nights(), Recorded(lost=3)])
    code, out, _ = judge("asleep", file)
    assert code == 2
    assert "3 exchanges were not recorded" in out
    unanswered = [msgspec.structs.replace(each, response=None, failure="timeout") for each in nights()[:2]]
    code, out, _ = judge("asleep", written(tmp_path / "u.ndjson", [*nights(), *unanswered]))
    assert code == 0
    assert "Not judged: 2 exchanges without a whole answer." in out
    not_modified = [
        msgspec.structs.replace(
            each,
            request=msgspec.structs.replace(each.request, headers=[*each.request.headers, ("If-None-Match", '"1"')]),
            response=RecordedResponse(304),
        )
        for each in nights()[:1]
        if each.request is not None
    ]
    code, out, _ = judge("asleep", written(tmp_path / "c.ndjson", [*nights(), *not_modified]), "--strict")
    assert code == 0
    assert "Not judged: 1 exchange answered from a cache." in out


def test_rules_are_required_chosen_and_accepted_as_for_fuzz(tmp_path: Path) -> None:
    rule = "session.sleep-period-arithmetic"
    honest = written(tmp_path / "honest.ndjson", nights()[:1])
    assert judge("asleep", honest)[0] == 0
    code, out, _ = judge("asleep", honest, "--require", "must")
    assert (code, "--require asks for what was not exercised" in out) == (2, True)
    broken = written(tmp_path / "broken.ndjson", nights(*faults_of(rule)[:1]))
    assert judge("asleep", broken, "--write-baseline", tmp_path / "known.yaml")[0] == 1
    assert judge("asleep", broken, "--baseline", tmp_path / "known.yaml")[0] == 0
    assert judge(broken, "--baseline", tmp_path / "known.yaml")[0] == 0
    known = (tmp_path / "known.yaml").read_text()
    (tmp_path / "expired.yaml").write_text(re.sub(r"expires: .*", "expires: '2020-01-01'", known))
    (tmp_path / "elsewhere.yaml").write_text(known.replace("time_in_sleep_period", "time_in_bed"))
    for named in ((), ("asleep",)):
        assert judge(*named, broken, "--baseline", tmp_path / "expired.yaml")[0] == 1
        assert judge(*named, broken, "--baseline", tmp_path / "elsewhere.yaml")[0] == 1
        code, out, _ = judge(*named, honest, "--baseline", tmp_path / "known.yaml")
        assert (code, "is stale: nothing that it accepts was found" in out) == (0, True)
    assert judge(broken, "--rule", "session.shape")[0] == 0
    assert judge("asleep", broken, "--exclude", rule)[0] == 0


def test_a_stray_refusal_of_another_target_counts_where_that_is_asked_for(tmp_path: Path) -> None:
    refused = [each for each in calls() if each.response is not None and each.response.status == 404][:1]
    file = written(tmp_path / "t.ndjson", [*nights(), *refused])
    code, out, _ = judge(file, "--report-dir", tmp_path / "reports")
    assert code == 0, out
    assert "Not judged: phonexia, of which only refusals were seen (1 exchange)" in out
    assert {each.name for each in (tmp_path / "reports").iterdir()} == {"asleep"}
    assert judge("phonexia", file)[0] == 2
    assert judge(file, "--require", "analysis.not-found-404")[0] == 2
    code, out, _ = judge(written(tmp_path / "refused.ndjson", refused))
    assert (code, "No honest success was seen" in out) == (2, True)


def test_workers_read_lines_with_carriage_returns_and_without_an_end(tmp_path: Path) -> None:
    file = written(tmp_path / "t.ndjson", nights())
    file.write_bytes(file.read_bytes().replace(b"\n{", b"\n{\r").rstrip(b"\n"))
    for workers in (1, 2):
        code, _, problems = judge("asleep", file, "--report-dir", tmp_path / str(workers), "--workers", workers)
        assert code == 0, problems
    assert outcomes(tmp_path / "1") == outcomes(tmp_path / "2")


@pytest.mark.parametrize("workers", [1, 2])
def test_shards_and_workers_together_find_what_one_finds(workers: int, tmp_path: Path) -> None:
    order, arithmetic = faults_of("callback.delivery-order")[0], faults_of("callback.window-length")[0]
    traffic = [*callbacks(order), *callbacks(arithmetic), *callbacks(order)]
    file = written(tmp_path / "t.ndjson", [*traffic, *nights()])
    whole = ("callback", file, "--report-dir", tmp_path / "whole")
    assert judge(*whole)[0] == 1
    for number in (1, 2):
        judge(
            *whole[:3], tmp_path / str(number), "--shard", f"{number}/2", "--workers", workers
        )  # fmt: skip  # each in a folder of its own
    done = subprocess.run(
        [sys.executable, "-m", "sleeptalk_contract", "report", "merge", "1", "2", "--report-dir", "merged"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    one, joined = (json.loads((tmp_path / name / "report.json").read_text()) for name in ("whole", "merged"))
    assert {rule["id"]: (rule["checked"], rule["broken"]) for rule in joined["rules"]} == {
        rule["id"]: (rule["checked"], rule["broken"]) for rule in one["rules"]
    }
    for name in ("requests", "successes", "answers", "passed_over"):
        assert joined[name] == one[name]


def test_a_big_recording_is_read_in_constant_memory(tmp_path: Path) -> None:
    lines = [encode_line(each) for each in [*nights(), *callbacks()]]
    block = b"".join(lines)
    file = tmp_path / "big.ndjson"
    with file.open("wb") as stream:
        for number in range(60):
            stream.write(block.replace(b"20220821093117_hz82a", b"202208210931%02d_hz82a" % number))
    assert file.stat().st_size > 15_000_000
    program = (
        "import resource, sys; from sleeptalk_contract.commands.program import run;"
        "code = run(sys.argv[1:]); print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
    )

    def peak(path: Path) -> int:
        done = subprocess.run(
            [sys.executable, "-c", program, "judge", "callback", str(path)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31)),
            env={**os.environ, "PYTHONMALLOC": "default"},
        )
        assert done.returncode in (0, 1), done.stderr
        return int(done.stdout.split()[-1])

    small = tmp_path / "small.ndjson"
    small.write_bytes(block * 3)
    assert peak(file) - peak(small) < 20_000  # kB


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_that_is_interrupted_reports_what_it_has_judged(workers: str, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "sleeptalk_contract", "judge", "asleep", "-", "--report-dir", str(tmp_path)]
    block = b"".join(map(encode_line, nights()))
    judging = subprocess.Popen([*program, "--workers", workers], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert judging.stdin is not None
    for _ in range(2_000_000 // len(block)):  # more than waits in pipes, so that some of it has been read
        judging.stdin.write(block)
    judging.stdin.flush()
    judging.send_signal(signal.SIGINT)
    out, _ = judging.communicate(block, timeout=120)
    assert (judging.returncode, b"The run ended early: interrupted." in out) == (130, True)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["requests"] > 0
    assert report["stopped"] == "interrupted"


def test_a_callback_of_each_version_finds_its_own_target(tmp_path: Path) -> None:
    versions = ("callback", "callback-v2", "callback-v3")
    exchanges = []
    for name in versions:
        deliver = target_named(name).deliveries
        assert deliver is not None
        exchanges += [
            Recorded(
                request=RecordedRequest("POST", "/hook", list(each.headers.items()), each.body.decode()),
                response=RecordedResponse(204),
                seconds=0.01,
            )
            for deliveries in deliver({}).values()
            for each in (*deliveries[:1], *deliveries[1:][-1:])
        ]
    code, out, _ = judge(written(tmp_path / "t.ndjson", exchanges), "--report-dir", tmp_path / "r")
    assert code == 0, out
    assert {each.name for each in (tmp_path / "r").iterdir()} == set(versions)


def test_what_is_remembered_of_traffic_is_bounded() -> None:
    recent: Recent[int, int] = Recent()
    recent.most = 3
    for number in range(3):
        recent[number] = number
    assert recent.setdefault(0, 7) == 0  # asked for last
    recent[3] = 3
    assert list(recent.items()) == [(2, 2), (0, 0), (3, 3)]


def test_deliveries_of_a_session_and_requests_of_a_user_are_judged_together() -> None:
    assert target_named("callback").lane({}, {"callback_data": {"session_id": "one"}}) == "one"
    session = {"event": "SESSION_COMPLETE", "data": {"session": {"id": "one"}}}
    for name in ("callback-v2", "callback-v3"):
        assert target_named(name).lane({}, session) == "one"
    assert target_named("asleep-v3").lane({"x-user-id": "one"}, None) == "user one"
    assert target_named("asleep").lane({"x-user-id": "one"}, None) == ""


@pytest.mark.parametrize("identifier", ["00000000000000_00000", "nonsense"])
def test_a_request_that_is_wrong_in_two_ways_may_be_refused_for_either(identifier: str, tmp_path: Path) -> None:
    headers = [("x-api-key", KEY), ("x-user-id", "somebody"), ("timezone", "0" * 65)]
    details = ("The invalid timezone is provided", f"The format of sleep session id {identifier} is not valid", "no")
    for detail, broken in zip(details, (False, False, True), strict=True):
        exchange = Recorded(
            request=RecordedRequest("GET", f"https://x.example/data/v3/sessions/{identifier}", headers),
            response=RecordedResponse(400, [("content-type", "application/json")], json.dumps({"detail": detail})),
        )
        code, out, _ = judge("asleep-v3", written(tmp_path / "t.ndjson", [exchange]), "--strict")
        assert (code == 1) == broken, out
