"""report.json, junit.xml, report.html and the cases: the same facts for programs, CI systems and people."""

import base64
import dataclasses
import datetime as dt
import hashlib
import html
import importlib.metadata
import io
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from rich.console import Console

from sleeptalk_contract.contract.exchange import Answer, Breach, Exchange, Verdict
from sleeptalk_contract.contract.redaction import REPLACEMENT, remember_key
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.baseline import Baseline
from sleeptalk_contract.reporting.cases import body_bytes, curl, record
from sleeptalk_contract.reporting.files import json_report, report_schema, write_reports
from sleeptalk_contract.reporting.findings import Findings
from sleeptalk_contract.reporting.folder import prepare_folder, reserved
from sleeptalk_contract.reporting.html import html_report
from sleeptalk_contract.reporting.junit import junit_report
from sleeptalk_contract.reporting.model import Acceptance, Report, RuleResult
from sleeptalk_contract.reporting.terminal import show
from tests.catalogues import rules_of
from tests.targets import target_named

KEY = "the-key-of-these-tests"
TARGET = target_named("asleep")
SOURCES = {rule.source.url for rule in rules_of("session")}
HOSTILE = '</pre><script>alert(1)</script>\x1b[31m\x00"&'


def exchange(
    key: str | None = KEY, body: bytes | None = None, answer: bytes = b"{}", status: int | None = 200
) -> Exchange:
    headers = {"x-user-id": "user", "user-agent": "sleeptalk"} | ({} if key is None else {"x-api-key": key})
    answered = (("content-type", "application/json"), ("x-echo", KEY))
    return Exchange.sent(
        TARGET.operation("getSession"),
        "known-id",
        "http://127.0.0.1:8000/data/v2/sessions/20220821093117_hz82a",
        headers.items(),
        body,
        Answer(status, answered, answer, 0.25, None if status else "timeout"),
        method="GET" if body is None else "POST",
        path_parameters={"session_id": "20220821093117_hz82a"},
    )


@pytest.fixture
def report() -> Report:
    remember_key(KEY)
    findings = Findings(TARGET, TARGET.rules.values(), KEY)
    state = b'{"result": {"session": {"state": "OPEN"}}}'
    findings.add(exchange(answer=state), Verdict({"session.shape": 1, "session.state-values": 1}, succeeded=True))
    broken = (
        Breach("session.shape", f"is {HOSTILE}", "/result"),
        Breach("session.shape", "has 3 of them", "/result/1"),
        Breach("session.shape", "has 4 of them", "/result/2"),
        Breach("session.validity-values", "is 'OK'", "/result/validity"),
    )
    findings.add(exchange(answer=HOSTILE.encode()), Verdict({"session.shape": 1}, broken))
    findings.add(exchange(status=None), Verdict({"session.no-server-error": 1}), beyond=["a header is missing"])
    found = findings.report(
        "http://127.0.0.1:8000", {"session.id-echoed": "Name one with --session-id."}, Baseline(), strict=False
    )
    return dataclasses.replace(found, seed=7, seconds=1.5)


def test_report_json_has_what_other_programs_rely_on(report: Report) -> None:
    value = json.loads(json_report(report))
    assert {key: value[key] for key in ("target", "url", "seed", "outcome", "requests", "seconds")} == {
        "target": "asleep",
        "url": "http://127.0.0.1:8000",
        "seed": 7,
        "outcome": "failed",
        "requests": 3,
        "seconds": 1.5,
    }
    rules = {rule["id"]: rule for rule in value["rules"]}
    assert list(rules) == [rule.id for rule in rules_of("session")]
    assert (rules["session.shape"]["outcome"], rules["session.shape"]["checked"]) == ("failed", 2)
    assert (rules["session.state-values"]["outcome"], rules["session.state-values"]["failures"]) == ("passed", [])
    assert rules["session.id-echoed"]["outcome"] == "not-exercised"
    assert {"message", "where", "reproduce"} <= set(rules["session.shape"]["failures"][0])


def test_failures_that_are_alike_are_kept_once(report: Report) -> None:
    [shape] = [result for result in report.rules if result.rule.id == "session.shape"]
    assert [failure.location for failure in shape.findings] == ["/result", "/result/1"]


def test_a_report_that_does_not_follow_its_schema_is_not_written(report: Report) -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        json_report(dataclasses.replace(report, seed=-1))


def test_the_schema_is_a_schema_and_refuses_a_failed_rule_without_failures(report: Report) -> None:
    assert jsonschema_rs.meta.is_valid(report_schema())
    value = json.loads(json_report(report))
    next(rule for rule in value["rules"] if rule["id"] == "session.shape")["failures"] = []
    assert not jsonschema_rs.validator_for(report_schema()).is_valid(value)


def test_junit_has_a_test_case_for_each_rule(report: Report) -> None:
    suite = ET.fromstring(junit_report(report)).find("testsuite")
    assert suite is not None
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert list(cases) == [rule.id for rule in rules_of("session")]
    assert suite.get("tests") == str(len(cases))
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")
    assert cases["session.shape"].find("failure") is not None
    assert cases["session.validity-values"].find("failure") is None
    assert "warning" in str(cases["session.validity-values"].findtext("system-out"))
    assert cases["session.id-echoed"].find("skipped") is not None
    assert list(cases["session.state-values"]) == []


def test_junit_reports_a_run_without_a_verdict(report: Report) -> None:
    suite = ET.fromstring(junit_report(dataclasses.replace(report, problems=("The server is gone.",)))).find(
        "testsuite"
    )
    assert suite is not None
    assert suite.get("errors") == "1"
    assert "The server is gone." in ET.tostring(suite, encoding="unicode")


class Tags(HTMLParser):
    """Collects tags and what their attributes lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in {"src", "href", "action", "data", "srcset"}]


def test_the_page_asks_nothing_of_the_network_and_runs_no_script_but_its_own(report: Report) -> None:
    page = html_report(report)
    parser = Tags()
    parser.feed(page)
    assert parser.tags.count("script") == 1
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in page
    assert all(link.startswith("#") or link in SOURCES for link in parser.links)
    assert not re.search(r"url\(|@import", page)
    assert "default-src 'none'" in page


def test_the_page_shows_verdict_rules_answers_and_failures(report: Report) -> None:
    page = html_report(dataclasses.replace(report, summary="A server of <nights>."))
    assert "sleeptalk · asleep: A server of &lt;nights&gt;." in page
    assert "The contract is broken" in page
    for rule in rules_of("session"):
        assert f">{rule.id}<" in page
        assert f'<a href="{rule.source.url}" rel="noreferrer">{rule.source.title}</a>' in page
    assert "<td>OPEN</td>" in page
    assert "curl -i" in page
    assert "Name one with --session-id." in page
    assert "a header is missing" in page


def test_no_report_holds_a_control_character_or_the_key(report: Report, tmp_path: Path) -> None:
    write_reports(report, tmp_path)
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8")
        assert KEY not in text, path
        assert not re.search(r"[\x00-\x08\x1b]", text), path


def test_a_folder_that_is_prepared_holds_no_report_of_an_earlier_run(report: Report, tmp_path: Path) -> None:
    write_reports(report, tmp_path)
    (tmp_path / "notes.txt").write_text("of the user")
    prepare_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_second_run_into_the_same_folder_is_refused_until_the_first_has_ended(report: Report, tmp_path: Path) -> None:
    with reserved(tmp_path):
        write_reports(report, tmp_path)
        with pytest.raises(UsageError, match="Another run writes its reports to"), reserved(tmp_path):
            pytest.fail("both write")
        assert (tmp_path / "report.json").exists()
    with reserved(tmp_path):
        assert not (tmp_path / "report.json").exists()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_run_that_was_killed_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / ".sleeptalk-lock").write_text("")
    with reserved(tmp_path):
        pass


def test_every_report_says_when_and_with_what_it_was_judged(report: Report) -> None:
    value = json.loads(json_report(report))
    assert dt.datetime.fromisoformat(value["started"]).tzinfo is not None
    assert value["version"] == importlib.metadata.version("sleeptalk")
    assert value["time_zone_data"].startswith("tzdata ")
    for text in (html_report(report), junit_report(report)):
        assert value["version"] in text
        assert value["time_zone_data"] in text
    assert value["started"][:10] in html_report(report)


def test_report_json_says_of_each_rule_what_it_demands_and_where_that_stands(report: Report) -> None:
    by_id = {rule.id: rule for rule in rules_of("session")}
    for entry in json.loads(json_report(report))["rules"]:
        rule = by_id[entry["id"]]
        assert entry["sentence"] == rule.sentence
        assert entry["source"] == {
            "title": rule.source.title,
            "url": rule.source.url,
            "section": rule.source.section,
        }


def test_a_failure_in_junit_has_the_sentence_of_the_rule_and_the_place(report: Report) -> None:
    suite = ET.fromstring(junit_report(report)).find("testsuite")
    assert suite is not None
    [failure] = [found for case in suite for found in case if found.tag == "failure"]
    assert str(failure.get("message")).startswith("A session is answered with status 200 ")
    assert "Seen: /result is " in str(failure.get("message"))


def test_files_of_the_user_among_the_cases_stay(report: Report, tmp_path: Path) -> None:
    write_reports(report, tmp_path)
    (tmp_path / "cases" / "mine.json").write_text("of the user")
    prepare_folder(tmp_path)
    assert [path.name for path in (tmp_path / "cases").iterdir()] == ["mine.json"]


def test_cases_of_an_earlier_run_are_removed_and_no_temporary_file_stays(report: Report, tmp_path: Path) -> None:
    write_reports(report, tmp_path)
    first = sorted(path.name for path in (tmp_path / "cases").iterdir())
    assert first == [
        "beyond-1.json",
        "session.shape-1.json",
        "session.shape-2.json",
        "session.validity-values-1.json",
    ]
    write_reports(dataclasses.replace(report, rules=(), beyond=()), tmp_path)
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"report.json", "junit.xml", "report.html"}


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="--report-dir"):
        prepare_folder(tmp_path / "file" / "folder")


@pytest.mark.parametrize(
    ("outcome", "changes"),
    [
        ("failed", {}),
        ("error", {"rules": (), "beyond": ()}),
        ("failed", {"rules": (), "strict": True}),
    ],
)
def test_the_outcome_follows_from_rules_and_strictness(
    report: Report, outcome: str, changes: dict[str, object]
) -> None:
    assert dataclasses.replace(report, **changes).outcome == outcome  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "verdict", "code", "reason"),
    [
        ({}, "passed-in-part", 0, ""),
        ({"successes": 0}, "inconclusive", 2, "No honest success was seen: no documented 2xx in 3 answers. "),
        ({"throttled": 2}, "passed-in-part", 0, ""),
        ({"throttled": 2, "unjudged": 2}, "inconclusive", 2, "2 of 3 requests were throttled (429, "),
        ({"required": ("session.shape",)}, "passed-in-part", 0, ""),
        (
            {"required": ("session.id-echoed",)},
            "inconclusive",
            2,
            "--require asks for what was not exercised: session.",
        ),
        ({"required": ("session.id-echoed",), "shard": "1/2"}, "passed-in-part", 0, ""),
        ({"problems": ("The server is gone.",), "successes": 0}, "inconclusive", 2, "The server is gone."),
        ({"interrupted": True}, "inconclusive", 130, ""),
        ({"strict": True, "successes": 0}, "broken", 1, ""),
    ],
)
def test_a_run_that_saw_too_little_is_inconclusive_and_every_report_says_why(
    report: Report, changes: dict[str, Any], verdict: str, code: int, reason: str
) -> None:
    rules = tuple(result for result in report.rules if result.outcome != "failed")
    found = dataclasses.replace(report, **{"rules": rules, **changes})
    value = json.loads(json_report(found))
    assert (found.verdict, value["verdict"], found.exit_code) == (verdict, verdict, code)
    assert value["reason"].startswith(reason)
    assert bool(value["reason"]) == bool(reason)
    assert value["throttled"] == found.throttled
    suite = ET.fromstring(junit_report(found)).find("testsuite")
    assert suite is not None
    assert suite.get("errors") == ("1" if reason else "0")
    for text in (html_report(found), shown(found)):
        assert html.escape(reason) in text or reason in text
        assert (found.headline[0].upper() + found.headline[1:]) in html.unescape(text)
        assert found.url in text


def test_a_run_that_exercised_every_must_rule_passes_as_a_whole(report: Report) -> None:
    rules = tuple(RuleResult(result.rule, checked=int(result.rule.level == "must")) for result in report.rules)
    found = dataclasses.replace(report, rules=rules, beyond=())
    assert (found.verdict, found.headline) == ("passed", "the contract holds")
    assert "rules were not exercised." in shown(found)


def shown(report: Report) -> str:
    screen = io.StringIO()
    show(report, Console(file=screen, width=200))
    return screen.getvalue()


def test_an_accepted_failure_does_not_fail_the_run(report: Report) -> None:
    accepted = tuple(
        dataclasses.replace(result, accepted=Acceptance("ticket 7", "2030-01-31")) if result.broken else result
        for result in report.rules
    )
    passed = dataclasses.replace(report, rules=accepted)
    assert (passed.outcome, passed.exit_code) == ("passed", 0)
    assert "accepted until 2030-01-31: ticket 7" in html_report(passed)
    assert json.loads(json_report(passed))["rules"][0]["accepted"] == {"reason": "ticket 7", "expires": "2030-01-31"}


def test_an_interrupted_run_exits_130(report: Report) -> None:
    assert dataclasses.replace(report, interrupted=True).exit_code == 130


SENT = {  # what the key was: the headers that a shell makes from the curl command
    KEY: f"x-api-key: {KEY}",
    KEY[:-1]: f"x-api-key: {KEY[:-1]}",
    KEY + "x": f"x-api-key: {KEY}x",
    KEY.swapcase(): f"x-api-key: {KEY.swapcase()}",
    "": "x-api-key;",
    "something else": "x-api-key: a-wrong-key",
}


@pytest.mark.parametrize("key", SENT)
def test_a_curl_command_makes_the_key_that_was_sent_from_the_environment(key: str) -> None:
    command = curl(record(exchange(key, body=b'{"it": "isn\'t"}'), TARGET, KEY), TARGET)
    assert KEY not in command
    script = f"curl() {{ printf '%s\\n' \"$@\"; }}; {command}"
    done = subprocess.run(
        ["sh", "-c", script],
        env={"ASLEEP_API_KEY": KEY, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    arguments = done.stdout.splitlines()
    assert SENT[key] in arguments
    assert "x-user-id: user" in arguments
    assert '{"it": "isn\'t"}' in arguments
    assert arguments[-1].endswith("/20220821093117_hz82a")


def test_a_missing_key_is_missing_from_the_command() -> None:
    assert "x-api-key" not in curl(record(exchange(None), TARGET, KEY), TARGET)


@pytest.mark.parametrize("secret", [KEY, KEY[:-1], KEY.swapcase()])
@pytest.mark.parametrize("body", [b"\xff\xfe %s", b"\x00 %s", b"text %s"], ids=["no UTF-8", "unprintable", "text"])
def test_a_key_is_left_out_of_every_kind_of_body(body: bytes, secret: str) -> None:
    remember_key(KEY)
    sent = body % secret.encode()
    shown = record(exchange(body=sent, answer=sent), TARGET, KEY)
    assert REPLACEMENT.encode() in (body_bytes(shown["body"]) or b"")
    assert secret.encode() not in (body_bytes(shown["body"]) or b"") + (body_bytes(shown["answer"]) or b"")


def test_a_key_is_left_out_where_a_long_body_is_cut() -> None:
    remember_key(KEY)
    answer = b"." * (64 * 1024 - 5) + KEY.encode()
    assert KEY[:5] not in str(record(exchange(answer=answer), TARGET, KEY)["answer"])


@pytest.mark.parametrize("name", ["authorization", "proxy-authorization", "cookie"])
def test_headers_that_carry_secrets_are_left_out(name: str) -> None:
    sent = exchange()
    with_secret = dataclasses.replace(sent, request_headers={**sent.request_headers, name: "Basic abcd"})
    assert record(with_secret, TARGET, KEY) == record(sent, TARGET, KEY)


@pytest.mark.parametrize("body", [b"", b'{"a": 1}', b"\xff\xfe{", b"\x00\x01", "잠".encode()])
def test_a_stored_body_is_the_body_that_was_sent(body: bytes) -> None:
    shown = record(exchange(body=body), TARGET, KEY)
    assert body_bytes(json.loads(json.dumps(shown))["body"]) == body
