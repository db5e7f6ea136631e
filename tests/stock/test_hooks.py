"""Stock schemathesis with our hooks: clean on an honest implementation, and on a fault it names the rule."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sleeptalk_contract.contract import dependencies
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.sandbox.embedded import embedded
from sleeptalk_contract.services.registered import SERVICES
from tests.sandbox_ids import known_ids
from tests.stock.schemathesis_run import ST, faulty, provider_faults, st_run
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


def test_where_schemathesis_has_no_key_the_summary_says_which_headers_it_lacks() -> None:
    with faulty(target_named("asleep"), None) as (served, folder):  # the environment has the key, for our requests
        run = st_run(target_named("asleep"), served, folder, "-n", "2", "--phases", "fuzzing", settings="# none\n")
        right = st_run(target_named("asleep"), served, folder, "-n", "2", "--phases", "fuzzing", settings=SETTINGS)
    sentence = (
        "Nothing that schemathesis sent was let in: set headers in schemathesis.toml, or -H, for x-api-key, x-user-id."
    )
    assert sentence in run.output, run.output
    assert "was let in" not in right.output, right.output


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
    assert (
        "Contract: no answer of one of its operations was judged, so that none of its rules is kept." in run.output
    ), run.output


def test_each_rule_about_an_answer_is_a_check_of_its_own_id() -> None:
    from schemathesis.checks import CHECKS

    from sleeptalk_contract import hooks  # noqa: F401

    about_answers = {
        rule.id for service in SERVICES for target in service.targets for rule in target.rules_about("provider")
    }
    assert about_answers <= set(CHECKS.get_all_names())


def test_the_settings_of_the_readme_are_the_file_that_is_installed_and_know_every_id_of_the_sandbox() -> None:
    from sleeptalk_contract.commands.documents import SCHEMATHESIS
    from sleeptalk_contract.contract.document import folder

    assert (folder() / SCHEMATHESIS).read_text("utf-8") == SETTINGS
    values = {name: tuple(each["values"]) for name, each in tomllib.loads(SETTINGS)["dictionaries"].items()}
    assert values == {
        "nights": known_ids("asleep"),
        "nights-v3": known_ids("asleep-v3"),
        "calls": known_ids("phonexia"),
    }


def test_rules_whose_checks_are_off_are_not_counted_as_exercised() -> None:
    with faulty(target_named("asleep"), None) as (served, folder):
        drawn = ("-n", "2", "--phases", "fuzzing", "--checks", "session.shape")
        run = st_run(target_named("asleep"), served, folder, *drawn, settings=SETTINGS)
    assert re.search(r"Contract of asleep: [01] of 44 rules exercised\.", run.output), run.output
    assert "Not judged, as their checks are off: session.state-values, " in run.output
    assert "particular rules need were not sent, as the check contract.requests is off." in run.output


def test_an_id_that_does_not_exist_is_said_in_the_words_of_schemathesis() -> None:
    with faulty(target_named("asleep"), None) as (served, folder):
        settings = SETTINGS.replace('"20220821093117_hz82a"', '"20240101000000_aaaaa"')
        run = st_run(target_named("asleep"), served, folder, "-n", "2", "--phases", "fuzzing", settings=settings)
    assert run.failed == {"asleep: requests that particular rules need were not sent"}, run.output
    assert "404 for path.session_id 20240101000000_aaaaa: it knows no such id for the header x-user-id" in run.output


@pytest.mark.parametrize("setting", ['tried_ids = "7a9a440c-4fc9-4422-be26-e3b0d34cf9c6"', 'tried_ids = ["moon"]'])
def test_a_setting_that_means_nothing_is_refused(setting: str) -> None:
    with faulty(target_named("phonexia"), None) as (served, folder):
        settings = f'checks."contract.requests".{setting}\n'
        run = st_run(target_named("phonexia"), served, folder, "-n", "1", settings=settings)
    assert run.code == 2, run.output
    assert "tried_ids" in run.output


TESTS_OF_A_USER = """
import hooks_of_the_user
import schemathesis
from sleeptalk_contract.contract.document import folder

schema = schemathesis.openapi.from_path(folder() / "asleep.yaml")


@schema.parametrize()
def test_it(case):
    case.call_and_validate(base_url={url!r}, headers={{"x-api-key": {key!r}}})
"""


def test_in_tests_of_pytest_with_hooks_of_ones_own_what_only_a_particular_request_shows_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, target, fault = next(each for each in provider_faults() if each[2].full_name == FAULTS[1])
    with faulty(target, fault) as (served, folder):
        (folder / "schemathesis.toml").write_text(f"generation.max-examples = 2\n{SETTINGS}", "utf-8")
        (folder / "hooks_of_the_user.py").write_text("import schemathesis\nimport sleeptalk_contract.hooks\n", "utf-8")
        text = TESTS_OF_A_USER.format(url=served.url, key=served.credentials["x-api-key"])
        (folder / "test_it.py").write_text(text, "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
            cwd=folder,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks_of_the_user", "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1, done.stdout
    assert f"{fault.rule} is broken" in done.stdout
    assert "Contract of asleep: 44 of 44 rules exercised." in done.stdout


@pytest.mark.parametrize(("version", "said"), [("4.31.1", True), ("4.32.3", True), ("5.0.0", True), ("4.33.0", False)])
def test_a_version_of_schemathesis_that_is_not_supported_is_refused_with_a_sentence(
    version: str, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "requires", lambda _: ["schemathesis<5,>=4.32.4; extra == 'contract'"])
    monkeypatch.setattr(dependencies, "version", lambda name: version if name == "schemathesis" else "0.1.0")
    sentence = dependencies.refusal("schemathesis")
    supported = f"schemathesis {version} is installed, and sleeptalk 0.1.0 supports at least 4.32.4 and below 5: "
    assert sentence.startswith(supported) if said else not sentence


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (
            "import sleeptalk_contract.contract.dependencies as it; it.version = lambda name: '4.31.0'",
            "schemathesis 4.31.0 is installed, and ",
        ),
        ("import sys; sys.modules['starlette'] = None", "The package starlette is missing: pip install "),
    ],
)
def test_st_ends_with_that_sentence_alone_and_so_it_does_without_the_extra(
    before: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "hooks_of_the_user.py").write_text(f"{before}\nimport sleeptalk_contract.hooks\n", "utf-8")
    done = subprocess.run(
        [ST, "run", "nowhere.yaml"],
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks_of_the_user"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"sleeptalk: {sentence}"), done.stdout
    assert "Traceback" not in done.stdout + done.stderr
