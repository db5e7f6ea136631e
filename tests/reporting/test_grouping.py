"""One cause is said once, in words that name the fields."""

import dataclasses
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from rich.console import Console

from sleeptalk_contract.contract.exchange import Answer, Breach, Exchange, Verdict
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.replaying import read_case
from sleeptalk_contract.judging.wording import complete, wording
from sleeptalk_contract.reporting.baseline import Baseline
from sleeptalk_contract.reporting.files import write_reports
from sleeptalk_contract.reporting.findings import Findings
from sleeptalk_contract.reporting.grouping import grouped
from sleeptalk_contract.reporting.model import MOST_FINDINGS, Finding, Report
from sleeptalk_contract.reporting.terminal import show
from tests.targets import target_named

TARGET = target_named("asleep")
RECEIVER = target_named("callback")
TIMESTAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$"


def sentences(*breaches: Breach) -> list[str]:
    return [group.sentence for group in grouped(breaches)]


def zulu(*names: str) -> list[Breach]:
    words = "ends in Z: write +00:00"
    return [Breach("a.rule", f'{words} (it is "2022-08-21T09:31:17Z")', f"/result/{name}", words) for name in names]


def test_several_fields_that_break_a_rule_alike_are_one_sentence() -> None:
    assert sentences(*zulu("start_time", "end_time", "sleep_time", "wake_time")) == [
        'In /result: start_time, end_time and 2 more end in Z: write +00:00 (start_time is "2022-08-21T09:31:17Z")'
    ]
    assert sentences(*zulu("start_time", "end_time"))[0].startswith("In /result: start_time and end_time end in Z: ")
    assert sentences(*zulu("start_time")) == [
        '/result/start_time ends in Z: write +00:00 (it is "2022-08-21T09:31:17Z")'
    ]


def test_keys_that_one_object_lacks_are_one_sentence() -> None:
    lacking = [Breach("a.rule", f"lacks {name}", "/stat", f"lacks {name}") for name in ("a", "b", "c", "d")]
    assert sentences(*lacking) == ["/stat lacks a, b and 2 more"]
    assert sentences(*lacking[:2], Breach("a.rule", "lacks a", "/other", "lacks a")) == [
        "/stat lacks a and b",
        "/other lacks a",
    ]


def test_fields_with_nothing_in_common_but_the_root_are_named_by_their_pointers() -> None:
    words = "must be null"
    breaches = [Breach("a.rule", f"{words} (it is 0)", place, words) for place in ("/a/b", "/c/d/e")]
    assert sentences(*breaches) == ["/a/b and /c/d/e must be null (/a/b is 0)"]


def test_what_different_rules_say_stays_apart() -> None:
    assert len(sentences(Breach("a.rule", "is 1", "/x"), Breach("b.rule", "is 1", "/x"))) == 2


def test_what_says_nothing_of_a_place_is_about_the_body_where_it_begins_with_a_verb() -> None:
    assert sentences(Breach("a.rule", "is not JSON", "")) == ["the body is not JSON"]
    assert sentences(Breach("", "Undocumented header", "")) == ["Undocumented header"]


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "null"}, 0, "must be null (it is 0)"),
        ({"type": ["null", "string"]}, 1, "must be a string or null (it is 1)"),
        (
            {"anyOf": [{"$ref": "#/components/schemas/N"}, {"type": "null"}]},
            "x",
            'must be a number or null (it is "x")',
        ),
        ({"not": {"type": "null"}}, None, "must not be null"),
        ({"required": ["rem_ratio"]}, {}, "lacks rem_ratio"),
        ({"enum": ["OPEN", "CLOSED", "COMPLETE"]}, "DONE", 'must be OPEN, CLOSED or COMPLETE (it is "DONE")'),
        ({"enum": ["OPEN", "CLOSED"]}, "open", 'must be written OPEN (it is "open")'),
        ({"enum": [-1, 0, 1]}, 7, "must be -1, 0 or 1 (it is 7)"),
        ({"const": "COMPLETE"}, "OPEN", 'must be COMPLETE (it is "OPEN")'),
        ({"maximum": 1}, 1.01, "must be at most 1 (it is 1.01)"),
        ({"minimum": 0}, -1, "must be at least 0 (it is -1)"),
        ({"exclusiveMinimum": 0}, 0, "must be above 0 (it is 0)"),
        ({"exclusiveMaximum": 1}, 1, "must be below 1 (it is 1)"),
        ({"multipleOf": 30}, 31, "must be a multiple of 30 (it is 31)"),
        ({"maxItems": 1}, [1, 2], "must have at most 1 entry (it is a list of 2)"),
        ({"minItems": 2}, [], "must have at least 2 entries (it is an empty list)"),
        ({"minLength": 1}, "", 'must have at least 1 character (it is "")'),
        ({"maxLength": 3}, "abcd", 'must have at most 3 characters (it is "abcd")'),
        ({"minProperties": 1}, {}, "must have at least 1 key (it is an empty object)"),
        ({"uniqueItems": True}, [1, 1], "must not have an entry twice (it is a list of 2)"),
        ({"format": "uuid"}, "x", 'is not a valid uuid (it is "x")'),
        ({"contains": {"const": 1}}, [2], "lacks an entry that it must have (it is a list of 1)"),
        (
            {"properties": {"b": {}}, "additionalProperties": False},
            {"a": 1},
            "has a key that it must not have (it is an object)",
        ),
        ({"items": False}, [1], "must not be there (it is 1)"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, 'has a key that must have at most 1 character (it is "ab")'),
        ({"pattern": "^[A-Z]+$"}, "abc", 'must be in capital letters (it is "abc")'),
        ({"pattern": "^a+$", "description": "Only a. Nothing else."}, "b", "must have the form that the document"),
        ({"pattern": "^a+$", "examples": ["aaa"]}, "b", 'must have the form of "aaa" (it is "b")'),
        ({"pattern": "^a+$"}, "b", 'does not have the right form (it is "b")'),
        ({"pattern": "^(VALID|INVALID:.+)$"}, "OK", 'must be VALID or INVALID:... (it is "OK")'),
        ({"pattern": "^(a[0-9]|b)$"}, "c", "does not have the right form"),
    ],
)
def test_an_error_of_json_schema_is_put_into_words(schema: dict[str, Any], value: Any, said: str) -> None:
    root = {**schema, "components": {"schemas": {"N": {"type": "number"}}}}
    [error] = jsonschema_rs.Draft202012Validator(root, validate_formats=True).iter_errors(value)
    assert complete(*wording(error, root)).startswith(said)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2022-08-21T09:31:17Z", "ends in Z: write +00:00"),
        ("2022-08-21T09:31:17.5+09:00", "has a fraction of a second: leave it out"),
        ("2022-08-21T09:31:17.5Z", "has a fraction of a second and ends in Z"),
        ("2022-08-21T09:31:17", "has no offset from UTC"),
        ("2022-08-21T09:31:17+0900", "has an offset without a colon"),
        ("2022-08-21T09:31:17+09", "has an offset without minutes"),
        ("2022-08-21 09:31:17+09:00", "has no T between date and time"),
        ("2022-08-21T09:31+09:00", "has no seconds"),
        (" 2022-08-21T09:31:17+09:00", "has a space or a line end around it"),
        ("yesterday", "does not have the right form"),
    ],
)
def test_a_time_in_another_form_is_told_what_is_wrong_with_it_and_never_by_a_pattern(value: str, said: str) -> None:
    schema = {"pattern": TIMESTAMP}
    [error] = jsonschema_rs.Draft202012Validator(schema).iter_errors(value)
    words, shown = wording(error, schema)
    assert words.startswith(said)
    assert TIMESTAMP not in words + shown


def exchange(status: int, answer: bytes, *, intent: str = "generated", body: bytes | None = None) -> Exchange:
    return Exchange.sent(
        TARGET.operation("getSession"),
        intent,
        "http://127.0.0.1:8000/data/v2/sessions/20220821093117_hz82a",
        {"x-user-id": "user"}.items(),
        body,
        Answer(status, (("content-type", "application/json"),), answer, 0.25),
        path_parameters={"session_id": "20220821093117_hz82a"},
    )


def reported(*exchanges: tuple[Exchange, Breach]) -> Report:
    findings = Findings(TARGET, TARGET.rules.values(), None)
    for each, breach in exchanges:
        findings.add(each, Verdict({breach.rule: 1}, (breach,)))
    return findings.report("http://127.0.0.1:8000", {}, Baseline(), strict=False)


def findings_of(report: Report, rule: str) -> tuple[Finding, ...]:
    return next(result.findings for result in report.rules if result.rule.id == rule)


CRASH = Breach("session.no-server-error", "is 500", "status")


def test_a_crash_does_not_hide_behind_another_one() -> None:
    answers = [b'{"detail": "KeyError: timezone"}', b'{"detail": "ZeroDivisionError: division by zero"}']
    report = reported(*((exchange(500, answer), CRASH) for answer in (*answers, *answers)))
    kept = findings_of(report, CRASH.rule)
    assert [each.case["answer"] for each in kept if each.case] == [answer.decode() for answer in answers]
    assert [each.times for each in kept] == [2, 2]


def test_what_a_request_brings_into_an_answer_makes_it_no_other_answer() -> None:
    bodies = [b'{"name": "aardvark"}', b'{"name": "zebra"}']
    answered = [exchange(500, b"cannot read " + body, body=body, intent=body.decode()) for body in bodies]
    [kept] = findings_of(reported(*((each, CRASH) for each in answered)), CRASH.rule)
    assert (kept.times, kept.intents) == (2, tuple(body.decode() for body in bodies))


@pytest.mark.parametrize("identifier", ["nothing-like-it", "\U000d7835E$\u00e3", "0" * 9000])
def test_an_id_that_an_answer_repeats_makes_it_no_other_answer(identifier: str) -> None:
    ids = ("20220821093117_hz82a", identifier)
    answers = [json.dumps({"detail": f"The format of {each} is not valid"}).encode() for each in ids]
    exchanges = [
        dataclasses.replace(exchange(500, answer), path_parameters={"session_id": each})
        for each, answer in zip(ids, answers, strict=True)
    ]
    assert len(findings_of(reported(*((each, CRASH) for each in exchanges)), CRASH.rule)) == 1


def test_the_examples_of_one_rule_are_bounded() -> None:
    answers = [f"{'abcdefghijklmnopqrstuvwxyz'[number] * 5}".encode() for number in range(26)]
    assert len(findings_of(reported(*((exchange(500, each), CRASH) for each in answers)), CRASH.rule)) == MOST_FINDINGS


def test_the_exchange_that_shows_it_of_the_most_fields_is_the_example() -> None:
    rule, findings = "session.timestamp-format", Findings(TARGET, TARGET.rules.values(), None)
    for names in (("start_time",), ("start_time", "end_time"), ("end_time",)):
        breaches = tuple(Breach(rule, each.message, each.location, each.words) for each in zulu(*names))
        findings.add(exchange(200, b"{}"), Verdict({rule: 1}, breaches))
    [kept] = findings_of(findings.report("http://127.0.0.1", {}, Baseline(), strict=False), rule)
    assert (kept.places, kept.times) == (("/result/start_time", "/result/end_time"), 3)


def shown(report: Report, folder: Path | None = None) -> str:
    screen = io.StringIO()
    show(report, Console(file=screen, width=200), folder)
    return screen.getvalue()


def test_a_request_that_breaks_a_second_rule_refers_to_the_first() -> None:
    answer = exchange(200, b"{}")
    text = shown(
        reported(
            (answer, Breach("session.shape", "lacks stat", "/result")),
            (answer, Breach("session.state-values", "must be OPEN", "/result/session/state")),
        )
    )
    assert text.count("curl -i") == 1
    assert "by the request of session.shape, above" in text


LONG = b'{"padding": "' + b"x" * 5000 + b'"}'


def test_a_command_is_whole_and_names_the_file_of_a_long_body(tmp_path: Path) -> None:
    report = reported((exchange(500, b"", body=LONG), CRASH))
    write_reports(report, tmp_path)
    [kept] = findings_of(report, CRASH.rule)
    named = re.search(r"--data-binary @(\S+)", kept.reproduce)
    assert named is not None
    assert (tmp_path / named[1]).read_bytes() == LONG
    assert f"sleeptalk replay {tmp_path}/cases/session.no-server-error-1.json" in shown(report, tmp_path)
    without_files = shown(report)
    assert "--report-dir keeps the request" in without_files
    assert "curl" not in without_files


def test_a_body_that_is_too_long_to_be_kept_is_never_sent_again_in_part(tmp_path: Path) -> None:
    body = b"x" * (1024 * 1024 + 1)
    report = reported((exchange(500, b"", body=body), CRASH))
    [kept] = findings_of(report, CRASH.rule)
    assert kept.reproduce.endswith(" bytes, too many to be kept")
    write_reports(report, tmp_path)
    with pytest.raises(UsageError, match=r"of its 1048\d{3} bytes only a part was kept"):
        read_case(tmp_path / "cases" / f"{CRASH.rule}-1.json", [TARGET])


def test_a_delivery_is_described_and_never_a_command_with_a_key_that_did_not_come(tmp_path: Path) -> None:
    delivered = Exchange.delivered(
        RECEIVER.operation("receiveCallback"), "http://127.0.0.1:8788/", {"x-user-id": "user"}.items(), b"{}"
    )
    breach = Breach("callback.api-key-header", "is missing", "header x-api-key")
    findings = Findings(RECEIVER, RECEIVER.rules_about("sender"), "the-right-key")
    findings.add(delivered, Verdict({breach.rule: 1}, (breach,)))
    report = findings.report("http://127.0.0.1:8788", {}, Baseline(), strict=False)
    [kept] = findings_of(report, breach.rule)
    assert kept.reproduce == (
        "received: POST http://127.0.0.1:8788/ with no x-api-key, x-user-id: user and the body {}"
    )
    write_reports(report, tmp_path)
    for text in (shown(report), shown(report, tmp_path), (tmp_path / "report.html").read_text(encoding="utf-8")):
        assert "curl" not in text
        assert "sleeptalk replay cases" not in text
    assert "with no x-api-key" in shown(report)


def test_the_sentence_of_a_rule_is_bold_and_the_command_dim_on_a_terminal_alone() -> None:
    report = reported((exchange(200, b"{}"), Breach("session.shape", "lacks stat", "/result")))
    screen = io.StringIO()
    show(report, Console(file=screen, force_terminal=True, width=300, color_system="standard", no_color=False))
    lines = {line for line in screen.getvalue().splitlines() if "A session is answered" in line or "curl" in line}
    assert sorted(re.match(r"\x1b\[(\d)m", line)[1] for line in lines if re.match(r"\x1b\[(\d)m", line)) == ["1", "2"]  # type: ignore[index]
    assert "\x1b" not in shown(report)
