"""The cases of a report: the exchanges of its findings, one JSON file each, that `sleeptalk replay` sends again.

Keys are replaced by what they were ("right", "truncated", ...), and bodies are text.
"""

import base64
import json
import re
import shlex
from collections.abc import Mapping
from typing import Final

from sleeptalk_contract.contract.address import redacted_url
from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.keys import key_kind, shell_header
from sleeptalk_contract.contract.redaction import redacted, redacted_bytes
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.reporting.model import BEYOND, ExchangeRecord, Finding, Report

CASES: Final = "cases"
"""The folder of the cases beside report.json."""

_LEFT_OUT: Final = frozenset(
    {"user-agent", "accept-encoding", "connection", "content-length", "host"}
    | {"authorization", "proxy-authorization", "cookie"}
)
"""Request headers that every request has, and those that carry secrets, beside the keys of a target."""

_LONGEST_BODY: Final = 64 * 1024


def record(exchange: Exchange, target: Target, key: str | None) -> ExchangeRecord:
    """Return an exchange without keys, as reports show it and as cases keep it; `key` is the right API key."""
    secret = {each.header for each in target.credentials if each.secret}
    key_header = "" if target.key is None else target.key.header
    sent = exchange.request_headers
    return {
        "target": target.name,
        "operation": exchange.operation,
        "intent": exchange.intent,
        "method": exchange.method,
        "url": redacted_url(exchange.url),
        "key": key_kind(sent.get(key_header), key),
        "key_header": key_header,
        "headers": {
            name: redacted(value) for name, value in sent.items() if name not in secret and _is_kept(name, value)
        },
        "body": None if exchange.request_body is None else _text(exchange.request_body, _LONGEST_BODY * 16),
        "status": exchange.status,
        "failure": exchange.failure,
        "seconds": round(exchange.seconds, 3),
        "answer_headers": {name: redacted(value) for name, value in exchange.response_headers.items()},
        "answer": _text(exchange.response_body, _LONGEST_BODY),
    }


def _is_kept(name: str, value: str) -> bool:
    return name not in _LEFT_OUT and not (name == "accept" and ("json" in value or value == "*/*"))


def is_record(value: object) -> bool:
    """Whether a JSON value is an exchange as `record` returns it, by its keys."""
    return isinstance(value, dict) and value.keys() >= ExchangeRecord.__required_keys__


def curl(recorded: ExchangeRecord, target: Target) -> str:
    """Return the request of a record as a curl command that reads the key from the environment."""
    parts = ["curl", "-i"]
    if recorded["method"] != "GET":
        parts += ["-X", shlex.quote(recorded["method"])]
    key_header = None if target.key is None else shell_header(recorded["key"], target.key.header, target.key.variable)
    if key_header is not None:
        parts += ["-H", key_header]
    for name, value in recorded["headers"].items():
        parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    url, body = shlex.quote(recorded["url"]), recorded["body"]
    if isinstance(body, Mapping):
        encoded = shlex.quote(str(body["base64"]))
        return f"printf %s {encoded} | base64 -d | {' '.join(parts)} --data-binary @- {url}"
    if body is not None:
        parts += ["--data-binary", shlex.quote(body)]
    return " ".join([*parts, url])


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


def case_name(rule: str, number: int) -> str:
    """Return the path of a case, relative to the report folder: of a rule (or BEYOND) and its finding, from 1."""
    return f"{CASES}/{rule}-{number}.json"


def case_files(report: Report) -> dict[str, str]:
    """Return the cases of a report: the text of each file by its path in the report folder."""
    named = [(result.rule.id, result.findings) for result in report.rules] + [(BEYOND, report.beyond)]
    return {
        case_name(rule, number): _case(report, rule, finding)
        for rule, findings in named
        for number, finding in enumerate(findings, start=1)
        if finding.case is not None
    }


def _case(report: Report, rule: str, finding: Finding) -> str:
    value = {
        "rule": rule,
        "message": finding.message,
        "where": finding.location,
        "known_ids": list(report.known_ids),
        "exchange": finding.case,
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
