"""The forms in which traffic is kept: the same exchanges are judged alike in each."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from sleeptalk.recording import encode_line, schema
from tests.recording.recordings import as_cassette, as_har, callbacks, calls, judge, nights, outcomes, written

ANSWERED = [each for each in [*nights(), *calls()] if each.response is not None]
NDJSON = b"".join(map(encode_line, ANSWERED))

FORMS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "ndjson": ("traffic.ndjson", lambda: NDJSON),
    "gzip": ("traffic.ndjson.gz", lambda: gzip.compress(NDJSON)),
    "two files in one gzip": ("traffic.gz", lambda: gzip.compress(NDJSON[:0]) + gzip.compress(NDJSON)),
    "har": ("traffic.har", lambda: json.dumps(as_har(ANSWERED)).encode()),
    "indented har with a byte order mark": (
        "traffic.json",
        lambda: b"\xef\xbb\xbf" + json.dumps(as_har(ANSWERED), indent=2).encode(),
    ),
    "cassette in YAML": ("traffic.yaml", lambda: yaml.safe_dump(as_cassette(ANSWERED)).encode()),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    folder = tmp_path_factory.mktemp("ndjson")
    assert judge(written(folder / "traffic.ndjson", ANSWERED), "--report-dir", folder / "reports")[0] == 0
    return {target: outcomes(folder / "reports" / target) for target in ("asleep", "phonexia")}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_judged_alike(form: str, tmp_path: Path, expected: dict[str, dict[str, str]]) -> None:
    name, content = FORMS[form]
    (tmp_path / name).write_bytes(content())
    code, out, err = judge(tmp_path / name, "--report-dir", tmp_path / "reports")
    assert (code, err) == (0, ""), out
    for target, rules in expected.items():
        found = outcomes(tmp_path / "reports" / target)
        if form.startswith("cassette"):  # what may lack keys shows nothing about requests without one
            assert {each for each in rules if found[each] != rules[each]} <= {"session.user-id-required"}
        else:
            assert found == rules


def test_standard_input_is_read(expected: dict[str, dict[str, str]], tmp_path: Path) -> None:
    code, out, _ = judge("asleep", "-", "--report-dir", tmp_path, stdin=gzip.compress(NDJSON))
    assert code == 0
    assert out.startswith("asleep at standard input")
    assert outcomes(tmp_path) == expected["asleep"]


def test_a_cassette_in_json_of_ruby_or_schemathesis_is_read(tmp_path: Path) -> None:
    cassette = as_cassette(ANSWERED)
    cassette["http_interactions"] = cassette.pop("interactions")
    for each in cassette["http_interactions"]:
        each["response"]["status"]["code"] = str(each["response"]["status"]["code"])
        body = each["response"]["body"]
        body["string"] = body["string"].decode()
    (tmp_path / "cassette.json").write_text(json.dumps({"recorded_with": "x", **cassette}))
    assert judge("phonexia", tmp_path / "cassette.json")[0] == 0


def test_a_body_that_came_compressed_is_unpacked(tmp_path: Path) -> None:
    night = next(each for each in nights() if each.response is not None and each.response.status == 200)
    cassette = as_cassette([night])
    response = cassette["interactions"][0]["response"]
    response["headers"]["content-encoding"] = ["gzip"]
    response["body"]["string"] = gzip.compress(response["body"]["string"])
    (tmp_path / "cassette.yaml").write_text(yaml.safe_dump(cassette))
    code, out, _ = judge("asleep", tmp_path / "cassette.yaml")
    assert code == 0
    assert "No rule broken" in out


def test_a_body_that_playwright_attached_is_read_beside_the_file_and_nowhere_else(tmp_path: Path) -> None:
    night = next(each for each in nights() if each.response is not None and each.response.status == 200)
    assert night.response is not None
    folder = tmp_path / "trace"
    folder.mkdir()
    for where in (folder / "body.json", tmp_path / "outside.json"):
        where.write_text(str(night.response.body))
    for name, judged in (("body.json", 1), ("../outside.json", 0)):
        har = as_har([night], text=None, encoding=None, _file=name)
        (folder / "trace.har").write_text(json.dumps(har))
        _, out, _ = judge("asleep", folder / "trace.har")
        assert ("Not judged: 1 exchange without a recorded body." in out) == (not judged)


def test_a_body_that_was_not_kept_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    har = as_har(ANSWERED[:3], text=None, encoding=None)
    (tmp_path / "traffic.har").write_text(json.dumps(har))
    code, out, _ = judge("asleep", tmp_path / "traffic.har", "--report-dir", tmp_path / "reports")
    assert code == 2
    assert "Not judged: 3 exchanges without a recorded body." in out
    assert "None of the 3 exchanges in" in out
    report = json.loads((tmp_path / "reports" / "report.json").read_text())
    assert report["passed_over"] == [{"reason": "without a recorded body", "count": 3}]


def test_what_a_browser_waited_before_it_sent_is_not_the_receivers_time(tmp_path: Path) -> None:
    (tmp_path / "hooks.har").write_text(json.dumps(as_har(callbacks()[:2])))  # of which each was blocked for 9 s
    assert judge("callback", tmp_path / "hooks.har", "--report-dir", tmp_path / "reports")[0] == 0
    assert outcomes(tmp_path / "reports")["receiver.answers-in-time"] == "passed"


def test_the_schema_of_a_line_is_written_and_every_line_follows_it() -> None:
    code, out, _ = judge("--schema")
    assert code == 0
    assert json.loads(out) == schema()
    validator = jsonschema_rs.validator_for(schema())
    for line in NDJSON.splitlines():
        validator.validate(json.loads(line))
    validator.validate({"lost": 3})
    assert not validator.is_valid({"response": {"status": 200}})


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "a line that is not JSON": ("t.ndjson", b"%s{nonsense}\n", ", line 2: it is not JSON: "),
    "a line of a wrong type": (
        "t.ndjson",
        b'%s{"request": {"method": 1, "url": "/"}}\n',
        ", line 2: it is not a recorded exchange: Expected `str`, got `int` - at `$.request.method`",
    ),
    "a line that says nothing": ("t.ndjson", b"%s{}\n", ", line 2: it has neither a request nor how many were lost"),
    "a last line that is cut": ("t.ndjson", b'%s{"lost"', ", line 2: it is cut off: end the recording"),
    "a body that is not base64": (
        "t.ndjson",
        b'%s{"request": {"method": "POST", "url": "/", "webhook": true, "body": {"base64": "/"}}}\n',
        ": a body is not the base64 that it should be",
    ),
    "a body with more than base64": (
        "t.ndjson",
        b'%s{"request": {"method": "POST", "url": "/", "webhook": true, "body": {"base64": "e30=!?"}}}\n',
        ": a body is not the base64 that it should be",
    ),
    "a HAR file that is cut": (
        "t.har",
        b'{"log": {\n"entries": [',
        ", line 2: it is cut off: it ends before its JSON does",
    ),
    "a HAR file without entries": ("t.har", b'{"log": {}}', ": it has no entries"),
    "an entry without a request": ("t.har", b'{"log": {"entries": [{}]}}', ", entry 1: it has no request"),
    "a cassette that is not YAML": ("t.yaml", b"interactions:\n- request: [\n", ", line 3: it is not YAML: "),
    "an interaction without an address": (
        "t.yaml",
        b"interactions:\n- request: {method: GET}\n",
        ", interaction 1: it has no uri",
    ),
    "another kind of file": ("t.txt", b"hello\n", ": it is none of what can be judged: NDJSON as sleeptalk records"),
    "gzip that is cut": ("t.gz", gzip.compress(b"x" * 1000)[:-9], " is cut off: it ends before what is packed in it"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_malformed_file_is_one_sentence_and_leaves_no_report(case: str, tmp_path: Path) -> None:
    name, content, sentence = BROKEN[case]
    file = tmp_path / name
    first = encode_line(ANSWERED[0])
    file.write_bytes(content % first if b"%s" in content else content)
    code, out, err = judge("asleep" if "base64" not in case else "callback", file, "--report-dir", tmp_path / "reports")
    assert (code, out) == (2, "")
    assert f"{file}{sentence}" in err
    assert len(err.splitlines()) == 1
    assert not [each for each in (tmp_path / "reports").iterdir() if not each.name.startswith(".")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name the files to judge; - is standard input."),
        (("asleep",), "Name the files to judge; - is standard input."),
        (("asleeep", "x.har"), "asleeep is neither a target nor a file that exists: did you mean asleep?"),
        (("asleep", "missing.har"), "missing.har cannot be read (No such file or directory)."),
        (("-", "-"), "Standard input can be read only once: name - once."),
        (("x.har", "--shard", "1/2"), "--shard and --write-baseline are about one target: name it before the files."),
        (("asleep", "x.har", "--check-keys"), "--check-keys needs the right key: set ASLEEP_API_KEY."),
        (("x.har", "--rule", "nothing.*"), "--rule nothing.*: no target is judged by such a rule"),
    ],
)
def test_a_wrong_use_is_one_sentence(
    arguments: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASLEEP_API_KEY", raising=False)
    code, _, err = judge(*arguments)
    assert code == 2
    assert sentence in err


def test_nothing_of_any_target_is_said(tmp_path: Path) -> None:
    (tmp_path / "other.ndjson").write_text('{"request": {"method": "GET", "url": "https://example.com/robots.txt"}}\n')
    code, _, err = judge(tmp_path / "other.ndjson")
    assert code == 2
    assert err.startswith("sleeptalk: None of the 1 exchanges in ")
