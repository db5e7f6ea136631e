"""Stock schemathesis with our hooks: clean on an honest implementation, and on a fault it names the rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.sandbox.embedded import embedded
from sleeptalk_contract.services.registered import SERVICES
from tests.stock.schemathesis_run import faulty, provider_faults, st_run
from tests.targets import target_named

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SETTINGS = next(
    block for block in re.findall(r"^```toml\n(.*?)^```$", README, re.DOTALL | re.MULTILINE) if "[[project]]" in block
)
FAULTS = (
    "session.id-echoed:other-id",  # what generated requests show
    "session.api-key-required:capitals",  # what only a particular request shows
    "analysis.not-found-404:type",
)


@pytest.fixture(autouse=True)
def credentials_of_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded(target_named("asleep")) as served:
        monkeypatch.setenv("ASLEEP_API_KEY", served.credentials["x-api-key"])
        monkeypatch.setenv("ASLEEP_USER_ID", served.credentials["x-user-id"])


@pytest.mark.parametrize("name", ["asleep", "asleep-v3", "phonexia"])
def test_with_the_settings_of_the_readme_an_honest_implementation_is_clean(name: str) -> None:
    target = target_named(name)
    with faulty(target, None) as (served, folder):
        run = st_run(target, served, folder, "-n", "10", settings=SETTINGS)
    assert (run.code, run.failed) == (0, frozenset()), run.output
    assert re.search(rf"Contract of {name}: \d+ of {len(target.rules)} rules exercised\.", run.output), run.output


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_by_its_rule_alone(name: str) -> None:
    _, target, fault = next(each for each in provider_faults() if each[2].full_name == name)
    with faulty(target, fault) as (served, folder):
        run = st_run(target, served, folder, "-n", "5", "--phases", "fuzzing")
    assert run.code == 1, run.output
    assert run.failed == {f"{fault.rule} is broken"}


def test_a_wrong_key_is_said_and_does_not_make_rules_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", "a-key-that-opens-nothing")
    with faulty(target_named("asleep"), None) as (served, folder):
        drawn = ("-n", "20", "--seed", "1", "--phases", "fuzzing")  # malformed ids are among them
        run = st_run(target_named("asleep"), served, folder, *drawn, settings=SETTINGS)
    assert run.failed == {"asleep: requests that particular rules need were not sent"}, run.output
    assert "a-key-that-opens-nothing" not in run.output


def test_where_no_operation_is_of_the_contract_the_summary_says_that_nothing_was_judged(tmp_path: Path) -> None:
    document = tmp_path / "naps.yaml"
    document.write_text(
        "openapi: 3.1.0\ninfo: {title: Naps, version: '1'}\n"
        "paths: {/naps: {get: {operationId: getNaps, responses: {'404': {description: No naps}}}}}\n"
    )
    target = target_named("asleep")
    other = Target("naps", "Another service.", document, target.groups)
    with embedded(target) as served:
        run = st_run(other, served, tmp_path, "-n", "2", "--phases", "fuzzing", settings="# none\n")
    assert "Contract: no operation of it was answered, so that no rule was judged." in run.output, run.output


def test_each_rule_about_an_answer_is_a_check_of_its_own_id() -> None:
    from schemathesis.checks import CHECKS

    from sleeptalk_contract import hooks  # noqa: F401

    about_answers = {
        rule.id for service in SERVICES for target in service.targets for rule in target.rules_about("provider")
    }
    assert about_answers <= set(CHECKS.get_all_names())
