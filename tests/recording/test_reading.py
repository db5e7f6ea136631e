"""How recordings are read: piece by piece, and body by body, whatever their recorder has made of the bodies."""

import base64
import gzip
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from sleeptalk.recording import Binary, Recorded
from sleeptalk_contract.recording import splitting
from sleeptalk_contract.recording.cassette import interactions_in_yaml
from sleeptalk_contract.recording.files import recorded_exchanges
from sleeptalk_contract.recording.splitting import entries_of
from sleeptalk_contract.recording.text import MalformedError
from tests.recording.recordings import as_har, judge, nights

URL = "https://api.example/data/v2/sessions/20220821093117_hz82a"
ENTRIES = [{"a": '\udc80\\"]}', "b": [1, 2.5, -3e10, {"c": None}]}, 12345, "text \N{GRINNING FACE}", [], {}]


@pytest.mark.parametrize("block", [1, 2, 7, 64, 100_000])
def test_entries_are_found_wherever_the_file_is_cut_into_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "_BLOCK", block)
    document = {"x": {"entries": [0]}, "log": {"pages": [1, {"entries": [2]}], "entries": ENTRIES, "z": 1e5}, "n": 123}
    for indent in (None, 2):
        for text in (
            json.dumps(document, indent=indent),
            json.dumps(document | {"log": document["log"]}, indent=indent),
        ):
            assert list(entries_of(io.BytesIO(text.encode()), ("log", "entries"))) == ENTRIES
    assert list(entries_of(io.BytesIO(b'{"log": {"entries": []}}'), ("log", "entries"))) == []


@pytest.mark.parametrize(
    ("content", "sentence", "place"),
    [
        (b'{"log": {"entries": [1, 2', "it is cut off: it ends before its JSON does", ", line 1"),
        (b'{"log": {"entries": [1, "2', "it is not JSON: Unterminated string starting at", ", line 1"),
        (b'{"log": {"entries": [1]}', "it is cut off: it ends before its JSON does", ", line 1"),
        (b'{"log": {"entries": [1]}} x', "it is not JSON: something follows its end", ", line 1"),
        (b'{"log":\n {"entries":\n [1 2]}}', "it is not JSON: ] is missing", ", line 3"),
        (b'{"log": {"entries": [\xff]}}', "it is not JSON: it is not UTF-8", ", line 1"),
        (b'{"log": {"entries": [' + b"[" * 100_000, "it is not JSON: it is nested too deeply", ", line 1"),
        (b'{"log": {"entries": {}}}', "it has no entries", ""),
        (b'{"log": 1}', "it has no entries", ""),
        (b"{}", "it has no entries", ""),
    ],
)
def test_a_document_that_is_damaged_is_told_with_its_line(content: bytes, sentence: str, place: str) -> None:
    with pytest.raises(MalformedError) as caught:
        list(entries_of(io.BytesIO(content), ("log", "entries")))
    assert (str(caught.value), caught.value.place) == (sentence, place)


def har_of(request: dict[str, Any] | None = None, response: dict[str, Any] | None = None, **entry: Any) -> bytes:
    asked = {"method": "POST", "url": URL, "headers": []} | (request or {})
    answered = {"status": 200, "headers": [], "content": {}} | (response or {})
    return json.dumps({"log": {"entries": [{"request": asked, "response": answered} | entry]}}).encode()


def read(path: Path, content: bytes) -> Recorded:
    path.write_bytes(content)
    (found,) = recorded_exchanges(path)
    return found


BYTES = b"RIFF\xa4\x00\xff"
LENGTH = [{"name": "Content-Length", "value": str(len(BYTES))}]


@pytest.mark.parametrize(
    "text", [BYTES.decode("latin-1"), BYTES.decode(errors="surrogateescape"), base64.b64encode(BYTES).decode()]
)
def test_bytes_that_a_recorder_wrote_as_text_are_those_that_were_sent(text: str, tmp_path: Path) -> None:
    data = {"mimeType": "audio/wav", "text": text}
    for sizes in ({"headers": LENGTH}, {"bodySize": len(BYTES)}):
        found = read(tmp_path / "t.har", har_of({"postData": data, **sizes}))
        assert found.request is not None
        assert found.request.body == Binary(base64.b64encode(BYTES).decode())


@pytest.mark.parametrize("text", ["RIFF\N{REPLACEMENT CHARACTER}\0\N{REPLACEMENT CHARACTER}", "RIFF", "", None])
def test_a_request_whose_body_was_changed_or_cut_counts_as_one_without_it(text: str | None, tmp_path: Path) -> None:
    found = read(tmp_path / "t.har", har_of({"postData": {"text": text}, "headers": LENGTH}))
    assert found.request is not None
    assert found.request.body is None
    assert found.request.headers == [("Content-Length", str(len(BYTES)))]  # so that it is seen that there was one


@pytest.mark.parametrize(
    ("content", "headers", "body"),
    [
        ({"text": "{}", "size": 2}, [], "{}"),
        ({"text": "{}", "size": 900}, [], None),  # which was cut
        ({"text": "{}", "size": 22, "compression": -20}, [("Content-Encoding", "gzip")], "{}"),  # as mitmproxy counts
        ({"text": "{}"}, [("content-length", "900")], None),
        ({"text": "", "size": 0}, [("content-length", "900")], None),  # which was passed on and not kept
        ({"text": "", "size": 0}, [], None),
        ({"text": "", "size": 0}, [("content-length", "0")], ""),
        ({"text": base64.b64encode(gzip.compress(b"{}")).decode(), "encoding": "base64"}, [], Binary),
        (
            {"text": base64.b64encode(gzip.compress(b"{}")).decode(), "encoding": "base64"},
            [("content-encoding", "gzip"), ("content-length", "22")],
            "{}",
        ),
        ({"text": "{}"}, [("content-encoding", "br"), ("content-length", "6")], "{}"),
    ],
)
def test_the_body_of_an_answer_is_whole_or_not_there(
    content: dict[str, Any], headers: list[tuple[str, str]], body: Any, tmp_path: Path
) -> None:
    given = {"content": content, "headers": [{"name": name, "value": value} for name, value in headers]}
    found = read(tmp_path / "t.har", har_of(None, given)).response
    assert found is not None
    assert found.body == body or (body is Binary and isinstance(found.body, Binary))


ASIDE: dict[str, tuple[bytes, str]] = {
    "a preflight": (
        har_of(
            {"method": "OPTIONS", "headers": [{"name": "Access-Control-Request-Method", "value": "GET"}]},
            {"status": 204},
        ),
        "of a browser that asked whether it may send another (CORS)",
    ),
    "a redirect": (
        har_of({"method": "GET"}, {"status": 308, "headers": [{"name": "Location", "value": "https://x/"}]}),
        "sent on to another address",
    ),
    "a browser's cache": (har_of({"method": "GET"}, _fromCache="disk"), "answered from a cache"),
    "a service worker": (har_of({"method": "GET"}, {"_fetchedViaServiceWorker": True}), "answered from a cache"),
    "a validated cache": (har_of({"method": "GET"}, {"status": 304}), "answered from a cache"),
    "a websocket": (har_of({"method": "GET", "url": URL.replace("https", "wss")}, {"status": 101}), "of no operation"),
    "an aborted request": (har_of({"method": "GET"}, {"status": -1}), "without a whole answer"),
    "a blocked request": (har_of({"method": "GET"}, {"status": 0}), "without a whole answer"),
    "data": (har_of({"method": "GET", "url": "data:application/json,{}"}), "of no operation"),
    "a blob": (har_of({"method": "GET", "url": f"blob:{URL}"}), "of no operation"),
    "an upgrade": (har_of({"method": "GET"}, {"status": 101}), "without a whole answer"),
    "another host's": (har_of({"method": "GET", "url": "https://other.example/pixel.gif"}), "of no operation"),
}


@pytest.mark.parametrize(("name", "workers"), [*((name, 1) for name in ASIDE), ("a service worker", 2)])
def test_what_says_nothing_of_the_server_is_counted_and_not_judged(name: str, workers: int, tmp_path: Path) -> None:
    content, reason = ASIDE[name]
    (tmp_path / "t.har").write_bytes(content)
    code, out, _ = judge("asleep", tmp_path / "t.har", "--report-dir", tmp_path / "r", "--workers", workers)
    assert (code, f"Not judged: 1 exchange {reason}" in out) == (2, True), out
    report = json.loads((tmp_path / "r" / "report.json").read_text())
    assert (report["requests"], sum(each["count"] for each in report["passed_over"])) == (0, 1)


def test_a_server_error_needs_no_body_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "t.har").write_bytes(har_of({"method": "GET"}, {"status": 503}) + b"\n")
    code, out, _ = judge("asleep", tmp_path / "t.har")
    assert (code, "session.no-server-error must, broken once" in out) == (1, True), out


def test_what_is_packed_twice_or_by_another_program_is_unpacked(tmp_path: Path) -> None:
    har = json.dumps(as_har([each for each in nights() if each.response is not None])).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trace/har.har", har)
    for content in (zlib.compress(har), gzip.compress(zlib.compress(har)), packed.getvalue()):
        code, out, err = judge("asleep", "-", stdin=content)
        assert (code, err) == (0, ""), out
    for content, sentence in (
        (zlib.compress(har)[:-2000], "is cut off: it ends before what is packed in it does"),
        (packed.getvalue()[:-100], "cannot be unpacked: it is damaged"),
        (b"\x78\x9c" + b"nonsense" * 9, "cannot be unpacked: it is damaged"),
        (b"PK\x03\x04", "cannot be unpacked: it is damaged"),
    ):
        code, _, err = judge("asleep", "-", stdin=content)
        assert (code, f"standard input {sentence}" in err) == (2, True), err


def test_an_archive_without_a_har_file_and_mitmproxys_own_form_are_told_apart(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    assert "it is a ZIP archive without a HAR file" in judge("asleep", tmp_path / "a.zip")[2]
    (tmp_path / "a.flow").write_bytes(b"1234:9:websocket;0:~8:response;")
    assert "make a HAR file of it by `mitmdump -nr FILE" in judge("asleep", tmp_path / "a.flow")[2]


def interaction(body: str) -> dict[str, Any]:
    request = {"method": "GET", "uri": URL, "headers": {}, "body": None}
    return {"request": request, "response": {"status": {"code": 200}, "headers": {}, "body": {"string": body}}}


SHARED = interaction("{}")["request"]
CASSETTES: dict[str, object] = {
    "by itself": [interaction("one\n\n- two\ninteractions:\n- three\n"), interaction("\u2028"), interaction("x" * 500)],
    "with a reference to another": [interaction("{}") | {"request": SHARED} for _ in range(3)],
    "empty": [],
}


@pytest.mark.parametrize("name", CASSETTES)
@pytest.mark.parametrize("style", [None, False, True])
def test_interactions_are_read_one_by_one_or_as_a_whole(name: str, style: bool | None) -> None:
    written = yaml.dump({"interactions": CASSETTES[name], "version": 1}, default_flow_style=style).encode()
    assert ("*id" in written.decode()) == ("reference" in name)
    for content in (written, written.replace(b"\n", b"\r\n"), b"# made by hand\n---\n" + written):
        assert list(interactions_in_yaml(content)) == CASSETTES[name]


def test_what_is_wrong_in_a_later_interaction_is_told_with_its_line() -> None:
    content = yaml.dump({"interactions": [interaction("{}"), interaction("{}")]}).encode() + b"- request: [\n"
    with pytest.raises(MalformedError) as caught:
        list(interactions_in_yaml(content))
    assert caught.value.place == f", line {len(content.splitlines()) + 1}"
