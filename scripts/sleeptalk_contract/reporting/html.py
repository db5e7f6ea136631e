"""report.html: one self-contained page that works offline."""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2

from sleeptalk_contract.contract.redaction import printable, shortened
from sleeptalk_contract.contract.time_zones import TIME_ZONE_DATA
from sleeptalk_contract.reporting.blocks import again, asked
from sleeptalk_contract.reporting.cases import case_name, replay_options
from sleeptalk_contract.reporting.model import Finding, Report

_LONGEST_BODY: Final = 20_000
_DEEPEST: Final = 20
"""Levels of a JSON body that are laid out; deeper nesting is no easier to read."""


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sleeptalk_contract.reporting", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["printable"] = printable
    environment.filters["request"] = _request_text
    environment.filters["answer"] = _answer_text
    environment.filters["asked"] = asked
    environment.filters["again"] = again
    environment.globals["case_name"] = case_name
    environment.globals["replay_options"] = replay_options
    return environment.get_template("report.html.jinja")


def html_report(report: Report) -> str:
    """Return a report as the text of report.html."""
    order = {"failed": 0, "passed": 1, "not-exercised": 2, "excluded": 3}
    statuses = sorted({status for _, status in report.answers})
    states = sorted({state for state, _ in report.answers})
    return _template().render(
        report=report,
        rules=sorted(report.rules, key=lambda result: order[result.outcome]),
        broken=report.of("failed"),
        statuses=statuses,
        states=states,
        accepted=[result for result in report.rules if result.accepted is not None],
        time_zone_data=TIME_ZONE_DATA,
        script=_script(),
        script_hash=base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode(),
    )


@cache
def _script() -> str:
    """Return the one script of the page, which copies commands; its policy lets no other run."""
    return Path(__file__).with_name("report.js").read_text(encoding="utf-8")


def _request_text(finding: Finding) -> str:
    if finding.case is None:
        return ""
    case = finding.case
    lines = [f"{case['method']} {case['url']}"]
    if case["key"] != "missing":
        lines.append(f"{case.get('key_header', 'key')}: [{case['key']} key, left out]")
    lines += _header_lines(case["headers"])
    return printable("\n".join(lines) + _body_text(case["body"]))


def _answer_text(finding: Finding) -> str:
    if finding.case is None:
        return ""
    case = finding.case
    if case["status"] is None:
        return f"No answer: {case['failure']} after {case['seconds']} s"
    lines = [f"{case['status']} after {case['seconds']} s", *_header_lines(case["answer_headers"])]
    return printable("\n".join(lines) + _body_text(case["answer"]))


def _header_lines(headers: object) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()] if isinstance(headers, Mapping) else []


def _body_text(body: Any) -> str:
    if body is None or body == "":
        return ""
    if isinstance(body, Mapping):
        return f"\n\n(base64) {shortened(str(body['base64']), _LONGEST_BODY)}"
    return "\n\n" + shortened(_indented(str(body)), _LONGEST_BODY)


def _indented(text: str) -> str:
    """Lay JSON out over lines, lists of numbers on one; other text stays as it is."""
    try:
        value = json.loads(text)
        return _layout(value, 0) if isinstance(value, (dict, list)) else text
    except (ValueError, RecursionError):  # reading it may work where writing it goes too deep
        return text


def _layout(value: Any, depth: int) -> str:
    pad = "  " * (depth + 1)
    if isinstance(value, dict) and value and depth < _DEEPEST:
        inner = ",\n".join(
            f"{pad}{json.dumps(key, ensure_ascii=False)}: {_layout(each, depth + 1)}" for key, each in value.items()
        )
        return f"{{\n{inner}\n{'  ' * depth}}}"
    if isinstance(value, list) and any(isinstance(each, (dict, list)) for each in value) and depth < _DEEPEST:
        inner = ",\n".join(f"{pad}{_layout(each, depth + 1)}" for each in value)
        return f"[\n{inner}\n{'  ' * depth}]"
    return json.dumps(value, ensure_ascii=False)
