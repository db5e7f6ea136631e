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
FUZZ, INSTALL, ARTEFACT = (
    next(step for step in STEPS if step.get("name") == name)
    for name in ("Fuzz", "Install sleeptalk", "Name the artefact")
)
UPLOAD = STEPS[-1]

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="the step is written for bash")


def run_step(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the fuzzing step with some inputs, the others having their defaults."""
    given = {name: each.get("default", "") for name, each in ACTION["inputs"].items()} | inputs
    folder.mkdir(exist_ok=True)
    given["programs"] = sysconfig.get_path("scripts")  # the output of the step before
    environment = {
        name: re.sub(r"\$\{\{ (?:inputs|steps\.install\.outputs)\.([a-z-]+) \}\}", lambda found: given[found[1]], value)
        for name, value in FUZZ["env"].items()
    }
    environment |= {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    return by_bash(FUZZ, folder, **environment)


def by_bash(step: dict[str, Any], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does; what it puts out is in the file `output` of the folder."""
    files = {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "output")}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, **files, **environment},
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


def outputs_of(folder: Path) -> dict[str, str]:
    lines = (folder / "output").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


@needs_bash
@pytest.mark.parametrize(
    "report_dir",
    [
        "sleeptalk-report",
        "build/reports: [1]*?",
        ".hidden/../reports",
        "-r",
        "rep\u00f6rts\\x",
        '"<|>"',
        "$(touch x)",
        "a" * 200,
    ],
)
def test_an_artefact_has_a_name_that_is_allowed_and_holds_the_reports(tmp_path: Path, report_dir: str) -> None:
    folder = tmp_path / report_dir
    (tmp_path / ".hidden").mkdir()
    folder.mkdir(parents=True)
    (folder / "report.json").write_text("{}")
    names = []
    for _ in range(2):
        finished = by_bash(ARTEFACT, tmp_path, TARGET="asleep", REPORT_DIR=report_dir)
        assert (finished.returncode, finished.stderr) == (0, "")
        found = outputs_of(tmp_path)
        assert re.fullmatch(r"sleeptalk-asleep-[A-Za-z0-9._-]{1,110}", found["name"])
        assert (Path(found["path"]) / "report.json").read_text() == "{}"
        assert re.fullmatch(r"[A-Za-z0-9-]+", Path(found["path"]).name)
        names.append(found["name"])
        (tmp_path / "output").unlink()
    assert names[0] != names[1]
    assert not (tmp_path / "x").exists()


@needs_bash
def test_an_absolute_report_dir_is_kept_and_one_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "junit.xml").write_text("<testsuites/>")
    for report_dir, held in ((str(tmp_path / "reports"), ["junit.xml"]), ("absent", [])):
        finished = by_bash(ARTEFACT, tmp_path, TARGET="asleep", REPORT_DIR=report_dir)
        assert finished.returncode == 0, finished.stderr
        assert [path.name for path in Path(outputs_of(tmp_path)["path"]).iterdir()] == held


def test_the_artefact_that_is_named_is_the_one_that_is_uploaded() -> None:
    assert UPLOAD["with"]["name"] == "${{ steps.artefact.outputs.name }}"
    assert UPLOAD["with"]["path"] == "${{ steps.artefact.outputs.path }}"
    assert UPLOAD["if"] == ARTEFACT["if"] == "always()"
    assert ACTION["outputs"]["artifact"]["value"] == UPLOAD["with"]["name"]


@needs_bash
@pytest.mark.parametrize("programs", ["bin", "Scripts"])
def test_it_is_installed_where_the_system_has_the_programs_of_an_environment(tmp_path: Path, programs: str) -> None:
    """The interpreter is one that only makes a folder as `venv` does, with one that notes what it is called with."""
    noting = '#!/bin/sh\necho "$PWD: $*" >>"$RUNNER_TEMP/called"\n'
    python = tmp_path / "python"
    making = f'made="$4/{programs}"; mkdir -p "$made"; printf "%s" "$NOTING" >"$made/python"; chmod +x "$made/python"'
    python.write_text(f"#!/bin/sh\n{making}\n")
    python.chmod(0o755)
    given = {"PYTHON": str(python), "NOTING": noting, "GITHUB_ACTION_PATH": str(ROOT)}
    finished = by_bash(INSTALL, tmp_path, **given)
    assert finished.returncode == 0, finished.stderr
    assert outputs_of(tmp_path) == {"programs": str(tmp_path / "sleeptalk" / programs)}
    called = (tmp_path / "called").read_text(encoding="utf-8").splitlines()
    assert [line.partition(":")[0] for line in called] == [str(ROOT)] * 2
    assert "--require-hashes -r requirements/contract.txt" in called[0]
    assert called[1].endswith("--no-deps --no-build-isolation .")
