"""A run against data v3 writes only where that is allowed, on users that it has made, and leaves nothing behind."""

from __future__ import annotations

import io
import signal
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest
from rich.console import Console

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.exchange import Knowledge
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.hints import hint
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.reporting.files import write_reports
from sleeptalk_contract.reporting.terminal import conclude
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_CREDENTIALS, SANDBOX_USER_ID
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider
from sleeptalk_contract.services.asleep_v3.service import SERVICE
from tests.fuzzing.helpers import CREDENTIALS, SLEEPTALK, Quiet, Recording
from tests.waiting import until

from .conversation import IDS, TARGET

if TYPE_CHECKING:
    from pathlib import Path

    from sleeptalk_contract.reporting.model import Report

READS: Final = {"GET", "HEAD", "OPTIONS"}


def stored(provider: AsleepV3Provider) -> dict[str, Any]:
    """Return the users of a sandbox, with the ids of their nights."""
    return {user_id: tuple(user.nights) for user_id, user in provider.store._users.items()}


def fuzzed(*faults: str, allow_writes: bool, workers: int = 1) -> tuple[Report, Recording, AsleepV3Provider]:
    """Make a small run, and return its report, what was asked, and the sandbox."""
    provider = AsleepV3Provider()
    recording = Recording(application([provider], [fault for name in faults for fault in SERVICE.faults_named(name)]))
    with running(recording) as server:
        plan = Plan(
            TARGET,
            server.url,
            SANDBOX_CREDENTIALS,
            IDS[:1],
            seed=1,
            max_examples=5,
            allow_writes=allow_writes,
            workers=workers,
        )
        with Run(plan, Control(), Quiet()) as run:
            run.preflight()
            run.execute()
            return run.report(), recording, provider


def test_the_default_reads() -> None:
    report, recording, provider = fuzzed(allow_writes=False)
    assert {method for method, _, _, _ in recording.requests} <= READS
    assert stored(provider) == stored(AsleepV3Provider())
    assert report.exit_code == 0
    hints = {result.rule.id: result.hint for result in report.of("not-exercised") if result.rule.writes}
    assert hints.keys() == {rule.id for rule in TARGET.rules.values() if rule.writes}
    assert all("--allow-writes" in hint for hint in hints.values())


@pytest.mark.parametrize("workers", [1, 8])
def test_a_run_that_may_write_leaves_everything_as_it_was(workers: int) -> None:
    report, recording, provider = fuzzed(allow_writes=True, workers=workers)
    writes = [each for each in recording.requests if each[0] not in READS]
    assert {method for method, _, _, _ in writes} >= {"POST", "DELETE"}
    assert stored(provider) == stored(AsleepV3Provider())
    named = (SANDBOX_USER_ID, IDS[0])
    everybodys = {night for nights in stored(provider).values() for night in nights}
    for _, path, headers, body in writes:
        assert not any(each in path or each.encode() in body for each in named), path
        if SANDBOX_USER_ID in str(headers):  # only where the path names a session that nobody has
            assert path.startswith("/data/v3/sessions/"), path
            assert path.rpartition("/")[2] not in everybodys, path
    assert [result.rule.id for result in report.of("failed")] == []
    assert [result.rule.id for result in report.of("not-exercised") if result.rule.writes] == []


def test_an_id_that_the_user_has_is_never_deleted_even_where_it_comes_back_as_a_new_one() -> None:
    report, _, provider = fuzzed("users.ids-differ:same", allow_writes=True)
    assert "users.ids-differ" in {result.rule.id for result in report.of("failed")}
    assert stored(provider)[SANDBOX_USER_ID] == stored(AsleepV3Provider())[SANDBOX_USER_ID]


def test_a_case_that_writes_is_replayed_only_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", SANDBOX_API_KEY)
    report, _, _ = fuzzed("deletes.documented-status:203", allow_writes=True)
    write_reports(report, tmp_path)
    screen = io.StringIO()
    conclude(report, tmp_path, Console(file=screen, width=200))
    printed = screen.getvalue()
    assert "-1.json --allow-writes\n" in printed
    assert f"`sleeptalk replay {tmp_path} --allow-writes` sends every failing request again." in printed
    case = str(tmp_path / "cases" / "deletes.documented-status-1.json")
    recording = Recording(application([AsleepV3Provider()]))
    with running(recording) as server:
        assert cli.run(["replay", case, "--url", server.url]) == 2
        assert "is sent only with --allow-writes." in capsys.readouterr().err
        assert recording.requests == []
        assert cli.run(["replay", case, "--url", server.url, "--allow-writes"]) == 0
    assert {method for method, _, _, _ in recording.requests} == {"DELETE"}


def _told(rule: str, knowledge: Knowledge) -> str:
    return hint(TARGET.rules[rule], TARGET, knowledge)


def test_a_hint_names_the_option_that_would_exercise_a_rule() -> None:
    key = Knowledge({"x-api-key": SANDBOX_API_KEY})
    given = Knowledge(SANDBOX_CREDENTIALS)
    both = Knowledge(SANDBOX_CREDENTIALS, frozenset(IDS), allow_writes=True)
    assert _told("session.shape", given).endswith(": name one with --session-id.")
    assert _told("session.shape", key).endswith(": name one with --session-id, with --user-id.")
    assert _told("sessions.shape", key) == "It takes a user with sessions: name one with --user-id."
    assert _told("users.ids-differ", key).endswith(": give --allow-writes and --user-id.")
    assert _told("users.ids-differ", given) == "It takes two users whom the run makes: give --allow-writes."
    assert _told("deletes.no-server-error", given) == "It takes requests that write: give --allow-writes."
    assert _told("session.deleted-404", both).endswith(
        "a session of a user whom the run has made, and the run saw none."
    )


def test_an_interrupted_command_deletes_what_it_has_made() -> None:
    provider = AsleepV3Provider()
    recording = Recording(application([provider]))
    with running(recording) as server:
        command = [*SLEEPTALK, "fuzz", "asleep-v3", "--url", server.url, "--allow-writes", *CREDENTIALS]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            until(lambda: stored(provider).keys() != stored(AsleepV3Provider()).keys())
            process.send_signal(signal.SIGINT)
            printed, _ = process.communicate(timeout=60)
    assert process.returncode == 130, printed
    assert stored(provider) == stored(AsleepV3Provider())
