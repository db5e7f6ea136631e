"""`redocly drift` and `sleeptalk judge` on the same recordings, with our document: what each of them finds."""

import json
from pathlib import Path
from typing import Any

import pytest

from sleeptalk.recording import Recorded
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.node import redocly
from tests.node_tools import needs_node
from tests.recording.recordings import as_har, judge, nights, outcomes
from tests.sandbox_ids import faults_of

FOUND_BY_DRIFT = {
    "session.shape": True,
    "session.timestamp-format": True,
    "session.state-values": True,
    "session.end-time-null-while-open": True,
    "session.stat-null-unless-complete": True,
    "session.never-slept-nulls": True,
    "session.sleep-period-arithmetic": False,
    "session.id-echoed": False,
    "session.timezone-echoed": False,
    "session.times-in-requested-timezone": False,
    "session.ratio-two-decimals": False,
    "session.stage-list-lengths": False,
}
"""Whether `redocly drift` reports an error where a rule is broken: what the document says in JSON Schema, no more."""


def answers(rule: str | None = None) -> list[Recorded]:
    """Return the successes of an implementation that breaks a rule, or none."""
    faults = () if rule is None else faults_of(rule)[:1]
    return [each for each in nights(*faults) if each.response is not None and each.response.status == 200]


def har(exchanges: list[Recorded]) -> dict[str, Any]:
    """Return a HAR file as drift reads it: bodies as text, and the cookies and queries that HAR 1.2 calls for."""
    found = as_har(exchanges)
    for entry, each in zip(found["log"]["entries"], exchanges, strict=True):
        request, response = entry["request"], entry["response"]
        assert each.response is not None
        request["headers"] = [header for header in request["headers"] if not header["name"].startswith(":")]
        request |= {"queryString": [], "cookies": []}
        response["headers"] = [header for header in response["headers"] if header["name"] != "Content-Encoding"]
        response |= {"cookies": [], "content": {"mimeType": "application/json", "text": each.response.body}}
    return found


@pytest.fixture(scope="module")
def drift(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The errors that drift finds, by the rule that is broken where it finds each first; "" for honest answers."""
    exchanges, broken = answers(), [""] * len(answers())
    for rule in FOUND_BY_DRIFT:
        exchanges += answers(rule)
        broken += [rule] * (len(exchanges) - len(broken))
    path = tmp_path_factory.mktemp("drift")
    (path / "traffic.har").write_text(json.dumps(har(exchanges)))
    document, server = folder() / "asleep.yaml", "https://gateway.example/base"
    options = ("--server", server, "--min-severity", "error", "--format", "json", "-o", path / "drift.json")
    done = redocly("drift", path / "traffic.har", "--api", document, *options)
    assert (path / "drift.json").exists(), done.stderr
    report = json.loads((path / "drift.json").read_text())
    assert report["run"]["documentedExchanges"] == len(exchanges)
    found: dict[str, list[str]] = {}
    for problem in report["problems"]:
        found.setdefault(broken[problem["exchangeIndex"]], []).append(problem["message"])
    return found


@needs_node
@pytest.mark.parametrize("rule", FOUND_BY_DRIFT)
def test_drift_finds_what_is_json_schema_and_judge_the_rest_as_well(
    rule: str, drift: dict[str, list[str]], tmp_path: Path
) -> None:
    assert (rule in drift) == FOUND_BY_DRIFT[rule], drift
    (tmp_path / "traffic.har").write_text(json.dumps(har(answers(rule))))
    assert judge("asleep", tmp_path / "traffic.har", "--strict", "--report-dir", tmp_path / "reports")[0] == 1
    assert outcomes(tmp_path / "reports")[rule] == "failed"


@needs_node
def test_neither_finds_anything_in_honest_answers(drift: dict[str, list[str]], tmp_path: Path) -> None:
    assert "" not in drift
    (tmp_path / "traffic.har").write_text(json.dumps(har(answers())))
    assert judge("asleep", tmp_path / "traffic.har", "--strict")[0] == 0
