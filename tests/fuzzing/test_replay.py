"""A failing exchange that is sent again."""

import json
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.fuzzing.workers import Workers
from sleeptalk_contract.reporting.files import write_reports
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.fuzzing.helpers import Quiet, credentials_of
from tests.sandbox_ids import faults_of, known_ids
from tests.targets import target_named

HONEST = {"asleep": asleep_app, "phonexia": phonexia_app, "callback": receiver_app}


def faulty(name: str) -> tuple[str, ASGIApp]:
    """Return the target of a fault, and what has the fault."""
    if name.startswith("receiver."):
        return "callback", receiver_app(faults=faults_of(name))
    target, make = ("asleep", asleep_app) if name.startswith("session.") else ("phonexia", phonexia_app)
    return target, make(faults=faults_of(name)[:1])


def failing_case(target: str, app: ASGIApp, rule: str, folder: Path) -> Path:
    """Fuzz with the particular requests only, and give the case that the report keeps."""
    with running(app) as server:
        ids = () if target == "callback" else known_ids(target)
        run = Run(Plan(target_named(target), server.url, credentials_of(target), ids), Control(), Quiet())
        with Workers(1) as workers:
            run._send_probes(workers)
        run.close()
        write_reports(run.report(), folder)
    return folder / "cases" / f"{rule}-1.json"


def replay(case: Path, app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("ASLEEP_API_KEY", SANDBOX_API_KEY)
    monkeypatch.setenv("SLEEPTALK_CALLBACK_KEY", SANDBOX_API_KEY)
    with running(app) as server:
        return cli.run(["replay", str(case), "--url", server.url])


@pytest.mark.parametrize(
    "name",
    [
        "session.id-echoed:other-id",
        "session.timezone-echoed:always-utc",
        "session.api-key-required:prefix",
        "session.key-in-query-refused:api_key",
        "session.other-user-refused:any",
        "session.no-server-error:head",
        "session.no-server-error:not-utf-8",
        "session.no-server-error:second-time",
        "session.malformed-id-422:line-end",
        "session.malformed-id-422:text",
        "analysis.not-found-404:type",
        "analysis.task-id-echoed:other-id",
        "receiver.accepts-redelivery:conflict",
        "receiver.accepts-unknown-fields:night",
        "receiver.refuses-bad-key:empty",
        "receiver.refuses-bad-key:missing",
        "receiver.refuses-non-utf-8:replaced",
    ],
)
def test_it_fails_while_the_rule_is_broken_and_passes_once_it_is_kept(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = name.partition(":")[0]
    target, app = faulty(name)
    case = failing_case(target, app, rule, tmp_path)
    assert replay(case, faulty(name)[1], monkeypatch) == 1
    assert f"{rule} is still broken." in capsys.readouterr().out
    assert replay(case, HONEST[target](), monkeypatch) == 0
    shown = capsys.readouterr().out
    assert f"{rule} is kept now." in shown
    assert SANDBOX_API_KEY not in shown


@pytest.fixture
def case(tmp_path: Path) -> Path:
    target, app = faulty("session.id-echoed:other-id")
    return failing_case(target, app, "session.id-echoed", tmp_path)


def test_without_the_key_that_was_sent_it_is_a_sentence(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ASLEEP_API_KEY", raising=False)
    assert cli.run(["replay", str(case)]) == 2
    assert "--api-key or ASLEEP_API_KEY" in capsys.readouterr().err


def test_an_implementation_that_is_gone_is_a_sentence(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", SANDBOX_API_KEY)
    assert cli.run(["replay", str(case)]) == 2
    assert "No server answers" in capsys.readouterr().err


def test_an_answer_that_does_not_exercise_the_rule_is_neither_kept_nor_broken(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(case, asleep_app("another-key"), monkeypatch) == 2
    assert "The answer does not exercise session.id-echoed." in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"rule": 1}', '{"rule": "session.id-echoed", "exchange": null, "known_ids": []}']
)
def test_what_is_not_a_case_is_refused_in_one_sentence(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.json"
    path.write_text(text, encoding="utf-8")
    assert cli.run(["replay", str(path)]) == 2
    assert "is not a case of a report" in capsys.readouterr().err


@pytest.mark.parametrize("change", [{"rule": "analysis.task-id-echoed"}, {"rule": "session.nope"}])
def test_the_rule_of_another_target_makes_no_case(
    change: dict[str, str], case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = json.loads(case.read_text(encoding="utf-8"))
    case.write_text(json.dumps({**value, **change}), encoding="utf-8")
    assert cli.run(["replay", str(case)]) == 2
    assert "is not a case of a report" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"key": "borrowed"}, "is not a case of a report"),
        ({"url": "http://[::1/data/v2/sessions/1"}, "is not an address"),
    ],
)
def test_an_exchange_that_cannot_be_sent_is_a_sentence(
    change: dict[str, str], named: str, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = json.loads(case.read_text(encoding="utf-8"))
    case.write_text(json.dumps({**value, "exchange": {**value["exchange"], **change}}), encoding="utf-8")
    assert cli.run(["replay", str(case)]) == 2
    assert named in capsys.readouterr().err


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["replay", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_delivery_is_left_to_its_sender(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads(case.read_text(encoding="utf-8"))
    delivery = {**value, "rule": "callback.shape", "exchange": {**value["exchange"], "target": "callback"}}
    case.write_text(json.dumps(delivery), encoding="utf-8")
    assert cli.run(["replay", str(case)]) == 2
    assert "sleeptalk listen" in capsys.readouterr().err


def test_a_case_of_an_earlier_version_which_names_no_operation_is_sent_by_its_address(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = json.loads(case.read_text(encoding="utf-8"))
    assert value["exchange"].pop("operation") == "getSession"
    case.write_text(json.dumps(value), encoding="utf-8")
    assert replay(case, faulty("session.id-echoed:other-id")[1], monkeypatch) == 1
    assert replay(case, asleep_app(), monkeypatch) == 0


def test_a_folder_is_every_case_of_its_report(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = faulty("session.id-echoed:other-id")[1]
    copy = case.with_name("session.id-echoed-2.json")
    copy.write_text(case.read_text(encoding="utf-8"), encoding="utf-8")
    cases = len(list(case.parent.glob("*.json")))
    for path in (tmp_path, tmp_path / "report.json", tmp_path / "cases"):
        assert replay(path, broken, monkeypatch) == 1
        assert f"{cases} cases: {cases} still broken." in capsys.readouterr().out
    assert replay(tmp_path, asleep_app(), monkeypatch) == 0
    assert f"{cases} cases: {cases} kept now." in capsys.readouterr().out


def test_a_delivery_among_others_is_passed_over_and_counts_as_not_shown(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value = json.loads(case.read_text(encoding="utf-8"))
    delivery = {**value, "rule": "callback.shape", "exchange": {**value["exchange"], "target": "callback"}}
    (case.parent / "callback.shape-1.json").write_text(json.dumps(delivery), encoding="utf-8")
    assert replay(tmp_path, asleep_app(), monkeypatch) == 2
    shown = capsys.readouterr().out
    assert "which only its sender can send again" in shown
    assert "1 not shown." in shown


def test_a_folder_without_cases_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["replay", str(tmp_path)]) == 2
    assert "has no cases" in capsys.readouterr().err


def test_a_rule_that_compares_several_exchanges_says_so_where_one_cannot_show_it(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value = json.loads(case.read_text(encoding="utf-8"))
    case.write_text(json.dumps({**value, "rule": "session.never-slept-nulls"}), encoding="utf-8")
    assert replay(case, asleep_app(), monkeypatch) == 2
    shown = capsys.readouterr().out
    assert "One exchange cannot show it" in shown
    assert "sleeptalk fuzz asleep --rule session.never-slept-nulls" in shown


class Remembering:
    """A receiver that remembers what it accepted, and answers repeats with a status of their own."""

    def __init__(self, repeated: int) -> None:
        self.repeated = repeated
        self.seen: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await Response(status_code=self.status(request, await request.body()))(scope, receive, send)

    def status(self, request: Request, content: bytes) -> int:
        if request.headers.get("x-api-key") != SANDBOX_API_KEY:
            return 401
        try:
            session = json.loads(content)["callback_data"]["session_id"] + str(hash(content))
        except (ValueError, LookupError, TypeError, RecursionError):
            return 400
        if session in self.seen:
            return self.repeated
        self.seen.add(session)
        return 204


@pytest.mark.parametrize("rule", ["receiver.accepts-redelivery", "receiver.answers-alike"])
def test_what_takes_several_deliveries_is_repeated_to_a_receiver_that_remembers_those_of_the_report(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = ["--api-key", SANDBOX_API_KEY]
    app = Remembering(repeated=409)
    with running(app) as server:
        run = ["fuzz", "callback", "--url", server.url, "--rule", rule, "--max-examples", "1", "--seed", "1"]
        assert cli.run([*run, "--strict", "--report-dir", str(tmp_path), *key]) == 1
        case = str(tmp_path / "cases" / f"{rule}-1.json")
        capsys.readouterr()
        assert cli.run(["replay", case, *key]) == 1
        shown = capsys.readouterr().out
        assert f"{rule} is still broken." in shown
        assert "204, 409" in shown
        app.repeated = 200
        assert cli.run(["replay", case, *key]) == 0
        assert f"{rule} is kept now." in capsys.readouterr().out
    with running(receiver_app("another-key")) as refusing:  # neither shows that what it accepts may come again
        assert cli.run(["replay", case, "--url", refusing.url, *key]) == 2
    assert f"The answer does not exercise {rule}." in capsys.readouterr().out
