"""The cases of a report: the exchanges of its findings, one JSON file each, that `sleeptalk replay` sends again.

Keys are replaced by what they were ("right", "truncated", ...), and bodies are text. A body that is too long for a
command line, or not text, also has a file of its own, which the curl command of the finding names.
"""

import base64
import hashlib
import json
import math
import re
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from sleeptalk_contract.contract.address import redacted_url
from sleeptalk_contract.contract.bounded import RefusedError, read_json_file
from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.keys import key_kind, shell_header
from sleeptalk_contract.contract.operation import SAFE_METHODS
from sleeptalk_contract.contract.redaction import REPLACEMENT, redacted, redacted_bytes
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.reporting.model import BEYOND, ExchangeRecord, Finding, Report

CASES: Final = "cases"
"""The folder of the cases beside report.json."""

MOST_CASES: Final = 2000
"""Cases of one report that are read or sent again: more than a run keeps."""

_LEFT_OUT: Final = frozenset(
    {"user-agent", "accept-encoding", "connection", "content-length", "host"}
    | {"authorization", "proxy-authorization", "cookie"}
)
"""Request headers that every request has, and those that carry secrets, beside the keys of a target."""

_LONGEST_BODY: Final = 64 * 1024
_LONGEST_KEPT: Final = 1024 * 1024
"""Bytes of a request's body that are kept; a longer one cannot be sent again."""
_LONGEST_HEADER: Final = 1000
_LONGEST_SENT: Final = 8 * 1024
_MOST_HEADERS: Final = 50
_LONGEST_URL: Final = 16 * 1024
"""Characters of an answer's header, of one that was sent, and of an address; what is longer cannot be sent again."""
_LONGEST_INLINE: Final = 1000
"""Characters of a body that stand in a command; a longer one lies in a file."""


def record(exchange: Exchange, target: Target, key: str | None, added: Sequence[str] = ()) -> ExchangeRecord:
    """Return an exchange without keys, as reports show it and as cases keep it.

    `key` is the right API key; `added` are the names of headers that the user adds to every request.
    """
    secret = {each.header for each in target.credentials if each.secret}
    key_header = "" if target.key is None else target.key.header
    sent = exchange.request_headers
    url = redacted_url(exchange.url)
    headers = {name: redacted(text) for name, text in sent.items() if name not in secret and _is_kept(name, text)}
    size = len(exchange.request_body or b"")
    recorded: ExchangeRecord = {
        "target": target.name,
        "role": exchange.role,
        "operation": exchange.operation,
        "intent": exchange.intent,
        "method": exchange.method,
        "url": _clipped(url, _LONGEST_URL),
        "key": key_kind(sent.get(key_header), key),
        "key_header": key_header,
        "headers": _some(headers, _LONGEST_SENT),
        "body": None if exchange.request_body is None else _text(exchange.request_body, _LONGEST_KEPT),
        "status": exchange.status,
        "failure": exchange.failure,
        "seconds": 0.0 if math.isnan(exchange.seconds) else round(exchange.seconds, 3),
        "answer_headers": _some(
            {name: text for name, text in exchange.response_headers.items() if name != "set-cookie"}, _LONGEST_HEADER
        ),
        "answer": _text(exchange.response_body, _LONGEST_BODY),
    }
    if size > _LONGEST_KEPT or recorded["url"] != url or recorded["headers"] != headers:
        recorded["cut"] = size + len(url) + sum(len(name) + len(text) for name, text in headers.items())
    if added:
        recorded["added"] = list(added)
    return recorded


def _some(headers: Mapping[str, str], limit: int) -> dict[str, str]:
    """Return headers without keys, each clipped to `limit` characters, and of a great many the first ones."""
    kept = dict(list(headers.items())[:_MOST_HEADERS])
    clean = {_clipped(redacted(name), _LONGEST_HEADER): _clipped(redacted(text), limit) for name, text in kept.items()}
    if len(headers) > len(kept):
        clean["..."] = f"({len(headers)} headers in all)"
    return clean


def _clipped(text: str, limit: int) -> str:
    """Return a text without keys, clipped to `limit` characters as a body is."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters in all)"


def _is_kept(name: str, value: str) -> bool:
    return name not in _LEFT_OUT and not (name == "accept" and ("json" in value or value == "*/*"))


@cache
def _validator() -> Any:
    schema = json.loads(Path(__file__).with_name("case.schema.json").read_text(encoding="utf-8"))
    return jsonschema_rs.validator_for(schema)


def read_case_file(path: Path, within: Path | None = None) -> dict[str, Any]:
    """Return the value of a case file, as case.schema.json has it; `within` as in `read_bytes`.

    Raises OSError and RefusedError.
    """
    value: dict[str, Any] = read_json_file(path, within)
    if not _validator().is_valid(value):
        raise RefusedError("has not the form of one")
    return value


def curl(recorded: ExchangeRecord, target: Target) -> str:
    """Return the request of a record as a curl command that reads the key and added headers from the environment.

    It is to be run in the folder of the report where it names a file, see `body_file`. What was delivered to us cannot
    be sent again by a command: then the text says what came.
    """
    if recorded.get("role") == "sender":
        return _received(recorded)
    if "cut" in recorded:
        return f"{recorded['method']} {recorded['url']} with {recorded['cut']} bytes, too many to be kept"
    parts = ["curl", "-i"]
    if recorded["method"] != "GET":
        parts += ["-X", shlex.quote(recorded["method"])]
    key_header = None if target.key is None else shell_header(recorded["key"], target.key.header, target.key.variable)
    if key_header is not None:
        parts += ["-H", key_header]
    for name in recorded.get("added", []):
        parts += ["-H", f'"{name}: ${re.sub("[^a-z0-9]", "_", name).upper()}"']
    for name, value in recorded["headers"].items():
        parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    file, body = body_file(recorded), recorded["body"]
    if file is not None:
        parts += ["--data-binary", f"@{file}"]
    elif body is not None:
        parts += ["--data-binary", shlex.quote(str(body))]
    return " ".join([*parts, _address(recorded["url"], target)])


def _address(url: str, target: Target) -> str:
    """Return an address as an argument in a shell; a key in it is read from the environment."""
    variable = "" if target.key is None else target.key.variable
    return shlex.quote(url).replace(REPLACEMENT, f"'\"${{{variable}}}\"'" if variable else REPLACEMENT)


def _received(recorded: ExchangeRecord) -> str:
    """Return what was delivered to us in words: the key that came, other headers, and the body or its file."""
    header = recorded.get("key_header") or "key"
    key = {"right": f"the right {header}", "missing": f"no {header}", "empty": f"an empty {header}"}
    parts = [key.get(recorded["key"], f"a wrong {header}"), *(f"{k}: {v}" for k, v in recorded["headers"].items())]
    file, body = body_file(recorded), recorded["body"]
    sent = f"the body in {file}" if file is not None else f"the body {body}" if body else "no body"
    return f"received: {recorded['method']} {recorded['url']} with {', '.join(parts)} and {sent}"


def body_file(recorded: ExchangeRecord) -> str | None:
    """Return the path, relative to the report folder, of the file that has the body of a request.

    None for a request without a body, and for one that stands in the command.
    """
    body = body_bytes(recorded["body"])
    if body is None or (isinstance(recorded["body"], str) and len(recorded["body"]) <= _LONGEST_INLINE):
        return None
    return f"{CASES}/{hashlib.sha256(body).hexdigest()[:12]}.body"


def body_bytes(body: object) -> bytes | None:
    """Return the bytes of a body in a record; None where there is none."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, Mapping):
        return base64.b64decode(str(body["base64"]))
    return None


def _text(body: bytes, limit: int) -> str | dict[str, str]:
    """Return a body as text, or as base64 where it is not printable UTF-8; clipped to `limit` bytes.

    Keys are replaced before anything else: half a key, or one in base64, would not be found.
    """
    clean = redacted_bytes(body)
    clipped = clean[:limit]
    try:
        text = clipped.decode() if len(clean) <= limit else clipped.decode(errors="ignore")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(clipped).decode()}
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return {"base64": base64.b64encode(text.encode()).decode()}
    return text + ("" if len(clean) <= limit else f"... ({len(body)} bytes in all)")


def replay_options(case: ExchangeRecord) -> str:
    """Return what `sleeptalk replay` has to be given for a case beside its file: leave to write, where it may."""
    is_safe = case.get("role") != "provider" or case["method"] in SAFE_METHODS
    return "" if is_safe else " --allow-writes"


def case_name(rule: str, number: int) -> str:
    """Return the path of a case, relative to the report folder: of a rule (or BEYOND) and its finding, from 1."""
    return f"{CASES}/{rule}-{number}.json"


def case_files(report: Report) -> dict[str, str | bytes]:
    """Return the cases of a report, and the bodies that its commands name: the content of each file by its path."""
    named = [(result.rule.id, result.findings) for result in report.rules] + [(BEYOND, report.beyond)]
    files: dict[str, str | bytes] = {}
    for rule, findings in named:
        for number, finding in enumerate(findings, start=1):
            if finding.case is None:
                continue
            files[case_name(rule, number)] = _case(report, rule, finding)
            path = body_file(finding.case)
            if path is not None:
                files[path] = body_bytes(finding.case["body"]) or b""
    return files


def _case(report: Report, rule: str, finding: Finding) -> str:
    value = {
        "rule": rule,
        "message": finding.text,
        "where": finding.location,
        "known_ids": list(report.known_ids),
        "exchange": finding.case,
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
