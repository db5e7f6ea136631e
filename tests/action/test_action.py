"""action.yml, the composite action: its fuzzing step is run here by bash as GitHub runs it."""

import json
import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from sleeptalk_contract.commands.fuzz import fuzz
from sleeptalk_contract.pytest_plugin import AsleepSandbox
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider
from sleeptalk_contract.services.registered import SERVICES

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
FUZZ = next(step for step in STEPS if step.get("name") == "Fuzz")

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="the step is written for bash")


def run_step(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the fuzzing step with some inputs, the others having their defaults."""
    given = {name: each.get("default", "") for name, each in ACTION["inputs"].items()} | inputs
    program = folder / "sleeptalk" / "bin" / "sleeptalk"
    program.parent.mkdir(parents=True)
    program.symlink_to(Path(sysconfig.get_path("scripts")) / "sleeptalk")
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: given[found[1]], value)
        for name, value in FUZZ["env"].items()
    }
    environment |= {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", FUZZ["run"]],
        cwd=folder,
        env={**os.environ, "RUNNER_TEMP": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_input_is_used_and_every_used_input_is_declared() -> None:
    used = set(re.findall(r"inputs\.([a-z-]+)", json.dumps(STEPS)))
    assert used == set(ACTION["inputs"])


def test_no_input_stands_in_a_script_where_it_could_become_code() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")


def test_every_option_that_the_step_names_exists() -> None:
    named = set(re.findall(r"--[a-z-]+", FUZZ["run"] + ACTION["inputs"]["options"]["description"]))
    assert named <= {option for parameter in fuzz(SERVICES).params for option in parameter.opts}


def test_every_target_and_all_that_can_be_passed_about_it_has_an_input() -> None:
    targets = [target for service in SERVICES for target in service.targets]
    named = re.findall(r"[a-z0-9-]+", ACTION["inputs"]["target"]["description"])
    assert {target.name for target in targets} <= set(named)
    assert {credential.variable for target in targets for credential in target.credentials} <= set(FUZZ["env"])
    options = {target.known_ids.option for target in targets if target.known_ids is not None}
    assert options == set(re.findall(r"--[a-z-]+-id\b", FUZZ["run"]))
    assert {f"{option.removeprefix('--')}s" for option in options} <= set(ACTION["inputs"])


@needs_bash
def test_a_good_implementation_passes_and_leaves_its_reports(tmp_path: Path, asleep_sandbox: AsleepSandbox) -> None:
    finished = run_step(
        tmp_path,
        target="asleep",
        url=asleep_sandbox.url,
        **{
            "session-ids": " ".join(list(asleep_sandbox.known_ids.values())[:2]) + "\n20240320133000_close\n",
            "api-key": asleep_sandbox.api_key,
            "user-id": asleep_sandbox.user_id,
            "options": "--max-examples 5 --seed 1",
        },
    )
    assert finished.returncode == 0, finished.stderr
    assert asleep_sandbox.api_key not in finished.stdout
    assert json.loads((tmp_path / "sleeptalk-report" / "report.json").read_text(encoding="utf-8"))["seed"] == 1
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("### sleeptalk asleep: no rule broken; ")


@needs_bash
def test_a_rule_that_is_required_and_not_exercised_fails_the_step(
    tmp_path: Path, asleep_sandbox: AsleepSandbox
) -> None:
    inputs = {
        "session-ids": "20240320133000_close",
        "require": "session.shape session.never-slept-nulls",
        "api-key": asleep_sandbox.api_key,
        "user-id": asleep_sandbox.user_id,
        "options": "--max-examples 5 --seed 1",
    }
    finished = run_step(tmp_path, target="asleep", url=asleep_sandbox.url, **inputs)
    assert finished.returncode == 2, finished.stderr
    assert "--require asks for what was not exercised: session.never-slept-nulls." in finished.stdout


@needs_bash
def test_a_run_that_cannot_be_made_fails_the_step(tmp_path: Path) -> None:
    finished = run_step(tmp_path, target="phonexia", url="http://127.0.0.1:1", **{"task-ids": "*"})
    assert finished.returncode == 2
    assert "--task-id '*' cannot be known" in finished.stderr


@needs_bash
def test_headers_reach_the_run(tmp_path: Path) -> None:
    finished = run_step(tmp_path, target="asleep", url="http://127.0.0.1:1", headers="X-Gateway: one\nX-API-KEY: two\n")
    assert finished.returncode == 2
    assert "SLEEPTALK_HEADERS X-API-KEY is a credential of asleep" in finished.stderr


@needs_bash
def test_writes_are_allowed_by_an_input_of_their_own(tmp_path: Path) -> None:
    provider = AsleepV3Provider()
    with running(application([provider])) as server:
        inputs = {
            "api-key": provider.credentials["x-api-key"],
            "user-id": provider.credentials["x-user-id"],
            "require": "deletes.answers-204",
            "options": "--max-examples 1 --rule deletes.answers-204",
        }
        for value, code in (("true", 0), ("yes", 2)):
            folder = tmp_path / value
            finished = run_step(folder, target="asleep-v3", url=server.url, **inputs, **{"allow-writes": value})
            assert finished.returncode == code, finished.stdout
    assert "allow-writes is true or false, not 'yes'." in finished.stderr
